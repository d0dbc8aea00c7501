"""Send the same query to several services at the same time."""

from __future__ import annotations

import contextvars
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from flask import g

from gateway.service_client import actor, caller_of
from services.kernel.errors import NotFound, Unavailable
from services.kernel.registry import PER_BUREAU

#: The number of threads that one gateway process uses for such queries.
THREADS = 16
#: Seconds to wait for one service; after that the answer is sent without it.
TIMEOUT_SECONDS = 5.0


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="ask")


def query_each(name: str, services: Mapping[str, str | None], /, **payload: Any) -> dict[str, Any]:
    """Send each service the query `name` with the same payload. `services` maps a service to the bureau whose queue is used, if
    the service runs per bureau. The result is None for a service that is unavailable or runs an older release without this query.

    Any other error of a service is raised.
    """
    asked = {service: (service, bureau) for service, bureau in services.items()}
    return _ask_all(name, asked, dict.fromkeys(asked, payload))


def query_bureaus(service: str, name: str, bureaus: Iterable[str], *, older: Any) -> dict[str, Any]:
    """Send the query `name` to the service of each bureau. The result is None for a service that is unavailable, and `older` for
    one that runs an older release without this query."""
    asked = {bureau: (service, bureau) for bureau in bureaus}
    return _ask_all(name, asked, {bureau: {} for bureau in asked}, older=older)


def query_bureaus_with(service: str, name: str, payloads: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Send the query `name` to the service of each bureau, with a payload for each. The results are as in `query_each`."""
    return _ask_all(name, {bureau: (service, bureau) for bureau in payloads}, payloads)


def query_each_with(name: str, payloads: Mapping[str, Mapping[str, Any]], bureau: str) -> dict[str, Any]:
    """Like `query_each`, with a payload for each service. A service that runs per bureau is called on the queue of `bureau`."""
    asked = {service: (service, bureau if service in PER_BUREAU else None) for service in payloads}
    return _ask_all(name, asked, payloads)


def _ask_all(
    name: str,
    asked: Mapping[str, tuple[str, str | None]],
    payloads: Mapping[str, Mapping[str, Any]],
    *,
    older: Any = None,
) -> dict[str, Any]:
    who, correlation_id = actor(), g.correlation_id

    def ask(key: str) -> Any:
        (service, bureau), payload = asked[key], dict(payloads[key])
        try:
            return caller_of(service, bureau).call(
                service, name, payload, who, bureau=bureau, correlation_id=correlation_id, timeout=TIMEOUT_SECONDS
            )
        except Unavailable:
            return None
        except NotFound as error:
            if error.code == "unknown_operation":
                return older
            raise

    answers = {key: _pool().submit(contextvars.copy_context().run, ask, key) for key in asked}
    return {key: answer.result() for key, answer in answers.items()}
