"""Ask several services the same query at the same time."""

from __future__ import annotations

import contextvars
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from flask import g

from gateway.calls import actor
from gateway.frame import frame
from services.kernel.errors import NotFound, Unavailable

#: Threads of one gateway process for such queries.
THREADS = 16
#: Seconds to wait for one service; the answer then goes out without it.
TIMEOUT_SECONDS = 5.0


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="ask")


def ask_each(name: str, services: Mapping[str, str | None]) -> dict[str, Any]:
    """Ask each service the query `name`. `services`: service → the bureau whose queue is asked, where it runs per bureau.
    The answer is None for a service that is away or that runs an older release without this query.

    Raises any other error of a service."""
    caller, who, correlation_id = frame().caller, actor(), g.correlation_id

    def ask(service: str, bureau: str | None) -> Any:
        try:
            return caller.call(service, name, {}, who, bureau=bureau, correlation_id=correlation_id, timeout=TIMEOUT_SECONDS)
        except Unavailable:
            return None
        except NotFound as error:
            if error.code == "unknown_operation":
                return None
            raise

    asked = {
        service: _pool().submit(contextvars.copy_context().run, ask, service, bureau) for service, bureau in services.items()
    }
    return {service: answer.result() for service, answer in asked.items()}
