"""The nameko entrypoint for requests. One channel receives the requests and sends the answers; green threads do the work."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import amqp
import eventlet
from nameko.extensions import Entrypoint

from services.kernel.amqp.connection import Connection, connected, read, run_until_ended
from services.kernel.amqp.topology import declare_request_queue

log = logging.getLogger(__name__)


class Requests(Entrypoint):  # type: ignore[misc]
    """Calls the decorated method with the body of each request, and sends the result to the caller.

    `queues` returns the queues to consume now; the result may change over time. At most `at_once` requests are handled
    concurrently. The broker sends up to that number from each queue; the requests beyond `at_once` wait in this process. A
    request is acknowledged after its answer was sent. If this process dies before the acknowledgement, the broker gives the
    request to another process; a command that was executed already then gets the stored answer, because commands have an
    idempotency key. `bus_connected` is set while the broker is connected.
    """

    def __init__(self, uri: str, queues: Callable[[], Sequence[str]], at_once: int, bus_connected: threading.Event) -> None:
        super().__init__()
        self._uri = uri
        self._queues = queues
        self._max_concurrent = at_once
        self._bus_connected = bus_connected
        self._ending = threading.Event()
        self._in_progress = 0
        self._waiting: deque[amqp.Message] = deque()
        #: Whether a queue may be on a node of RabbitMQ's cluster that is down, because the broker cancelled the queue's consumer,
        #: or did not answer the queue's declaration before the connection was lost.
        self._node_down = False
        self._thread: Any = None

    def start(self) -> None:
        self._thread = self.container.spawn_managed_thread(lambda: run_until_ended("requests", self._serve, self._ending))

    def stop(self) -> None:
        """Take no more requests, and return when the requests in progress are answered."""
        self._ending.set()
        self._thread.wait()

    def _serve(self) -> None:
        try:
            self._consume_requests()
        finally:
            self._bus_connected.clear()

    def _consume_requests(self) -> None:
        with connected(self._uri) as connection:
            self._waiting.clear()  # The broker delivers requests of the lost connection again.
            channel = connection.channel()
            channel.basic_qos(0, self._max_concurrent, a_global=False)
            consumers: dict[str, str] = {}
            self._consume(connection, channel, consumers)
            self._bus_connected.set()
            while not self._ending.is_set():
                self._read(connection)
                self._consume(connection, channel, consumers)
            for consumer in consumers.values():
                channel.basic_cancel(consumer)
            while self._in_progress or self._waiting:
                read(connection, 0.1)

    def _read(self, connection: Connection) -> None:
        try:
            read(connection, 1.0)
        except amqp.ConsumerCancelled:
            self._node_down = True
            raise

    def _consume(self, connection: Connection, channel: amqp.Channel, consumers: dict[str, str]) -> None:
        """Consume exactly the queues that `queues` names now. The broker deletes a queue together with its last consumer and
        drops its messages without notice, so this process leaves a queue only when it is empty. Until then the service refuses
        each request that is still in the queue."""
        queues = self._queues()
        replace, self._node_down = self._node_down, True
        for queue in [queue for queue in queues if queue not in consumers]:
            declare_request_queue(connection, queue, replace=replace)
            consumers[queue] = channel.basic_consume(queue, callback=self._enqueue)
        self._node_down = False
        for queue in [queue for queue in consumers if queue not in queues]:
            if channel.queue_declare(queue, passive=True).message_count == 0:
                channel.basic_cancel(consumers.pop(queue))

    def _enqueue(self, message: amqp.Message) -> None:
        self._waiting.append(message)
        self._start_waiting()

    def _start_waiting(self) -> None:
        while self._waiting and self._in_progress < self._max_concurrent:
            message = self._waiting.popleft()
            self._in_progress += 1
            self.container.spawn_worker(self, (message.body,), {}, handle_result=self._completion_of(message))

    def _completion_of(self, message: amqp.Message) -> Callable[..., tuple[bytes | None, Any]]:
        def finish(_worker: object, result: bytes | None, failure: Any) -> tuple[bytes | None, Any]:
            self._in_progress -= 1
            if result is not None:
                _answer(message, result)
            eventlet.spawn_n(self._start_waiting)  # Start the next waiting request, after this worker has returned to the pool.
            return result, failure

        return finish


def _answer(request: amqp.Message, body: bytes) -> None:
    properties = request.properties
    reply = amqp.Message(body, correlation_id=properties["correlation_id"], delivery_mode=1)
    try:
        request.channel.basic_publish(reply, routing_key=properties["reply_to"])
        request.channel.basic_ack(request.delivery_tag)
    except Exception as error:
        # The connection of this request was lost, so its caller gets no answer. The request is not acknowledged, and the broker
        # delivers it to another consumer.
        log.warning("the caller of an answer is gone (%s)", error)
