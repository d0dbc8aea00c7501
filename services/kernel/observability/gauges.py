"""Gauges that are computed from the tables at each scrape. They do not depend on the process that does the work, so they also
show that this process hangs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import QueuePool, Select, func, select
from sqlalchemy.orm import Session

from services.kernel.clock import real_now
from services.kernel.errors import Unavailable
from services.kernel.persistence.database import Database
from services.kernel.persistence.tables import audit, inbox, keeping, outbox
from services.kernel.registry import Gauge

#: Waiting events are counted up to this number, because counting more would slow down a process that already has a backlog.
COUNTED = 10_000

log = logging.getLogger(__name__)


class Watched(Protocol):
    """The parts of a running service that the gauges read."""

    @property
    def database(self) -> Database: ...
    @property
    def leads(self) -> Callable[[], bool]: ...
    @property
    def on_bus(self) -> Callable[[], bool]: ...
    def gauge_values(self) -> Iterable[tuple[Gauge, Mapping[tuple[str, ...], float]]]: ...


#: Gauges of every process: name → help text.
PROCESS = {
    "bus_connected": "1 when this process is connected to the broker.",
    "relay_leader": "1 when this process is the one of its service that relays, seals and sweeps.",
    "database_up": "1 when the service's database answers.",
    "database_connections_in_use": "Connections this process has taken from its pool.",
    "database_connections_max": "Connections this process's pool may hold.",
}
#: Gauges of every service's database.
BACKLOG = {
    "outbox_age_seconds": "Age of the oldest event not yet published.",
    "outbox_waiting": f"Events not yet published, counted up to {COUNTED}.",
    "inbox_lag_seconds": "Age of the oldest event received and not yet reacted to.",
    "inbox_waiting": f"Events received and not yet reacted to, counted up to {COUNTED}.",
    "dead_letters": "Events parked after all their tries.",
    "audit_unsealed_age_seconds": "Age of the oldest entry of the audit log that is in no chain yet.",
    "backup_timestamp_seconds": "Of which instant the newest complete backup of the service's database is, in Unix time.",
}


class _ServiceCollector:
    def __init__(self) -> None:
        self.watched: dict[str, Watched] = {}

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        help_texts = PROCESS | BACKLOG
        gauges = {name: GaugeMetricFamily(f"guichuang_{name}", help_texts[name], labels=["service"]) for name in help_texts}
        service_gauges: dict[str, GaugeMetricFamily] = {}
        for service, watched in list(self.watched.items()):
            for name, value in _process(watched).items():
                gauges[name].add_metric([service], value)
            try:
                with watched.database.read() as session:
                    waiting = backlog(session)
                for name, value in waiting.items():
                    gauges[name].add_metric([service], value)
                # Only the leading process reports a service's own gauges: if each process reported them, sums over processes
                # would be wrong.
                for gauge, values in watched.gauge_values() if watched.leads() else ():
                    family = GaugeMetricFamily(f"guichuang_{gauge.name}", gauge.about, labels=gauge.labels)
                    for labels, value in values.items():
                        service_gauges.setdefault(gauge.name, family).add_metric(labels, value)
                gauges["database_up"].add_metric([service], 1)
            except Unavailable:
                gauges["database_up"].add_metric([service], 0)
            except Exception:  # A gauge that fails must not prevent the other gauges.
                log.exception("the gauges of %s could not be computed", service)
                gauges["database_up"].add_metric([service], 0)
        yield from gauges.values()
        yield from service_gauges.values()


_collector = _ServiceCollector()
REGISTRY.register(_collector)


def watch(service: str, watched: Watched) -> None:
    """Add a service to the gauges that this process reports."""
    _collector.watched[service] = watched


def _process(watched: Watched) -> dict[str, float]:
    values: dict[str, float] = {"bus_connected": watched.on_bus(), "relay_leader": watched.leads()}
    pool = watched.database.engine.pool
    if isinstance(pool, QueuePool):
        values |= {"database_connections_in_use": pool.checkedout(), "database_connections_max": pool.size()}
    return values


def backlog(session: Session) -> dict[str, float]:
    """Return the value of each gauge in `BACKLOG` for the service to whose database the session belongs."""
    unpublished, pending = outbox.c.published_at.is_(None), inbox.c.state == "pending"

    def age(column: Any, condition: Any, order: Any) -> float:
        oldest: Select[Any] = select(column).where(condition).order_by(order).limit(1)
        instant: datetime | None = session.execute(oldest).scalar_one_or_none()
        return max((real_now() - instant).total_seconds(), 0.0) if instant else 0.0

    def count(column: Any, condition: Any) -> float:
        limited = select(column).where(condition).limit(COUNTED).subquery()
        return session.execute(select(func.count()).select_from(limited)).scalar_one()

    backup_at = session.execute(select(keeping.c.at).where(keeping.c.what == "backup")).scalar_one_or_none()
    # A database that was never backed up reports the Unix epoch, so that the alert fires.
    return {
        "backup_timestamp_seconds": backup_at.timestamp() if backup_at else 0.0,
        "outbox_age_seconds": age(outbox.c.occurred_at, unpublished, outbox.c.position),
        "outbox_waiting": count(outbox.c.position, unpublished),
        "inbox_lag_seconds": age(inbox.c.received_at, pending, inbox.c.position),
        "inbox_waiting": count(inbox.c.position, pending),
        "dead_letters": count(inbox.c.position, inbox.c.state == "parked"),
        "audit_unsealed_age_seconds": age(audit.c.at, audit.c.sealed.is_(None), audit.c.position),
    }
