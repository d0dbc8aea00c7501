"""Telemetry of each request: a log line, its duration in the metrics and, if traces are on, a span."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack

from flask import g, request
from prometheus_client import Histogram

from services.kernel.observability import tracing

_SECONDS = Histogram("guichuang_http_seconds", "Time to answer an HTTP request.", ("method", "route", "status"))

log = logging.getLogger(__name__)


def begin() -> None:
    """Start measuring a request. If a request to the API names the trace of its caller (header `traceparent`), the request's span
    belongs to that trace."""
    g.started, g.watching = time.perf_counter(), ExitStack()
    if request.path.startswith("/api/"):
        after = request.headers.get("traceparent")
        span = tracing.span("gateway", request.method, "server", after=after, **{"guichuang.correlation_id": g.correlation_id})
        g.watching.enter_context(span)


def end(status: int) -> None:
    """Record an answered request. Logs and metrics contain the route as the code writes it, not the requested path, because a
    client can send any path."""
    spent = time.perf_counter() - g.started
    route, method = (request.endpoint, request.method) if request.endpoint else ("none", "none")
    _SECONDS.labels(method, route, status).observe(spent)
    facts = {"method": method, "route": route, "status": status, "ms": round(spent * 1000, 1)}
    code = {"code": g.problem} if "problem" in g else {}
    log.info("request", extra=facts | code | {"correlation_id": g.correlation_id})
    template = str(request.url_rule) if request.url_rule else "none"
    described = {"http.route": template, "http.response.status_code": str(status)}
    with g.watching:
        tracing.describe(f"{method} {template}", failed=status >= 500, **described)
