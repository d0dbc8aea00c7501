"""What operators see: JSON logs that can be followed from service to service, and Prometheus metrics."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from prometheus_client import REGISTRY, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Select, func, select

from services.kernel.clock import real_now
from services.kernel.database import Database
from services.kernel.errors import Unavailable
from services.kernel.tables import inbox, outbox

#: Seconds that mark off the latencies.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
#: What a log call may add to its line with `extra`; names, phones and contents have no place there.
LOGGED = ("event", "parked", "id", "operation", "status", "method", "route", "ms", "correlation_id")

REQUESTS = Counter(
    "guichuang_requests",
    "Requests answered, by how they ended: ok, a refusal's kind, or broken.",
    ("service", "operation", "outcome"),
)
SECONDS = Histogram("guichuang_request_seconds", "Time to answer a request.", ("service", "operation"), buckets=BUCKETS)
EVENTS = Counter("guichuang_events", "Events processed, failed (to be tried again) or parked.", ("service", "outcome"))
ERRANDS = Counter("guichuang_errands", "Errands carried, or failed in a way nobody foresaw.", ("service", "errand", "outcome"))


@dataclass(slots=True)
class Scope:
    """What is being worked on: it goes into every log line and into the request's metrics."""

    service: str
    operation: str = "unknown"
    outcome: str = "ok"
    correlation_id: str | None = None
    event: str | None = None


_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)


@contextmanager
def request(service: str) -> Iterator[Scope]:
    """Count and time one request; the caller fills in what it is about and how it ended."""
    began, scope = time.perf_counter(), Scope(service)
    token = _scope.set(scope)
    try:
        yield scope
    finally:
        _scope.reset(token)
        REQUESTS.labels(service, scope.operation, scope.outcome).inc()
        SECONDS.labels(service, scope.operation).observe(time.perf_counter() - began)


@contextmanager
def reaction(service: str, correlation_id: str, event: str) -> Iterator[None]:
    """One event being reacted to."""
    token = _scope.set(Scope(service, correlation_id=correlation_id, event=event))
    try:
        yield
    finally:
        _scope.reset(token)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and what is being worked on."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if scope := _scope.get():
            line["service"] = scope.service
            line["correlation_id"] = scope.correlation_id
            line["event"] = scope.event
        line |= {name: getattr(record, name) for name in LOGGED if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({name: value for name, value in line.items() if value is not None}, ensure_ascii=False, default=str)


def log_to_stderr(level: str) -> None:
    """Make every logger of this process write JSON lines to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)


class _Databases:
    """Gauges computed when somebody looks, from the tables themselves: a process that hangs shows too."""

    def __init__(self) -> None:
        self.watched: dict[str, Database] = {}

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("guichuang_database_up", "1 when the service's database answers.", labels=["service"])
        gauges = {
            name: GaugeMetricFamily(f"guichuang_{name}", about, labels=["service"])
            for name, about in (
                ("outbox_age_seconds", "Age of the oldest event not yet published."),
                ("inbox_lag_seconds", "Age of the oldest event received and not yet reacted to."),
                ("dead_letters", "Events parked after all their tries."),
            )
        }
        for service, database in list(self.watched.items()):
            try:
                for name, value in _backlog(database).items():
                    gauges[name].add_metric([service], value)
                up.add_metric([service], 1)
            except Unavailable:
                up.add_metric([service], 0)
        yield up
        yield from gauges.values()


_databases = _Databases()
REGISTRY.register(_databases)


def watch(service: str, database: Database) -> None:
    """Show the backlog of this service's database in the metrics of this process."""
    _databases.watched[service] = database


def metrics() -> bytes:
    """All metrics of this process in Prometheus' text format (`text/plain; version=0.0.4`)."""
    return generate_latest()


def _backlog(database: Database) -> dict[str, float]:
    waiting = select(outbox.c.occurred_at).where(outbox.c.published_at.is_(None)).order_by(outbox.c.position).limit(1)
    pending = select(inbox.c.received_at).where(inbox.c.state == "pending").order_by(inbox.c.position).limit(1)
    parked = select(func.count()).where(inbox.c.state == "parked")

    def age(oldest: Select[Any]) -> float:
        instant: datetime | None = session.execute(oldest).scalar_one_or_none()
        return max((real_now() - instant).total_seconds(), 0.0) if instant else 0.0

    with database.read() as session:
        return {
            "outbox_age_seconds": age(waiting),
            "inbox_lag_seconds": age(pending),
            "dead_letters": session.execute(parked).scalar_one(),
        }
