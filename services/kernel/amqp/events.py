"""Receiving events: batches from the broker into the inbox, acknowledged when the inbox has them for good."""

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
from services.kernel.amqp.wake import Wake
from services.kernel.errors import Unavailable
from services.kernel.messaging.inbox import Arrival
from services.kernel.observability import outages
from services.kernel.relocation.fencing import MOVING
from services.kernel.runtime import ServiceRuntime

#: Events taken into the inbox in one transaction, and events the broker sends ahead.
BATCH = 200
AHEAD = 3 * BATCH
#: Seconds from the beginning of one transaction to that of the next: under load more is done in each, and each costs the same.
PACE = 0.05

log = logging.getLogger(__name__)


class Events(Background):
    """Takes events from the queues of a service. While one batch is at the database the next is read.

    When a bureau's fence is raised or lifted it begins again with the queues that are left: what was not acknowledged goes
    back to its queue, and waits there in its order for whoever takes it next."""

    def __init__(self, uri: str, runtime: ServiceRuntime) -> None:
        super().__init__()
        self._uri = uri
        self._runtime = runtime
        self._arrived: list[tuple[amqp.Message, str | None]] = []
        self._more = Wake()

    def serve(self) -> None:
        self._arrived.clear()
        self._runtime.look_at_fences()
        serving = self._runtime.serving
        with connected(self._uri) as connection:
            declare_own(connection, self._runtime)
            channel = connection.channel()
            channel.basic_qos(0, AHEAD, a_global=False)
            for binding in self._runtime.bindings():
                channel.basic_consume(binding.queue, callback=self._arriving_for(binding.bureau))
            over = threading.Event()
            keeping = eventlet.spawn(self._keep_all, connection, channel, over)
            try:
                while not self.ending.is_set() and not keeping.dead and self._runtime.serving == serving:
                    if read(connection, 1.0):
                        self._more.set()
            finally:
                over.set()
                self._more.set()
                keeping.wait()

    def _arriving_for(self, bureau: str | None) -> Callable[[amqp.Message], None]:
        return lambda message: self._arrived.append((message, bureau))

    def _keep_all(self, connection: Connection, channel: amqp.Channel, over: threading.Event) -> None:
        began = -PACE
        while not over.is_set():
            if self._arrived or self._more.wait(1.0):
                # Only right after another one: lingering for more, an idle platform's events would come later.
                if len(self._arrived) < BATCH:
                    time.sleep(max(0.0, began + PACE - time.monotonic()))
                began = time.monotonic()
                batch = self._arrived[:BATCH]
                del self._arrived[:BATCH]
                self._keep(connection, channel, batch)

    def _keep(self, connection: Connection, channel: amqp.Channel, batch: Sequence[tuple[amqp.Message, str | None]]) -> None:
        good = []
        for message, bureau in batch:
            if arrival := _accepted(message, bureau):
                good.append((message.delivery_tag, arrival))
            else:
                channel.basic_reject(message.delivery_tag, requeue=False)
        if not good:
            return
        try:
            self._receive(connection, [arrival for _, arrival in good])
        except Unavailable:
            raise
        except Exception:  # one of them does not fit the inbox: take them one by one to find it
            for tag, arrival in good:
                self._keep_singly(connection, channel, tag, arrival)
        else:
            channel.basic_ack(good[-1][0], multiple=True)

    def _keep_singly(self, connection: Connection, channel: amqp.Channel, tag: int, arrival: Arrival) -> None:
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
        """They stay in hand while the database is away: to give them back would only count as failed deliveries. Those for a
        bureau that is fenced are given back, all of them, for the order's sake."""
        while not self.ending.is_set():
            try:
                self._runtime.take(arrivals)
                return
            except Unavailable as error:
                if error.code == MOVING:
                    raise
                outages.met(log, error.code, "events wait for the database (%s)", error)
            self.ending.wait(1.0)
            connection.send_heartbeat()
        raise Unavailable("database_unavailable")


def _accepted(message: amqp.Message, bureau: str | None) -> Arrival | None:
    """The event, when it is one and came by its producer's own exchange. Only the producer's account may write there; the
    default exchange, by which any account reaches any queue, is nobody's. What is refused stays in the outbox it is from."""
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
