"""The platform of the stories, in both shapes; each is started once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.cli.verify import verify
from deploy.cluster.local_cluster import LocalCluster
from deploy.demo.client import Server
from deploy.demo.formation import open_call
from deploy.demo.people import People
from deploy.demo.platform import Embedded, accounts
from deploy.local_services import install
from services.kernel.settings import Settings


@contextmanager
def embedded(folder: Path) -> Iterator[Server]:
    """Everything in one process."""
    with Embedded(folder, GUICHUANG_RATE_LIMIT="0") as platform:
        yield platform.server
        assert verify(Settings(var=str(folder))) == 0


@contextmanager
def cluster(folder: Path) -> Iterator[Server]:
    """Every service in a process of its own, Liuzhou with its own review service; real broker, databases and object store."""
    with running(folder) as machine:
        yield Server(f"http://{machine.settings.http}")


@contextmanager
def running(folder: Path) -> Iterator[LocalCluster]:
    """The cluster with all its processes. When it ends, its audit logs must verify."""
    install.ensure()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        http = f"127.0.0.1:{probe.getsockname()[1]}"
    with LocalCluster(Settings(http=http, var=str(folder), seed="demo", rate_limit="0")) as machine:
        yield machine
        for operators in (machine.operators(), *map(machine.operators, machine.cities)):
            assert verify(operators) == 0


@pytest.fixture(scope="session", params=[embedded, cluster], ids=lambda shape: shape.__name__)
def people(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """All accounts at a running platform of either shape."""
    folder = tmp_path_factory.mktemp("platform")
    with request.param(folder) as server:
        yield People(server, accounts(folder))


@pytest.fixture
def call(people: People) -> str:
    """An open call of this story's own."""
    return str(open_call(people)["id"])
