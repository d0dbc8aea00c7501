"""The differences between RabbitMQ 3 and 4, and how the bus handles them. `make brokers` runs these tests on RabbitMQ 4."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import amqp
import pytest

from deploy.cluster import topology as written
from deploy.local_services.rabbitmq import VHOST
from services.kernel.amqp import topology
from services.kernel.amqp.connection import Connection, connected, read, run_until_ended
from services.kernel.amqp.topology import EVENT_QUEUE, declare_request_queue, major_version
from services.kernel.observability import outages
from services.kernel.settings import Settings
from tests.integration.bus.buses import OFFICER, SERVED, AmqpBus, eventually

#: The number of connections that a test loses during the delivery of one event: more than the twenty after which RabbitMQ 4 drops
#: a message by default.
LOST_CONNECTIONS = 25


@pytest.fixture
def connection(amqp_bus: AmqpBus) -> Iterator[Connection]:
    with connected(amqp_bus.broker.uri()) as connection:
        yield connection


def exists(bus: AmqpBus, queue: str) -> bool:
    """Return whether the broker lists the queue. (A passive declaration would count as use of the queue, and so postpone its
    expiry.)"""
    return queue in bus.broker.ctl("list_queues", "-p", VHOST, "name").split()


def lose_connections_over(bus: AmqpBus, queue: str) -> int:
    """Put an event into a queue, then lose one connection after another during its delivery; return how many events are in the
    queue at the end."""
    with connected(bus.broker.uri()) as connection:
        channel = connection.channel()
        channel.confirm_select()
        channel.queue_declare(queue, durable=True, auto_delete=False, arguments=EVENT_QUEUE)
        channel.basic_publish_confirm(amqp.Message("event", delivery_mode=2), routing_key=queue)
    for _ in range(LOST_CONNECTIONS):
        came: list[amqp.Message] = []
        with pytest.raises(ConnectionResetError), connected(bus.broker.uri()) as connection:
            connection.channel().basic_consume(queue, callback=came.append)
            for _ in range(20):
                if came or not read(connection, 0.1):
                    break
            raise ConnectionResetError
    with connected(bus.broker.uri()) as connection:
        held = connection.channel().queue_declare(queue, passive=True)
        connection.channel().queue_delete(queue)
    return int(held.message_count)


def test_no_event_is_dropped_however_many_connections_are_lost(amqp_bus: AmqpBus, connection: Connection) -> None:
    # Given a broker with the policy that `guichuang broker definitions` prints
    settings = Settings(bus=amqp_bus.broker.uri())
    amqp_bus.broker.import_definitions({"policies": written.policies(settings)})
    # When connections are lost while an event is delivered, Then the event is still in its queue
    assert lose_connections_over(amqp_bus, "review.GX-LOST") == 1
    # and RabbitMQ 4 would have dropped it without the policy
    amqp_bus.broker.ctl("clear_policy", "-p", VHOST, written.EVENTS_POLICY)
    assert lose_connections_over(amqp_bus, "review.GX-LOST") == (1 if major_version(connection) < 4 else 0)


def test_the_policy_is_about_every_queue_of_events_and_no_other(amqp_bus: AmqpBus) -> None:
    settings = Settings(bus=amqp_bus.broker.uri())
    printed = written.definitions(settings)
    amqp_bus.broker.import_definitions(printed)
    listed = amqp_bus.broker.ctl("list_queues", "-p", VHOST, "name", "policy").splitlines()[1:]
    of_policy = dict(line.split("\t") for line in listed)
    assert {name for name, policy in of_policy.items() if policy == written.EVENTS_POLICY} >= {
        queue["name"] for queue in printed["queues"]
    }
    assert {policy for name, policy in of_policy.items() if name.startswith("rpc.")} == {""}
    amqp_bus.broker.ctl("clear_policy", "-p", VHOST, written.EVENTS_POLICY)


def test_a_request_queue_goes_with_its_last_consumer(amqp_bus: AmqpBus, connection: Connection) -> None:
    # Given a request queue that is declared as this version of the broker requires: durable on RabbitMQ 4, not durable on
    # RabbitMQ 3
    declare_request_queue(connection, "rpc.short-lived")
    durable = amqp_bus.broker.ctl("list_queues", "-p", VHOST, "name", "durable")
    assert f"rpc.short-lived\t{'true' if major_version(connection) >= 4 else 'false'}" in durable
    # When the queue's only consumer ends, Then the broker deletes the queue, so that callers learn immediately that no process
    # serves it
    channel = connection.channel()
    consumer = channel.basic_consume("rpc.short-lived")
    channel.basic_cancel(consumer)
    eventually(lambda: not exists(amqp_bus, "rpc.short-lived"))


def test_a_durable_request_queue_that_nobody_takes_from_expires(
    amqp_bus: AmqpBus, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a durable request queue without a consumer, as a restart of the broker leaves it, Then the broker deletes the queue
    # when it expires
    monkeypatch.setattr(topology, "DURABLE_REQUESTS_FROM", 3)
    monkeypatch.setattr(topology, "REQUEST_QUEUE_EXPIRES", 200)
    declare_request_queue(connection, "rpc.left-over")
    eventually(lambda: not exists(amqp_bus, "rpc.left-over"))


def test_a_request_queue_that_is_there_already_is_served_as_it_is(amqp_bus: AmqpBus, connection: Connection) -> None:
    # Given a request queue with other properties, which a process on a node of another version has declared and consumes from
    other = connection.channel()
    other.queue_declare("rpc.mixed", durable=True, auto_delete=True, arguments={"x-expires": 1234567})
    others = other.basic_consume("rpc.mixed")
    # When this process declares its request queue of the same name, Then it can consume from the existing queue
    declare_request_queue(connection, "rpc.mixed")
    came: list[amqp.Message] = []
    channel = connection.channel()
    channel.basic_consume("rpc.mixed", callback=came.append)
    other.basic_cancel(others)
    channel.basic_publish(amqp.Message("request"), routing_key="rpc.mixed")
    eventually(lambda: read(connection, 0.1) or came)
    assert [message.body for message in came] == ["request"]


def test_what_the_broker_refuses_is_logged_in_its_own_words(
    amqp_bus: AmqpBus, connection: Connection, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "_last_logged", {})
    caplog.set_level(logging.INFO)
    ending = threading.Event()

    def ask_for_the_impossible() -> None:
        with connected(amqp_bus.broker.uri()) as connection:
            try:
                # RabbitMQ 4.3 refuses the first declaration, of a transient queue for several connections; the server of `make
                # brokers` is configured to refuse it too. RabbitMQ 3 refuses the second, because the queue exists with other
                # properties.
                connection.channel().queue_declare("rpc.transient", durable=False, auto_delete=True)
                connection.channel().queue_declare("rpc.transient", durable=True, auto_delete=True)
            finally:
                ending.set()

    run_until_ended("requests", ask_for_the_impossible, ending)
    [said] = [record for record in caplog.records if getattr(record, "code", "") == "broker_refuses"]
    reason = "transient_nonexcl_queues" if major_version(connection) >= 4 else "inequivalent arg 'durable'"
    assert said.levelname == "ERROR"
    assert said.getMessage().startswith("requests: the broker refuses what this process needs: ")
    assert reason in said.getMessage()
    assert "away" not in said.getMessage()


def test_a_process_with_many_queues_works_on_no_more_requests_than_one_with_a_single_queue(amqp_bus: AmqpBus) -> None:
    # Given a process that consumes from two queues, and more waiting requests than the process may handle at once
    def ask(number: int) -> int:
        bureau = SERVED[number % 2]
        return int(amqp_bus.caller.call("review", "linger", {}, OFFICER, bureau=bureau, timeout=120))

    with ThreadPoolExecutor(40) as threads:
        most = list(threads.map(ask, range(40)))
    # Then the process works on as many requests at the same time as it may (eight), and never on more
    assert max(most) == 8
