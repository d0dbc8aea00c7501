"""Traces by W3C trace context: one request can be followed through the gateway, the bus, the services and the events that it
causes.

OpenTelemetry is imported only when `begin` gets a collector. Without one, every function here does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from services.kernel.errors import DomainError

if TYPE_CHECKING:
    from services.kernel.observability.otlp import SpanExporter

#: Seconds within which a collector must accept a batch, and within which the last batch must be sent when the process ends.
TIMEOUT_SECONDS = 3

_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
#: The object that creates and sends the spans; None if traces are off.
_exporter: SpanExporter | None = None


def begin(endpoint: str) -> None:
    """Send this process's spans to an OTLP/HTTP collector at this base URL, in batches and in the background. If the collector is
    unavailable, spans are lost and nothing else happens. Does nothing without an endpoint."""
    global _exporter
    if endpoint:
        from services.kernel.observability.otlp import SpanExporter

        _exporter = SpanExporter(endpoint, TIMEOUT_SECONDS)


def end() -> None:
    """Stop creating spans, and send the spans that exist."""
    global _exporter
    if _exporter is not None:
        _exporter.end()
    _exporter = None


def current_traceparent() -> str | None:
    """Return the present span as a `traceparent`, which is sent with a message; None if traces are off."""
    if _exporter is None:
        return None
    from opentelemetry import trace

    span_context = trace.get_current_span().get_span_context()
    return (
        f"00-{span_context.trace_id:032x}-{span_context.span_id:016x}-{span_context.trace_flags:02x}"
        if span_context.is_valid
        else None
    )


def trace_id() -> str | None:
    """Return the id of the present trace, for log lines."""
    traceparent = current_traceparent()
    return traceparent[3:35] if traceparent else None


@contextmanager
def span(
    service: str,
    name: str,
    kind: Literal["server", "client", "consumer", "internal"],
    *,
    after: str | None = None,
    **attributes: str,
) -> Iterator[None]:
    """Create a span around one operation of a service. `after` is the `traceparent` that arrived with the message; without it,
    the span belongs to the enclosing span or begins a new trace. Attributes are ids and kinds, never personal data. Error
    messages are not recorded."""
    if _exporter is None:
        yield
        return
    from opentelemetry.trace import SpanKind, StatusCode

    with _exporter.tracer(service).start_as_current_span(
        name,
        context=_context(after),
        kind=SpanKind[kind.upper()],
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        try:
            yield
        except DomainError as refusal:
            opened.set_attribute("guichuang.outcome", refusal.kind)
            if refusal.kind == "unavailable":
                opened.set_status(StatusCode.ERROR, refusal.code)
            raise
        except Exception as error:
            opened.set_attribute("guichuang.outcome", "broken")
            opened.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def describe(name: str, *, failed: bool, **attributes: str) -> None:
    """Set the name, outcome and attributes of the present span."""
    if _exporter is not None:
        from opentelemetry import trace

        current_span = trace.get_current_span()
        current_span.update_name(name)
        current_span.set_attributes(attributes)
        if failed:
            current_span.set_status(trace.StatusCode.ERROR)


def _context(after: str | None) -> Any:
    """Return the context of a `traceparent`; None, which means the present context, if the `traceparent` is missing or
    malformed."""
    if after is None or not _TRACEPARENT.fullmatch(after):
        return None
    from opentelemetry import trace

    _, trace_hex, span_hex, flags = after.split("-")
    span_context = trace.SpanContext(
        int(trace_hex, 16), int(span_hex, 16), is_remote=True, trace_flags=trace.TraceFlags(int(flags, 16))
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(span_context)) if span_context.is_valid else None
