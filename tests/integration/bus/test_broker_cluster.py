"""Two nodes of RabbitMQ in one cluster: a service answers requests although the node that contained its request queue is down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from deploy.local_services import RabbitMQ, install
from services.kernel.errors import Unavailable
from tests.integration.bus.buses import PATIENCE, AmqpBus, eventually
from tests.integration.collector import Collector

QUEUE = "rpc.application"


class Node(RabbitMQ):
    """A RabbitMQ node that allows deprecated features, because RabbitMQ 4.0 cannot always start a node in a cluster that refuses
    them."""

    def prepare(self) -> None:
        super().prepare()
        file = self.folder / "rabbitmq.conf"
        lines = [line for line in file.read_text().splitlines() if not line.startswith("deprecated_features")]
        file.write_text("\n".join([*lines, ""]))


class SecondNode(Node):
    """A node that joins the first node's cluster, and therefore uses the first node's Erlang port mapper and cookie."""

    def __init__(self, folder: Path, first: RabbitMQ) -> None:
        super().__init__(folder)
        self._first = first

    def prepare(self) -> None:
        cookie = self.folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_bytes((self._first.folder / cookie.name).read_bytes())
            cookie.chmod(0o400)
        super().prepare()

    def environment(self) -> Mapping[str, str]:
        return {**super().environment(), "ERL_EPMD_PORT": str(self._first.port("epmd"))}

    def uri(self, user: str | None = None) -> str:
        """Return the address of this node for an account. All accounts of the cluster are those of the first node."""
        return self._first.uri(user).replace(f":{self._first.port('amqp')}/", f":{self.port('amqp')}/")

    def join(self) -> None:
        self.ctl("stop_app")
        self.ctl("join_cluster", self._first.environment()["RABBITMQ_NODENAME"])
        self.ctl("start_app")
        self.wait_ready()


class ClusterBus(AmqpBus):
    """The sample services on a cluster of two nodes. Processes connect to the first node unless a test passes another address."""

    def __init__(self, folder: Path, collector: str) -> None:
        super().__init__(folder, collector)
        self.broker = Node(folder / "rabbitmq")
        self.second = SecondNode(folder / "second", self.broker)

    def __enter__(self) -> ClusterBus:
        super().__enter__()
        self.second.start()
        self.second.wait_ready()
        self.second.join()
        return self

    def __exit__(self, *error: object) -> None:
        self.second.stop()
        super().__exit__(*error)

    def answers(self) -> bool:
        try:
            self.told("", timeout=5.0)
        except Unavailable:
            return False
        return True


@pytest.fixture
def cluster(tmp_path: Path, collector: Collector) -> Iterator[ClusterBus]:
    install.ensure("rabbitmq-server", "postgresql")
    with ClusterBus(tmp_path, collector.url) as bus:
        yield bus


def test_a_service_answers_while_the_node_of_its_request_queue_is_down(cluster: ClusterBus) -> None:
    # Given a request queue that a process has declared on the second node, and a process that is connected to the first
    cluster.processes["application"].stop()
    cluster.start("application", name="application-2", uri=cluster.second.uri())
    eventually(lambda: cluster.takers(QUEUE) == 1)
    cluster.start("application")
    eventually(lambda: cluster.takers(QUEUE) == 2 and cluster.answers())
    # When the second node is killed, Then the process that is connected to the first node answers requests
    cluster.second.kill()
    eventually(lambda: _consumers(cluster) == 1 and cluster.answers())
    # and when the second node is started again, it rejoins the cluster, and the process that is connected to it serves again
    cluster.second.start()
    cluster.second.wait_ready(PATIENCE)
    eventually(lambda: _consumers(cluster) == 2 and cluster.answers())


def test_a_process_that_starts_while_the_node_of_the_queue_is_down_answers(cluster: ClusterBus) -> None:
    # Given a request queue on the second node, and no process that is connected to the first
    cluster.processes["application"].stop()
    cluster.start("application", name="application-2", uri=cluster.second.uri())
    eventually(lambda: cluster.takers(QUEUE) == 1)
    # When the second node is killed and a process starts on the first node, Then that process answers requests
    cluster.second.kill()
    cluster.start("application")
    eventually(lambda: _consumers(cluster) == 1 and cluster.answers())


def _consumers(cluster: ClusterBus) -> int:
    """Return the number of consumers of the request queue. Unlike `takers`, this also works while the queue's node is down."""
    listed = cluster.broker.ctl("list_queues", "-p", "guichuang", "name", "consumers").splitlines()
    return sum(int(line.split("\t")[1]) for line in listed if line.startswith(f"{QUEUE}\t"))
