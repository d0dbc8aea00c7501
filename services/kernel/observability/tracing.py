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
    from services.kernel.observability.otlp import Sending

#: Seconds within which a collector must accept a batch, and within which the last batch must be sent when the process ends.
PATIENCE = 3

_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
#: The object that creates and sends the spans; None if traces are off.
_sending: Sending | None = None


def begin(endpoint: str) -> None:
    """Send this process's spans to an OTLP/HTTP collector at this base URL, in batches and in the background. If the collector is
    unavailable, spans are lost and nothing else happens. Does nothing without an endpoint."""
    global _sending
    if endpoint:
        from services.kernel.observability.otlp import Sending

        _sending = Sending(endpoint, PATIENCE)


def end() -> None:
    """Stop creating spans, and send those that exist."""
    global _sending
    if _sending is not None:
        _sending.end()
    _sending = None


def here() -> str | None:
    """Return the present span as a `traceparent`, which is sent with a message; None if traces are off."""
    if _sending is None:
        return None
    from opentelemetry import trace

    at = trace.get_current_span().get_span_context()
    return f"00-{at.trace_id:032x}-{at.span_id:016x}-{at.trace_flags:02x}" if at.is_valid else None


def trace_id() -> str | None:
    """Return the id of the present trace, for log lines."""
    place = here()
    return place[3:35] if place else None


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
    if _sending is None:
        yield
        return
    from opentelemetry.trace import SpanKind, StatusCode

    with _sending.tracer(service).start_as_current_span(
        name,
        context=_context(after),
        kind=SpanKind[kind.upper()],
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        try:
            yield
        except DomainError as refusal:
            made.set_attribute("guichuang.outcome", refusal.kind)
            if refusal.kind == "unavailable":
                made.set_status(StatusCode.ERROR, refusal.code)
            raise
        except Exception as error:
            made.set_attribute("guichuang.outcome", "broken")
            made.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def describe(name: str, *, failed: bool, **attributes: str) -> None:
    """Set the name, outcome and attributes of the present span."""
    if _sending is not None:
        from opentelemetry import trace

        made = trace.get_current_span()
        made.update_name(name)
        made.set_attributes(attributes)
        if failed:
            made.set_status(trace.StatusCode.ERROR)


def _context(after: str | None) -> Any:
    """Return the context of a `traceparent`. None, which means the present context, if it is missing or malformed."""
    if after is None or not _TRACEPARENT.fullmatch(after):
        return None
    from opentelemetry import trace

    _, of, at, flags = after.split("-")
    place = trace.SpanContext(int(of, 16), int(at, 16), is_remote=True, trace_flags=trace.TraceFlags(int(flags, 16)))
    return trace.set_span_in_context(trace.NonRecordingSpan(place)) if place.is_valid else None
