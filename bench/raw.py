"""The yardstick of the event row: py-amqp alone, at its highest rate with confirms and acknowledgements, and without a database.

`python -m bench.raw publish|consume URI QUEUE COUNT BODY_FILE`: the publisher waits for a confirm after every 200 messages, the
consumer acknowledges every 50; both run at the same time. Each prints `ready`, waits for a line on its input, and prints the time
at which it finished.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import amqp

from bench.infrastructure import READY

CONFIRM_EVERY = 200
ACK_EVERY = 50


def connect(uri: str) -> amqp.Connection:
    """Open a plain py-amqp connection."""
    parts = urlsplit(uri)
    connection = amqp.Connection(
        f"{parts.hostname}:{parts.port}", userid=parts.username, password=parts.password, virtual_host=parts.path.lstrip("/")
    )
    connection.connect()
    return connection


def declare(channel: amqp.Channel, queue: str) -> None:
    """Declare a durable quorum queue, as the platform declares its queues of events."""
    channel.queue_declare(queue, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})


def publish(connection: amqp.Connection, queue: str, count: int, body: bytes) -> Callable[[], None]:
    """Return a function that publishes `count` persistent messages and returns when the broker has confirmed the last."""
    channel = connection.channel()
    declare(channel, queue)
    channel.confirm_select()
    floor, above = 0, set()

    def confirmed(delivery_tag: int, multiple: bool) -> None:
        # The broker may confirm a message before earlier messages.
        nonlocal floor, above
        if multiple:
            floor = delivery_tag
            above = {tag for tag in above if tag > floor}
        else:
            above.add(delivery_tag)

    channel.events["basic_ack"].add(confirmed)

    def run() -> None:
        for number in range(1, count + 1):
            channel._basic_publish(amqp.Message(body, delivery_mode=2, content_type="application/json"), "", queue)
            if number % CONFIRM_EVERY == 0 or number == count:
                while floor + len(above) < number:
                    connection.drain_events(timeout=30)

    return run


def consume(connection: amqp.Connection, queue: str, count: int, _body: bytes) -> Callable[[], None]:
    """Return a function that consumes `count` messages and returns when the last is acknowledged."""
    channel = connection.channel()
    declare(channel, queue)
    channel.basic_qos(0, 4 * ACK_EVERY, False)
    seen = 0

    def take(message: amqp.Message) -> None:
        nonlocal seen
        seen += 1
        if seen % ACK_EVERY == 0 or seen == count:
            channel.basic_ack(message.delivery_tag, multiple=True)

    def run() -> None:
        channel.basic_consume(queue, callback=take)
        while seen < count:
            connection.drain_events(timeout=30)

    return run


def main(role: str, uri: str, queue: str, count: str, body_file: str) -> None:
    connection = connect(uri)
    run = {"publish": publish, "consume": consume}[role](connection, queue, int(count), Path(body_file).read_bytes())
    print(READY, flush=True)
    sys.stdin.readline()
    run()
    print(time.time(), flush=True)
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
