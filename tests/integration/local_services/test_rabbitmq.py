"""The private RabbitMQ keeps confirmed messages, isolates users, and can run beside another node."""

import time
from collections.abc import Iterator
from pathlib import Path

import amqp
import pytest
from kombu import Connection

from deploy.local_services import RabbitMQ


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    with RabbitMQ(tmp_path_factory.mktemp("rabbitmq")) as part:
        yield part


def put(uri: str, queue: str, text: str) -> None:
    """Publish a message; return when the node has confirmed that it stored the message."""
    with Connection(uri, transport_options={"confirm_publish": True}) as connection:
        channel = connection.default_channel
        channel.queue_declare(queue, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        channel.basic_publish(amqp.Message(text, delivery_mode=2), routing_key=queue, mandatory=True)


def take(uri: str, queue: str) -> str:
    with Connection(uri) as connection:
        message = connection.default_channel.basic_get(queue, no_ack=True)
        return str(message.body)


def test_a_confirmed_message_survives_a_kill_of_the_node(node: RabbitMQ) -> None:
    # Given a message that the node has confirmed, in a quorum queue that has existed for some time. RabbitMQ 3.10 writes a new
    # quorum queue to disk half a second after its declaration, and answers the declaration before that.
    put(node.uri(), "kept", "组建申请")
    time.sleep(1.5)
    # When the node is killed and started again
    node.kill()
    node.start()
    node.wait_ready()
    # Then the message is there
    assert take(node.uri(), "kept") == "组建申请"


def test_a_user_touches_only_what_it_was_permitted(node: RabbitMQ) -> None:
    # Given a city's user with permissions on its own queues
    city = node.add_user("city")
    node.set_permissions("city", configure="^city\\.", write="^(city\\.|amq\\.default)", read="^city\\.")
    # Then the user can use its own queue, but not another user's
    put(city, "city.450200", "own")
    assert take(city, "city.450200") == "own"
    with pytest.raises(amqp.exceptions.AccessRefused):
        put(city, "province.450000", "foreign")


def test_two_nodes_run_side_by_side(node: RabbitMQ, tmp_path: Path) -> None:
    with RabbitMQ(tmp_path / "second") as second:
        put(second.uri(), "mine", "second")
        put(node.uri(), "mine", "first")
        assert take(second.uri(), "mine") == "second"
    # and the first node keeps running when the second has stopped
    assert take(node.uri(), "mine") == "first"
