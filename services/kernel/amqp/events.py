"""Receive events: batches of them are stored in the inbox, and acknowledged to the broker after the inbox has committed them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

import amqp
import eventlet

from services.kernel.amqp.background import Background
from services.kernel.amqp.connection import Connection, connected, read
from services.kernel.amqp.topology import declare_own
from services.kernel.amqp.wake import Signal
from services.kernel.errors import Unavailable
from services.kernel.messaging.inbox import Arrival
from services.kernel.observability import outages
from services.kernel.relocation.fencing import MOVING
from services.kernel.runtime import ServiceRuntime

#: The largest number of events that one transaction stores in the inbox, and that the broker sends before the first of them is
#: acknowledged.
BATCH = 200
PREFETCH = 3 * BATCH
#: The least number of seconds between the starts of two transactions. A transaction costs about the same for one event as for
#: many, so under load fewer and larger transactions are better.
MIN_INTERVAL = 0.05

log = logging.getLogger(__name__)


class Events(Background):
    """Takes events from the queues of a service. While the database commits one batch, the next is read.

    When a bureau's fence is raised or lifted, it starts again with the queues of the bureaus that are not fenced. Events that are
    not acknowledged return to their queue in order, and wait there for the next consumer.
    """

    def __init__(self, uri: str, runtime: ServiceRuntime) -> None:
        super().__init__()
        self._uri = uri
        self._runtime = runtime
        self._arrived: list[tuple[amqp.Message, str | None]] = []
        self._arrival_signal = Signal()

    def serve(self) -> None:
        self._arrived.clear()
        self._runtime.refresh_fences()
        serving = self._runtime.serving
        with connected(self._uri) as connection:
            declare_own(connection, self._runtime)
            channel = connection.channel()
            channel.basic_qos(0, PREFETCH, a_global=False)
            for binding in self._runtime.bindings():
                channel.basic_consume(binding.queue, callback=self._append_for(binding.bureau))
            stopped = threading.Event()
            storing = eventlet.spawn(self._store_batches, connection, channel, stopped)
            try:
                while not self.ending.is_set() and not storing.dead and self._runtime.serving == serving:
                    if read(connection, 1.0):
                        self._arrival_signal.set()
            finally:
                stopped.set()
                self._arrival_signal.set()
                storing.wait()

    def _append_for(self, bureau: str | None) -> Callable[[amqp.Message], None]:
        return lambda message: self._arrived.append((message, bureau))

    def _store_batches(self, connection: Connection, channel: amqp.Channel, stopped: threading.Event) -> None:
        batch_started = -MIN_INTERVAL
        while not stopped.is_set():
            if self._arrived or self._arrival_signal.wait(1.0):
                # Wait only if another transaction has just started: on an idle platform a wait for further events would only
                # delay the first one.
                if len(self._arrived) < BATCH:
                    time.sleep(max(0.0, batch_started + MIN_INTERVAL - time.monotonic()))
                batch_started = time.monotonic()
                batch = self._arrived[:BATCH]
                del self._arrived[:BATCH]
                self._store_batch(connection, channel, batch)

    def _store_batch(
        self, connection: Connection, channel: amqp.Channel, batch: Sequence[tuple[amqp.Message, str | None]]
    ) -> None:
        accepted = []
        for message, bureau in batch:
            if arrival := _parse_arrival(message, bureau):
                accepted.append((message.delivery_tag, arrival))
            else:
                channel.basic_reject(message.delivery_tag, requeue=False)
        if not accepted:
            return
        try:
            self._receive(connection, [arrival for _, arrival in accepted])
        except Unavailable:
            raise
        except Exception:  # One event of the batch does not fit the inbox: store the events one by one to find it.
            for tag, arrival in accepted:
                self._store_one(connection, channel, tag, arrival)
        else:
            channel.basic_ack(accepted[-1][0], multiple=True)

    def _store_one(self, connection: Connection, channel: amqp.Channel, tag: int, arrival: Arrival) -> None:
        try:
            self._receive(connection, [arrival])
        except Unavailable:
            raise
        except Exception:
            log.exception("refused an event that does not fit the inbox")
            channel.basic_reject(tag, requeue=False)
        else:
            channel.basic_ack(tag)

    def _receive(self, connection: Connection, arrivals: Sequence[Arrival]) -> None:
        """Store events in the inbox. While the database is unavailable, the events stay in this process without an
        acknowledgement, because the broker would count each return to the queue as a failed delivery. If a bureau is fenced, all
        its events return to the queue, so that their order is kept."""
        while not self.ending.is_set():
            try:
                self._runtime.store_and_react(arrivals)
                return
            except Unavailable as error:
                if error.code == MOVING:
                    raise
                outages.log_outage(log, error.code, "events wait for the database (%s)", error)
            self.ending.wait(1.0)
            connection.send_heartbeat()
        raise Unavailable("database_unavailable")


def _parse_arrival(message: amqp.Message, bureau: str | None) -> Arrival | None:
    """Return the event, or None if the message is not an event or did not arrive through its producer's own exchange. Only the
    producer's account may publish to that exchange; the default exchange, through which any account can reach any queue, belongs
    to no producer. A refused event stays in its producer's outbox."""
    exchange = message.delivery_info["exchange"]
    try:
        arrival = Arrival.of(message.body, bureau)
    except (ValueError, KeyError, TypeError):
        log.error("refused what is not an event, from exchange %r", exchange)
        return None
    event = arrival.event
    if not exchange or event.producer != exchange:
        log.error("refused an event of %s that came by exchange %r", event.producer, exchange, extra={"event": event.id})
        return None
    return arrival
