"""The platforms on which the acceptance stories run, in two shapes: embedded (one process) and cluster (a process for each
service). Each platform is started once for all stories."""

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
    """Yield a platform with everything in one process."""
    with Embedded(folder, GUICHUANG_RATE_LIMIT="0") as platform:
        yield platform.server
        assert verify(Settings(var=str(folder))) == 0


@contextmanager
def cluster(folder: Path) -> Iterator[Server]:
    """Yield a platform with every service in a process of its own, and with Liuzhou's own review service; broker, databases and
    object store are real."""
    with running(folder) as machine:
        yield Server(f"http://{machine.settings.http}")


@contextmanager
def running(folder: Path) -> Iterator[LocalCluster]:
    """Yield the cluster with all its processes. At its end, the check of its audit logs must find no fault."""
    install.ensure()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        http = f"127.0.0.1:{probe.getsockname()[1]}"
    with LocalCluster(Settings(http=http, var=str(folder), seed="demo", rate_limit="0")) as machine:
        yield machine
        for operators in (machine.operators(), *map(machine.operators, machine.cities)):
            assert verify(operators) == 0


#: The pytest parameters for the two shapes. Each is marked with its name, because `python -m tests` runs two pytest processes,
#: one for each shape.
SHAPES = [
    pytest.param(embedded, marks=pytest.mark.embedded, id="embedded"),
    pytest.param(cluster, marks=pytest.mark.cluster, id="cluster"),
]


@pytest.fixture(scope="session", params=SHAPES)
def people(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """Yield the demonstration's accounts on a running platform, once for each shape."""
    folder = tmp_path_factory.mktemp("platform")
    with request.param(folder) as server:
        yield People(server, accounts(folder))


@pytest.fixture
def call(people: People) -> str:
    """Return the id of an open call that only this story uses."""
    return str(open_call(people)["id"])
