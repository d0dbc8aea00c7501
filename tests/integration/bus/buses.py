"""The embedded bus and RabbitMQ, each with the sample services on it, behind one interface for the tests."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import amqp
from sqlalchemy import select

from deploy.embedded.host import Embedded
from deploy.local_services import Postgres, Process, RabbitMQ
from services.kernel.amqp.client import Client
from services.kernel.amqp.connection import connected
from services.kernel.amqp.topology import declare
from services.kernel.clock import real_now
from services.kernel.errors import Unavailable
from services.kernel.identity import Actor
from services.kernel.messaging import inbox, outbox, rpc
from services.kernel.persistence import tables
from services.kernel.persistence.database import Database
from tests.integration.bus import sample_services
from tests.integration.collector import SOON

OFFICER = Actor("officer", ("officer",), "450200")
ROOT = Path(__file__).parents[3]
#: The bureaus that the `review` of these tests serves; no process serves the third bureau of `sample_services.BUREAUS`.
SERVED = ("450000", "450200")
#: Seconds for which a test waits for an expected result. It is long, so that a slow machine does not fail the test.
PATIENCE = 120.0


def eventually(true: Callable[[], object]) -> None:
    """Return when the condition is true; fail the test if it stays false. While a process restarts, the condition may raise
    Unavailable, and is tried again."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with suppress(Unavailable):
            if true():
                return
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


class Bus:
    """A bus with the sample services, as tests use it: they call the services and read the services' databases."""

    caller: rpc.Caller
    transport: rpc.Transport
    folder: Path
    databases: dict[str, Database]

    def tell(self, story: str, word: str, **more: Any) -> Any:
        options = {"timeout": PATIENCE} | {name: more.pop(name) for name in ("key", "timeout") if name in more}
        return self.caller.call("application", "tell", {"story": story, "word": word, **more}, OFFICER, **options)

    def told(self, story: str, timeout: float = PATIENCE) -> list[str]:
        """Return the words of a story that the service `application` (the teller) knows."""
        return list(self.caller.call("application", "told", {"story": story}, OFFICER, timeout=timeout))

    def kept(self, story: str) -> list[str]:
        """Return the words of a story that `review` (the bureau) has stored."""
        with self.databases["review"].read() as session:
            return sample_services.told(session, story=story)

    def parked(self, story: str) -> list[dict[str, Any]]:
        with self.databases["review"].read() as session:
            return [row for row in inbox.parked(session) if row["subject"] == f"story/{story}"]

    def replay_parked(self, story: str) -> None:
        ids = [row["id"] for row in self.parked(story)]
        with self.databases["review"].write() as session:
            inbox.unpark(session, ids)

    def publish_again(self, story: str) -> int:
        """Mark a story's events as unpublished, and wait until they are published again; return their number."""
        mine = tables.outbox.c.subject == f"story/{story}"
        with self.databases["application"].write() as session:
            again = session.execute(tables.outbox.update().where(mine).values(published_at=None)).rowcount
        eventually(self.published)
        return int(again)  # type: ignore[call-overload]

    def published(self) -> bool:
        with self.databases["application"].read() as session:
            return not outbox.unpublished(session)

    def received(self, story: str) -> list[tuple[str, str]]:
        """Return (event id, state) of a story's events in the bureau's inbox."""
        columns = select(tables.inbox.c.id, tables.inbox.c.state)
        with self.databases["review"].read() as session:
            return [tuple(row) for row in session.execute(columns.where(tables.inbox.c.subject == f"story/{story}"))]

    def signed(self, name: str, payload: dict[str, Any], *, expired: bool, more: dict[str, Any] | None = None) -> bytes:
        """Return the body of a request to `application`, as the gateway would publish it. With `expired` its time is over; `more`
        contains fields that another version adds."""
        body = {
            "service": "application",
            "name": name,
            "payload": payload,
            "actor": OFFICER.to_dict(),
            "key": None,
            "bureau": None,
            "correlation_id": "c",
            "expires_at": real_now().timestamp() + (-1 if expired else 60),
            **(more or {}),
        }
        return sample_services.signer(self.folder, "gateway").wrap(rpc.encode(body))


class EmbeddedBus(Bus):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        sample_services.make_keys(folder)
        bureaus = {"application": (), "review": SERVED}
        runtimes = {
            name: sample_services.runtime(name, bureaus[name], folder, f"sqlite:///{folder / name}.db") for name in bureaus
        }
        self.databases = {name: runtime.database for name, runtime in runtimes.items()}
        self.transport = self._host = Embedded(runtimes)
        self.caller = rpc.Caller(self.transport, sample_services.signer(folder, "gateway"))

    def __enter__(self) -> EmbeddedBus:
        self._host.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._host.stop()


class AmqpBus(Bus):
    def __init__(self, folder: Path, collector: str) -> None:
        self.folder = folder
        self._environment = {"PYTHONPATH": str(ROOT), "GUICHUANG_OTLP": collector, **SOON}
        sample_services.make_keys(folder)
        self.broker, self.postgres = RabbitMQ(folder / "rabbitmq"), Postgres(folder / "postgres")
        self.processes: dict[str, Process] = {}

    def __enter__(self) -> AmqpBus:
        self.broker.start()
        self.postgres.start()
        self.postgres.wait_ready()
        self.urls = {name: self.postgres.create_database(name) for name in ("application", "review")}
        self.databases = {name: Database(url) for name, url in self.urls.items()}
        for database in self.databases.values():
            sample_services.create_tables(database)
        self.broker.wait_ready()
        declare(self.broker.uri(), [self.runtime("application", ()), self.runtime("review", sample_services.BUREAUS)])
        self.transport = self._client = Client(self.broker.uri())
        self.caller = rpc.Caller(self.transport, sample_services.signer(self.folder, "gateway"))
        self.start("application")
        self.start("review", SERVED)
        self.await_teller()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        for process in self.processes.values():
            process.stop()
        for database in self.databases.values():
            database.close()
        self.broker.stop()
        self.postgres.stop()

    def runtime(self, service: str, bureaus: tuple[str, ...]) -> Any:
        return sample_services.runtime(service, bureaus, self.folder, self.urls[service])

    def start(self, service: str, bureaus: tuple[str, ...] = (), *, name: str | None = None, uri: str | None = None) -> Process:
        """Start a process of a service, in addition to those that run."""
        process = self.processes.setdefault(name or service, Process(name or service, self.folder))
        arguments = [service, ",".join(bureaus), str(self.folder), self.urls[service], uri or self.broker.uri()]
        process.start([sys.executable, "-m", "tests.integration.bus.served", *arguments], os.environ | self._environment)
        return process

    def takers(self, queue: str) -> int:
        """Return the number of consumers of a queue."""
        with connected(self.broker.uri()) as connection:
            try:
                found = connection.channel().queue_declare(queue, passive=True)
            except amqp.NotFound:
                return 0
        return int(found.consumer_count)

    def await_teller(self) -> None:
        """Wait until a process of the service `application` (the teller) answers a request."""

        def answers() -> bool:
            try:
                # A request that was in the queue of a lost process gets no answer, so it is repeated after five seconds.
                self.told("", timeout=5.0)
            except Unavailable:
                return False
            return True

        eventually(answers)
