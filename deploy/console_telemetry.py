"""The console's telemetry: for each page a line in the log, its duration in the metrics and, if traces are on, a span.

The API calls of a page contain the page's request id and trace context, so that the gateway's log lines can be found from the
page's.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from contextlib import ExitStack

from flask import Flask, Response, g, request
from prometheus_client import Histogram

from console.api import Answer, Transport
from services.kernel.ids import new_id
from services.kernel.observability import tracing
from services.kernel.observability.metrics import BUCKETS

PAGES = Histogram(
    "guichuang_console_seconds",
    "Time to answer a page, its calls of the API included.",
    ("method", "route", "status"),
    buckets=BUCKETS,
)
CALLS = Histogram(
    "guichuang_console_api_seconds", "Time of the console's calls of the API.", ("method", "status"), buckets=BUCKETS
)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = logging.getLogger(__name__)


class Watched:
    """A transport to the API that measures the duration of its calls."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, client: str) -> Answer:
        began = time.perf_counter()
        with tracing.span("console", f"{method} API", "client"):
            sent_headers = {**headers, "X-Request-Id": g.request_id}
            if traceparent := tracing.current_traceparent():
                sent_headers["traceparent"] = traceparent
            answer = self._transport.send(method, target, sent_headers, body, client)
        CALLS.labels(method, answer.status).observe(time.perf_counter() - began)
        g.calls += 1
        return answer


def watch(app: Flask) -> None:
    """Measure and log every page of this console, except static files."""
    app.before_request_funcs.setdefault(None, []).insert(0, _begin)
    app.after_request_funcs.setdefault(None, []).insert(0, _end)


def _begin() -> None:
    request_id = request.headers.get("X-Request-Id", "")
    g.request_id = request_id if _REQUEST_ID.fullmatch(request_id) else new_id()
    g.began, g.calls, g.watching = time.perf_counter(), 0, ExitStack()
    after = request.headers.get("traceparent")
    span = tracing.span("console", request.method, "server", after=after, **{"guichuang.correlation_id": g.request_id})
    g.watching.enter_context(span)


def _end(response: Response) -> Response:
    """Record the page under the route's name in the code, never under the requested path, which can be any text."""
    spent = time.perf_counter() - g.began
    route, method = (request.endpoint, request.method) if request.endpoint else ("none", "none")
    response.headers["X-Request-Id"] = g.request_id
    with g.watching:
        tracing.describe(f"{method} {route}", failed=response.status_code >= 500)
    if route != "assets.asset":
        PAGES.labels(method, route, response.status_code).observe(spent)
        page_facts = {"method": method, "route": route, "status": response.status_code, "ms": round(spent * 1000, 1)}
        code = {"code": g.problem} if g.get("problem") else {}
        log.info("page", extra=page_facts | code | {"correlation_id": g.request_id})
    return response
