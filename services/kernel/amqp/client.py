"""Requests to services over RabbitMQ, from any number of threads. One thread owns the connection; the other threads pass their
requests to it."""

from __future__ import annotations

import itertools
import logging
import os
import select
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

import amqp

from services.kernel.amqp.connection import FIRST_PAUSE, LONGEST_PAUSE, LOST, Connection, connected, log_lost, read
from services.kernel.errors import DomainError, Unavailable
from services.kernel.observability import outages

#: The broker's pseudo-queue for replies: it delivers a reply directly to the connection that sent the request, without a real
#: queue.
REPLY_TO = "amq.rabbitmq.reply-to"

log = logging.getLogger(__name__)


class PendingRequest:
    """A request in progress, and the queue on which the caller waits for its answer."""

    __slots__ = ("answer", "body", "expires", "queue")

    def __init__(self, queue: str, body: bytes, seconds: float) -> None:
        self.queue = queue
        self.body = body
        self.expires = time.monotonic() + seconds
        self.answer: SimpleQueue[bytes | DomainError] = SimpleQueue()


class Client:
    """The `Transport` for requests between processes. It connects when it is first used, and reconnects by itself."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._asks: SimpleQueue[PendingRequest] = SimpleQueue()
        self._pending: dict[str, PendingRequest] = {}
        self._numbers = itertools.count()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ending = False
        #: Whether the last attempt to reach the broker failed. False until the first attempt ends, so callers wait for that
        #: attempt.
        self._away = False

    def send(self, queue: str, body: bytes, timeout: float) -> bytes:
        """Send a request and return the answer. Raises Unavailable at once if no process serves the queue or the broker is
        unreachable, and after `timeout` seconds without an answer; `details["unknown"]` is true if the request may have been
        executed nevertheless."""
        if self._thread is None:
            self._start()
        if self._away:
            raise Unavailable("bus_unavailable")
        ask = PendingRequest(queue, body, timeout)
        self._asks.put(ask)
        os.eventfd_write(self._wake, 1)
        try:
            answer = ask.answer.get(timeout=timeout)
        except Empty:
            raise _unknown("no_answer") from None
        if isinstance(answer, DomainError):
            raise answer
        return answer

    @property
    def available(self) -> bool:
        """Return whether the broker was reachable at the last attempt."""
        if self._thread is None:
            self._start()
        return not self._away

    def close(self) -> None:
        """Close the connection. Callers that still wait get Unavailable."""
        self._ending = True
        os.eventfd_write(self._wake, 1)
        if self._thread:
            self._thread.join()
        os.close(self._wake)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="requests", daemon=True)
                thread.start()
                self._thread = thread

    # The methods below run only in the thread that owns the connection.

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._ending:
            try:
                with connected(self._uri) as connection:
                    publish = self._open(connection)
                    self._away, pause = False, FIRST_PAUSE
                    self._carry(connection, publish)
            except LOST as error:
                log_lost("requests", error)
            except Exception:
                log.exception("carrying requests failed; it is begun again")
            self._away = True
            self._fail_all()
            time.sleep(0 if self._ending else pause)
            self._fail_all()  # Also fail the requests of threads that had not yet seen that the broker is unreachable.
            pause = min(pause * 2, LONGEST_PAUSE)

    def _open(self, connection: Connection) -> Callable[[PendingRequest], None]:
        channel = connection.channel()
        channel.events["basic_return"].add(self._nobody_there)
        channel.basic_consume(REPLY_TO, no_ack=True, callback=self._answered)

        def publish(ask: PendingRequest) -> None:
            milliseconds = int((ask.expires - time.monotonic()) * 1000)
            if milliseconds <= 0:
                return
            number = str(next(self._numbers))
            self._pending[number] = ask
            message = amqp.Message(
                ask.body, reply_to=REPLY_TO, correlation_id=number, delivery_mode=1, expiration=str(milliseconds)
            )
            channel.basic_publish(message, routing_key=ask.queue, mandatory=True)

        return publish

    def _carry(self, connection: Connection, publish: Callable[[PendingRequest], None]) -> None:
        poll = select.epoll()
        poll.register(self._wake, select.EPOLLIN)
        poll.register(connection.sock.fileno(), select.EPOLLIN)
        tidied = time.monotonic()
        with poll:
            while not self._ending:
                for descriptor, _ in poll.poll(1.0):
                    if descriptor == self._wake:
                        os.eventfd_read(self._wake)
                        self._publish_all(publish)
                    else:
                        while read(connection, 0):
                            pass
                if time.monotonic() - tidied > 1.0:
                    tidied = time.monotonic()
                    connection.heartbeat_tick()
                    self._forget_expired()

    def _publish_all(self, publish: Callable[[PendingRequest], None]) -> None:
        while True:
            try:
                publish(self._asks.get_nowait())
            except Empty:
                return

    def _answered(self, message: amqp.Message) -> None:
        if ask := self._pending.pop(message.properties["correlation_id"], None):
            outages.ended(log, "service_unavailable", f"{ask.queue} is served again", about=ask.queue)
            ask.answer.put(message.body)

    def _nobody_there(self, _error: Exception, _exchange: str, queue: str, message: amqp.Message) -> None:
        outages.met(log, "service_unavailable", "no process serves %s", queue, about=queue)
        if ask := self._pending.pop(message.properties["correlation_id"], None):
            ask.answer.put(Unavailable())

    def _forget_expired(self) -> None:
        now = time.monotonic()
        for number in [number for number, ask in self._pending.items() if ask.expires < now]:
            del self._pending[number]

    def _fail_all(self) -> None:
        for ask in self._pending.values():
            ask.answer.put(_unknown("connection_lost"))
        self._pending.clear()
        self._publish_all(lambda ask: ask.answer.put(Unavailable("bus_unavailable")))


def _unknown(code: str) -> Unavailable:
    return Unavailable(
        code,
        "服务没有及时答复，操作可能已经完成，也可能没有；请用同一个 Idempotency-Key 重试，或先查询结果。",
        "No answer came in time; it may have been done or not. Repeat it with the same Idempotency-Key, or look first.",
        unknown=True,
    )
