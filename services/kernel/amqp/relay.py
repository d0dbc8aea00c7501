"""The relay: one process of each service is the leader, and publishes events from the outbox to the broker as soon as they are
committed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import amqp
import eventlet
import psycopg
from sqlalchemy.exc import OperationalError

from services.kernel.amqp.background import Background
from services.kernel.amqp.connection import Connection, batched_writes, connected, read, run_until_ended, user_of
from services.kernel.amqp.topology import declare_own
from services.kernel.amqp.wake import Signal, notify_relay
from services.kernel.errors import Unavailable
from services.kernel.messaging.outbox import BATCH, LEADER_LOCK, Outgoing
from services.kernel.observability import outages
from services.kernel.persistence.database import Database
from services.kernel.runtime import ServiceRuntime

#: Seconds between two polls of the outbox if no notification arrives, and between two attempts to become the leader.
POLL = 2.0
#: Seconds within which the broker must confirm a batch.
CONFIRM_SECONDS = 30.0

log = logging.getLogger(__name__)


class Relay(Background):
    """Publishes the outbox while this process is the leader. `leads` is set while it is; other work that only one process of the
    service may do runs only while `leads` is set."""

    def __init__(self, uri: str, runtime: ServiceRuntime, outbox: Signal, leads: threading.Event) -> None:
        super().__init__()
        self._uri = uri
        self._runtime = runtime
        self._outbox = outbox
        self._leads = leads
        #: Set when this process stops being the leader: the connection that has the leader lock is lost, or the service stops.
        self._leadership_ended = threading.Event()

    def serve(self) -> None:
        with _listener(self._runtime.database) as listener:
            while not self.ending.is_set():
                locked = listener.execute("SELECT pg_try_advisory_lock(%s)", [LEADER_LOCK]).fetchone()
                if locked == (True,):
                    self._publish_as_leader(listener)
                    return
                if self._outbox.wait(POLL):
                    notify_relay(self._runtime.database)

    def interrupt(self) -> None:
        self._leadership_ended.set()
        self._outbox.set()

    def _publish_as_leader(self, listener: psycopg.Connection[Any]) -> None:
        self._leadership_ended.clear()
        self._leads.set()
        listening = eventlet.spawn(self._listen, listener)
        try:
            run_until_ended("publishing", self._publish, self._leadership_ended)
        finally:
            self._leads.clear()
            listening.kill()

    def _listen(self, listener: psycopg.Connection[Any]) -> None:
        try:
            listener.execute("LISTEN outbox")
            while True:
                for _ in listener.notifies(timeout=POLL, stop_after=1):
                    self._outbox.set()
        except psycopg.Error as error:
            outages.log_outage(log, "database_unavailable", "the relay lost its database, and with it the lead (%s)", error)
            self.interrupt()

    def _publish(self) -> None:
        with connected(self._uri) as connection:
            declare_own(connection, self._runtime)
            publish = Publisher(connection, user_of(self._uri)).publish
            while not self._leadership_ended.is_set():
                # Poll again without waiting only after a full batch: a later commit sends a notification of its own.
                if self._runtime.relay(publish) < BATCH:
                    self._outbox.wait(POLL)
                    read(connection, 0)


class Publisher:
    """Publishes a batch of events, and returns when the broker has confirmed all of them."""

    def __init__(self, connection: Connection, user: str) -> None:
        self._connection = connection
        self._user = user
        self._channel = connection.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._mark_confirmed)
        self._channel.events["basic_nack"].add(self._raise_refused)
        self._last_tag = 0
        self._unconfirmed: set[int] = set()

    def publish(self, batch: Sequence[Outgoing]) -> None:
        with batched_writes(self._connection):
            for row in batch:
                self._last_tag += 1
                self._unconfirmed.add(self._last_tag)
                self._channel.basic_publish(self._message(row), exchange=row.producer, routing_key=row.routing_key)
        while self._unconfirmed:
            self._connection.drain_events(timeout=CONFIRM_SECONDS)

    def _message(self, row: Outgoing) -> amqp.Message:
        return amqp.Message(
            row.body,
            content_type="application/json",
            delivery_mode=2,
            message_id=row.id,
            type=row.routing_key.rpartition(".")[0],
            app_id=row.producer,
            user_id=self._user,
        )

    def _mark_confirmed(self, number: int, multiple: bool) -> None:
        if multiple:
            self._unconfirmed = {tag for tag in self._unconfirmed if tag > number}
        else:
            self._unconfirmed.discard(number)

    def _raise_refused(self, _tag: int, _multiple: bool) -> None:
        raise amqp.RecoverableConnectionError("the broker would not keep an event")


@contextmanager
def _listener(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """Open a database connection outside the pool, and close it at the end of the block. Raises Unavailable if the database is
    unreachable."""
    try:
        pooled = database.engine.raw_connection()
        listener: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]
        pooled.detach()
        with listener:
            listener.autocommit = True
            yield listener
    except (OperationalError, psycopg.OperationalError) as error:
        raise Unavailable("database_unavailable") from error
