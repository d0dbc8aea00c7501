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
    """A request that has no answer yet, and the queue in this process on which its caller waits for the answer."""

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
        self._new_requests: SimpleQueue[PendingRequest] = SimpleQueue()
        self._pending: dict[str, PendingRequest] = {}
        self._request_numbers = itertools.count()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._start_lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = False
        #: Whether the last attempt to reach the broker failed. It is False until the first attempt ends, so that callers wait for
        #: the result of that attempt.
        self._broker_unreachable = False

    def send(self, queue: str, body: bytes, timeout: float) -> bytes:
        """Send a request and return the answer. Raises Unavailable immediately if no process serves the queue or if the broker is
        unreachable, and after `timeout` seconds without an answer. The error's `details["unknown"]` is true if the request may
        have been executed nevertheless."""
        if self._thread is None:
            self._start()
        if self._broker_unreachable:
            raise Unavailable("bus_unavailable")
        request = PendingRequest(queue, body, timeout)
        self._new_requests.put(request)
        os.eventfd_write(self._wake, 1)
        try:
            answer = request.answer.get(timeout=timeout)
        except Empty:
            raise _outcome_unknown("no_answer") from None
        if isinstance(answer, DomainError):
            raise answer
        return answer

    @property
    def available(self) -> bool:
        """Return whether the broker was reachable at the last attempt to connect."""
        if self._thread is None:
            self._start()
        return not self._broker_unreachable

    def close(self) -> None:
        """Close the connection. Callers that still wait get Unavailable."""
        self._closing = True
        os.eventfd_write(self._wake, 1)
        if self._thread:
            self._thread.join()
        os.close(self._wake)

    def _start(self) -> None:
        with self._start_lock:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="requests", daemon=True)
                thread.start()
                self._thread = thread

    # The methods below run only in the thread that owns the connection.

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._closing:
            try:
                with connected(self._uri) as connection:
                    publish = self._open_channel(connection)
                    self._broker_unreachable, pause = False, FIRST_PAUSE
                    self._exchange_messages(connection, publish)
            except LOST as error:
                log_lost("requests", error)
            except Exception:
                log.exception("carrying requests failed; it is begun again")
            self._broker_unreachable = True
            self._fail_pending()
            time.sleep(0 if self._closing else pause)
            self._fail_pending()  # Also fail the requests of threads that had not yet seen that the broker is unreachable.
            pause = min(pause * 2, LONGEST_PAUSE)

    def _open_channel(self, connection: Connection) -> Callable[[PendingRequest], None]:
        channel = connection.channel()
        channel.events["basic_return"].add(self._receive_returned)
        channel.basic_consume(REPLY_TO, no_ack=True, callback=self._receive_answer)

        def publish(request: PendingRequest) -> None:
            milliseconds = int((request.expires - time.monotonic()) * 1000)
            if milliseconds <= 0:
                return
            number = str(next(self._request_numbers))
            self._pending[number] = request
            message = amqp.Message(
                request.body, reply_to=REPLY_TO, correlation_id=number, delivery_mode=1, expiration=str(milliseconds)
            )
            channel.basic_publish(message, routing_key=request.queue, mandatory=True)

        return publish

    def _exchange_messages(self, connection: Connection, publish: Callable[[PendingRequest], None]) -> None:
        poll = select.epoll()
        poll.register(self._wake, select.EPOLLIN)
        poll.register(connection.sock.fileno(), select.EPOLLIN)
        last_tidied = time.monotonic()
        with poll:
            while not self._closing:
                for descriptor, _ in poll.poll(1.0):
                    if descriptor == self._wake:
                        os.eventfd_read(self._wake)
                        self._publish_all(publish)
                    else:
                        while read(connection, 0):
                            pass
                if time.monotonic() - last_tidied > 1.0:
                    last_tidied = time.monotonic()
                    connection.heartbeat_tick()
                    self._drop_expired()

    def _publish_all(self, publish: Callable[[PendingRequest], None]) -> None:
        while True:
            try:
                publish(self._new_requests.get_nowait())
            except Empty:
                return

    def _receive_answer(self, message: amqp.Message) -> None:
        if request := self._pending.pop(message.properties["correlation_id"], None):
            outages.log_recovery(log, "service_unavailable", f"{request.queue} is served again", about=request.queue)
            request.answer.put(message.body)

    def _receive_returned(self, _error: Exception, _exchange: str, queue: str, message: amqp.Message) -> None:
        outages.log_outage(log, "service_unavailable", "no process serves %s", queue, about=queue)
        if request := self._pending.pop(message.properties["correlation_id"], None):
            request.answer.put(Unavailable())

    def _drop_expired(self) -> None:
        now = time.monotonic()
        for number in [number for number, request in self._pending.items() if request.expires < now]:
            del self._pending[number]

    def _fail_pending(self) -> None:
        for request in self._pending.values():
            request.answer.put(_outcome_unknown("connection_lost"))
        self._pending.clear()
        self._publish_all(lambda request: request.answer.put(Unavailable("bus_unavailable")))


def _outcome_unknown(code: str) -> Unavailable:
    return Unavailable(
        code,
        "服务没有及时答复，操作可能已经完成，也可能没有；请用同一个 Idempotency-Key 重试，或先查询结果。",
        "No answer came in time; it may have been done or not. Repeat it with the same Idempotency-Key, or look first.",
        unknown=True,
    )
