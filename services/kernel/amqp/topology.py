"""The exchanges and queues on the broker: an exchange for each producer, and for each consumer a queue that keeps its events.

The deployment declares them for all services, with an account that may. A process declares its own share again when it connects,
in case the broker lost its disk and if its account may. A bureau's account needs access only to its own queues and exchange.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress

import amqp

from services.kernel.amqp.connection import Connection, connected
from services.kernel.runtime import ServiceRuntime

#: Queues of events survive a restart of the broker. One process at a time consumes a queue, so that events stay in order.
EVENT_QUEUE = {"x-queue-type": "quorum", "x-single-active-consumer": True}
#: The first version of RabbitMQ whose successors refuse transient queues that several connections share (4.3 does).
DURABLE_REQUESTS_FROM = 4
#: Milliseconds after which the broker deletes a durable request queue that has no consumer. It would outlive a restart of the
#: broker otherwise, and callers of a service that is gone would wait for their deadline.
REQUEST_QUEUE_EXPIRES = 60_000
#: Times an event may be given back before the broker drops it: never, in practice. RabbitMQ 4 drops after 20 lost connections,
#: and 3.x refuses -1 for "no limit".
DELIVERY_LIMIT = 1_000_000_000

log = logging.getLogger(__name__)


def declare(uri: str, runtimes: Iterable[ServiceRuntime]) -> None:
    """Declare all exchanges and queues of these services. If this runs before the first service starts, no event is published
    before the queues of its consumers exist. Repeating it changes nothing."""
    with connected(uri) as connection:
        channel = connection.channel()
        for runtime in runtimes:
            _declare(channel, runtime)


def waiting(uri: str, runtimes: Iterable[ServiceRuntime]) -> dict[str, int]:
    """The number of messages in each existing queue of events."""
    found = {}
    with connected(uri) as connection:
        for queue in sorted({binding.queue for runtime in runtimes for binding in runtime.bindings()}):
            with suppress(amqp.NotFound):  # a missing queue also closes the channel
                found[queue] = connection.channel().queue_declare(queue, passive=True).message_count
    return found


def declare_own(connection: Connection, runtime: ServiceRuntime) -> None:
    """Declare one service's share. If this account may not, the deployment has declared it."""
    try:
        _declare(connection.channel(), runtime)
    except amqp.AccessRefused as refused:
        log.info("%s leaves its queues to the deployment: %s", runtime.service, refused)


def declare_request_queue(connection: Connection, queue: str) -> None:
    """Declare a queue of requests. Its messages are transient and expire with their callers' deadlines. It is deleted with its
    last consumer, so that the broker tells a caller at once that no process serves it.

    RabbitMQ 3 gets a transient queue, as releases before this one declare it beside us; RabbitMQ 4 gets a durable one. A queue
    that exists with other properties is used as it is: while a cluster is upgraded, its nodes are of both versions.
    """
    durable = major_version(connection) >= DURABLE_REQUESTS_FROM
    arguments = {"x-expires": REQUEST_QUEUE_EXPIRES} if durable else None
    # a separate channel: the broker closes a channel when it refuses, which would end the channel's consumers
    channel = connection.channel()
    try:
        channel.queue_declare(queue, durable=durable, auto_delete=True, arguments=arguments)
    except amqp.PreconditionFailed as different:
        log.info("%s exists with other properties and is used as it is (%s)", queue, different.reply_text)
    else:
        channel.close()


def major_version(connection: Connection) -> int:
    """The broker's: 3 or 4."""
    return int(str(connection.server_properties["version"]).partition(".")[0])


def exchanges_known(runtime: ServiceRuntime) -> set[str]:
    """The exchanges to which a service publishes or from which it receives events."""
    return {*runtime.exchanges(), *(exchange for binding in runtime.bindings() for exchange, _ in binding.keys)}


def _declare(channel: amqp.Channel, runtime: ServiceRuntime) -> None:
    for exchange in exchanges_known(runtime):
        channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
    for binding in runtime.bindings():
        channel.queue_declare(binding.queue, durable=True, auto_delete=False, arguments=EVENT_QUEUE)
        for exchange, key in binding.keys:
            channel.queue_bind(binding.queue, exchange, key)
