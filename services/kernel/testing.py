"""Support for the tests of every service: a fixed clock, and a service on a new database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.kernel.clock import DomainClock, local_date
from services.kernel.identity import Actor
from services.kernel.messaging import rpc
from services.kernel.messaging.outbox import Outgoing
from services.kernel.messaging.signing import Signer, Verifier, new_key
from services.kernel.persistence import migrate
from services.kernel.persistence.database import Database
from services.kernel.registry import Registry
from services.kernel.runtime import ServiceRuntime
from services.kernel.runtime.queues import Binding
from services.kernel.runtime.service_context import PolicyVersions
from services.kernel.settings import Settings


class FixedClock(DomainClock):
    """A clock that shows the time that the test has set."""

    def __init__(self, instant: datetime = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)) -> None:
        super().__init__()
        self.instant = instant

    def now(self) -> datetime:
        return self.instant + self.offset

    def today(self) -> date:
        return local_date(self.now())

    def advance(self, **delta: float) -> None:
        """Move the clock forward: `advance(days=3)`."""
        self.instant += timedelta(**delta)


class RecordingBus:
    """Records the events that the relay publishes, and delivers them to the given services."""

    def __init__(self, *consumers: ServiceRuntime) -> None:
        self.consumers = list(consumers)
        self.published: list[Outgoing] = []

    def publish(self, batch: Sequence[Outgoing]) -> None:
        self.published.extend(batch)
        for consumer in self.consumers:
            for binding in consumer.bindings():
                bodies = [row.body for row in batch if is_consumer_of(binding, row.producer, row.routing_key)]
                if bodies:
                    consumer.receive(bodies, binding.bureau)

    @property
    def types(self) -> list[str]:
        return [row.routing_key.rpartition(".")[0] for row in self.published]


def is_consumer_of(binding: Binding, exchange: str, routing_key: str) -> bool:
    """Return whether the broker would route an event with this exchange and routing key to this queue."""
    type, _, bureau = routing_key.rpartition(".")
    return any((exchange, f"{type}.{end}") in binding.keys for end in ("*", bureau))


#: The services of the current test. After the test, a fixture compares their rows with their audit logs.
runtimes: list[ServiceRuntime] = []


class ServiceHarness:
    """One service on a database of its own, which a test calls directly: `tell` sends a command and `ask` a query as an actor,
    `react` delivers events, `sweep` runs the sweeps."""

    def __init__(
        self,
        registry: Registry,
        url: str | Path,
        *,
        policies: PolicyVersions | None,
        clock: DomainClock | None = None,
        settings: Settings | None = None,
        **more: Any,
    ) -> None:
        keys = {name: new_key() for name in ("gateway", registry.service, *more.pop("signers", ()))}
        self.signers = {name: Signer(name, key) for name, key in keys.items()}
        verifier = Verifier({name: signer.public for name, signer in self.signers.items()})
        self.clock = clock or FixedClock()
        if isinstance(url, Path) and not url.exists():
            url.write_bytes(_fresh(registry.service))
        self.database = Database(f"sqlite:///{url}" if isinstance(url, Path) else url)
        migrate.upgrade(registry.service, self.database)
        self.runtime = ServiceRuntime(
            registry,
            self.database,
            settings=settings or Settings(seed="demo"),
            policies=policies,
            signer=self.signers[registry.service],
            verifier=verifier,
            clock=self.clock,
            **more,
        )
        self.caller = rpc.Caller(self, self.signers["gateway"])
        runtimes.append(self.runtime)
        self.bus = RecordingBus()

    def send(self, queue: str, body: bytes, timeout: float) -> bytes:
        """Call the service directly with a request; in tests this method replaces the bus."""
        return self.runtime.handle(body)

    def tell(self, name: str, actor: Actor, *, key: str | None = None, bureau: str | None = None, **payload: Any) -> Any:
        return self.caller.call(self.runtime.service, name, payload, actor, key=key, bureau=bureau)

    ask = tell

    def react(self, *bodies: str) -> None:
        """Receive events and run every reaction to them. A failing reaction fails the test."""
        self.runtime.receive(bodies)
        while self.runtime.process(1):
            pass

    def settle(self) -> list[str]:
        """Publish the events in the outbox. Return the types of all events published so far."""
        while self.runtime.relay(self.bus.publish):
            pass
        return self.bus.types


@cache
def _fresh(service: str) -> bytes:
    """Return the file of an empty migrated database of a service. It is created once and copied, because a migration takes longer
    than most tests."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "fresh.db")
        database = Database(f"sqlite:///{file}")
        migrate.upgrade(service, database)
        database.close()
        return file.read_bytes()
