"""The context of the operation (request, event or job) that runs now. Its data are added to every log line, to metrics and, if
traces are on, to a span."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from services.kernel.messaging.envelope import Event
from services.kernel.observability import metrics, tracing


@dataclass(slots=True)
class Scope:
    """One request or event that is being processed."""

    service: str
    operation: str = "unknown"
    outcome: str = "ok"
    correlation_id: str | None = None
    event: str | None = None

    def span_attributes(self) -> dict[str, str]:
        """Return the attributes of the operation's span."""
        return {"guichuang.correlation_id": self.correlation_id} if self.correlation_id else {}


_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)


def current_scope() -> Scope | None:
    """Return the operation that this thread processes now; None if there is none."""
    return _scope.get()


@contextmanager
def _set(scope: Scope) -> Iterator[None]:
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def request(service: str) -> Iterator[Scope]:
    """Count one request and measure its duration. The caller sets the operation and the outcome in the yielded `Scope`."""
    started, scope = time.perf_counter(), Scope(service)
    try:
        with _set(scope):
            yield scope
    finally:
        metrics.REQUESTS.labels(service, scope.operation, scope.outcome).inc()
        metrics.REQUEST_SECONDS.labels(service, scope.operation).observe(time.perf_counter() - started)


@contextmanager
def reaction(service: str, event: Event[object]) -> Iterator[None]:
    """Set the context in which one event is processed; it belongs to the trace of the operation that caused the event."""
    attributes = {
        "guichuang.event": event.id,
        "guichuang.producer": event.producer,
        "guichuang.correlation_id": event.correlation_id,
    }
    with (
        _set(Scope(service, correlation_id=event.correlation_id, event=event.id)),
        tracing.span(service, f"react to {event.type}", "consumer", after=event.trace, **attributes),
        metrics.REACTION_SECONDS.labels(service, event.type).time(),
    ):
        yield


def reacted(service: str, count: int) -> None:
    """Count events that this service has reacted to."""
    metrics.EVENTS.labels(service, "processed").inc(count)


def failed(service: str, *, parked: bool) -> None:
    """Count a failed reaction to an event; `parked`: the event is not tried again."""
    metrics.EVENTS.labels(service, "parked" if parked else "failed").inc()


@contextmanager
def job(service: str, name: str) -> Iterator[None]:
    """Count one job and measure its duration; an exception counts as a failure."""
    outcome = "failed"
    try:
        with tracing.span(service, f"errand {name}", "internal"), metrics.JOB_SECONDS.labels(service, name).time():
            yield
        outcome = "carried"
    finally:
        metrics.JOBS.labels(service, name, outcome).inc()


@contextmanager
def sweep_action(service: str, sweep: str) -> Iterator[None]:
    """Count the action of a sweep on one due item; an exception counts as a failure."""
    outcome = "failed"
    try:
        with tracing.span(service, f"sweep {sweep}", "internal"):
            yield
        outcome = "done"
    finally:
        metrics.SWEEP_ACTIONS.labels(service, sweep, outcome).inc()


def swept(service: str) -> None:
    """Record that a service completed a run of all its sweeps."""
    metrics.LAST_SWEEP.labels(service).set_to_current_time()


def sealed(service: str, *, forged: int, unmarked: int) -> None:
    """Record that audit entries were sealed, and how many entries were refused."""
    metrics.ENTRIES_REFUSED.labels(service, "forged").set(forged)
    metrics.ENTRIES_REFUSED.labels(service, "unmarked").set(unmarked)
