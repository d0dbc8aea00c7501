"""Send the same query to several services at the same time."""

from __future__ import annotations

import contextvars
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

from flask import g

from gateway.service_client import actor, caller_of
from services.kernel.errors import NotFound, Unavailable
from services.kernel.registry import PER_BUREAU

#: The answer to one query. The caller names its type in the annotation of the result.
Answer = TypeVar("Answer")

#: The number of threads that one gateway process uses for such queries.
THREADS = 16
#: Seconds to wait for one service; after that the gateway answers without the data of that service.
TIMEOUT_SECONDS = 5.0


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="ask")


def query_each(name: str, services: Mapping[str, str | None], /, **payload: Any) -> dict[str, Answer | None]:
    """Send each service the query `name` with the same payload. `services` maps a service to the bureau whose queue is used, if
    the service runs per bureau. The result is None for a service that is unavailable or runs an older release without this query.

    Any other error of a service is raised.
    """
    destinations = {service: (service, bureau) for service, bureau in services.items()}
    return _query_all(name, destinations, dict.fromkeys(destinations, payload))


def query_bureaus(service: str, name: str, bureaus: Iterable[str], *, older: Answer) -> dict[str, Answer | None]:
    """Send the query `name` to the service of each bureau. The result is None for a service that is unavailable, and `older` for
    one that runs an older release without this query."""
    destinations = {bureau: (service, bureau) for bureau in bureaus}
    return _query_all(name, destinations, {bureau: {} for bureau in destinations}, older=older)


def query_bureaus_with(service: str, name: str, payloads: Mapping[str, Mapping[str, object]]) -> dict[str, Answer | None]:
    """Send the query `name` to the service of each bureau, with a separate payload for each bureau. The results are as in
    `query_each`."""
    return _query_all(name, {bureau: (service, bureau) for bureau in payloads}, payloads)


def query_each_with(name: str, payloads: Mapping[str, Mapping[str, object]], bureau: str) -> dict[str, Answer | None]:
    """Like `query_each`, with a separate payload for each service. A service that runs per bureau is called on the queue of
    `bureau`."""
    destinations = {service: (service, bureau if service in PER_BUREAU else None) for service in payloads}
    return _query_all(name, destinations, payloads)


def _query_all(
    name: str,
    destinations: Mapping[str, tuple[str, str | None]],
    payloads: Mapping[str, Mapping[str, object]],
    *,
    older: Answer | None = None,
) -> dict[str, Answer | None]:
    account, correlation_id = actor(), g.correlation_id

    def query_one(key: str) -> Answer | None:
        (service, bureau), payload = destinations[key], dict(payloads[key])
        try:
            answer: Answer = caller_of(service, bureau).call(
                service, name, payload, account, bureau=bureau, correlation_id=correlation_id, timeout=TIMEOUT_SECONDS
            )
            return answer
        except Unavailable:
            return None
        except NotFound as error:
            if error.code == "unknown_operation":
                return older
            raise

    answers = {key: _pool().submit(contextvars.copy_context().run, query_one, key) for key in destinations}
    return {key: answer.result() for key, answer in answers.items()}
