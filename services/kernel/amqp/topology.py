"""The exchanges and queues on the broker: one exchange for each producer, and for each consumer a queue that keeps its events.

A step of the deployment declares them for all services, with an account that may do so. When a process connects, it declares the
exchanges and queues of its own service again, if its account may, in case the broker has lost its disk. A bureau's account needs
access only to its own queues and exchange.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress

import amqp

from services.kernel.amqp.connection import Connection, connected
from services.kernel.runtime import ServiceRuntime

#: Queues of events survive a restart of the broker. Only one process at a time consumes a queue, so that events stay in order.
EVENT_QUEUE: dict[str, str | bool] = {"x-queue-type": "quorum", "x-single-active-consumer": True}
#: From this version of RabbitMQ on, request queues are durable: versions from 4.3 on refuse transient queues that several
#: connections share.
DURABLE_REQUESTS_FROM = 4
#: Milliseconds after which the broker deletes a durable request queue that has no consumer. Without this, the queue of a service
#: that no longer runs would remain, and callers would wait for their full time limit.
REQUEST_QUEUE_EXPIRES = 60_000
#: The number of times that an event may be returned to its queue before the broker drops it; so large that the broker never drops
#: one. RabbitMQ 4 would drop it after 20 lost connections, and 3.x refuses -1 for "no limit".
DELIVERY_LIMIT = 1_000_000_000

log = logging.getLogger(__name__)


def declare(uri: str, runtimes: Iterable[ServiceRuntime]) -> None:
    """Declare all exchanges and queues of these services. Run it before the first service starts, so that no event is published
    before the queues of its consumers exist. Repeating it changes nothing."""
    with connected(uri) as connection:
        channel = connection.channel()
        for runtime in runtimes:
            _declare(channel, runtime)


def queue_lengths(uri: str, runtimes: Iterable[ServiceRuntime]) -> dict[str, int]:
    """Return the number of messages in each existing queue of events."""
    lengths = {}
    with connected(uri) as connection:
        for queue in sorted({binding.queue for runtime in runtimes for binding in runtime.bindings()}):
            with suppress(amqp.NotFound):  # Asking for a missing queue raises NotFound, and the broker then closes the channel.
                lengths[queue] = connection.channel().queue_declare(queue, passive=True).message_count
    return lengths


def declare_own(connection: Connection, runtime: ServiceRuntime) -> None:
    """Declare the exchanges and queues of one service. If this process's account may not declare them, do nothing, because the
    deployment has declared them already."""
    try:
        _declare(connection.channel(), runtime)
    except amqp.AccessRefused as refused:
        log.info("%s leaves its queues to the deployment: %s", runtime.service, refused)


def declare_request_queue(connection: Connection, queue: str, *, replace: bool = False) -> None:
    """Declare a queue for requests. Its messages are transient and expire with their callers' time limits. It is deleted with its
    last consumer, so that the broker reports immediately that no process serves it. With `replace`, a queue without a consumer is
    deleted first.

    On RabbitMQ 3 the queue is transient, because processes of earlier releases, which may run at the same time, declare it so; on
    RabbitMQ 4 it is durable. A queue that exists with other properties is used as it is, because a cluster of RabbitMQ has nodes
    of both versions while it is upgraded.
    """
    durable = major_version(connection) >= DURABLE_REQUESTS_FROM
    arguments = {"x-expires": REQUEST_QUEUE_EXPIRES} if durable else None
    if replace and durable:
        _delete_unused(connection, queue)
    # Use a separate channel: the broker closes a channel when it refuses a declaration, which would end the channel's consumers.
    channel = connection.channel()
    try:
        channel.queue_declare(queue, durable=durable, auto_delete=True, arguments=arguments)
    except amqp.PreconditionFailed as different:
        log.info("%s exists with other properties and is used as it is (%s)", queue, different.reply_text)
    else:
        channel.close()


def _delete_unused(connection: Connection, queue: str) -> None:
    """Delete a request queue that has no consumer. RabbitMQ does not answer the declaration of a durable queue whose node of the
    cluster is down, but carries out the queue's deletion; the queue can then be declared on the connected node."""
    channel = connection.channel()
    try:
        channel.queue_delete(queue, if_unused=True)
    except amqp.PreconditionFailed:  # The queue has a consumer, so it stays.
        return
    channel.close()


def major_version(connection: Connection) -> int:
    """Return the major version of the broker: 3 or 4."""
    return int(str(connection.server_properties["version"]).partition(".")[0])


def exchanges_known(runtime: ServiceRuntime) -> set[str]:
    """Return the exchanges to which a service publishes or from which it receives events."""
    return {*runtime.exchanges(), *(exchange for binding in runtime.bindings() for exchange, _ in binding.keys)}


def _declare(channel: amqp.Channel, runtime: ServiceRuntime) -> None:
    for exchange in exchanges_known(runtime):
        channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
    for binding in runtime.bindings():
        channel.queue_declare(binding.queue, durable=True, auto_delete=False, arguments=EVENT_QUEUE)
        for exchange, key in binding.keys:
            channel.queue_bind(binding.queue, exchange, key)
