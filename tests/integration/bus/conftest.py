"""Each test of the suite runs on both buses; the tests of faults run only on RabbitMQ."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from deploy.local_services import install
from services.kernel.observability import tracing
from tests.integration.bus.buses import AmqpBus, Bus, EmbeddedBus
from tests.integration.collector import SOON, Collector

_numbers = count(1)


@pytest.fixture(scope="session")
def embedded_bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBus]:
    with EmbeddedBus(tmp_path_factory.mktemp("embedded")) as bus:
        yield bus


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Yield the trace collector to which the processes on RabbitMQ send their spans; in tests that use `traced`, this process
    sends its spans too."""
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="session")
def amqp_bus(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[AmqpBus]:
    install.ensure("rabbitmq-server", "postgresql")
    with AmqpBus(tmp_path_factory.mktemp("amqp"), collector.url) as bus:
        yield bus


@pytest.fixture
def traced(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Let this process, too, send its spans to the collector; yield the collector."""
    for name, value in SOON.items():
        monkeypatch.setenv(name, value)
    tracing.begin(collector.url)
    yield collector
    tracing.end()


@pytest.fixture(params=["embedded", "amqp"])
def bus(request: pytest.FixtureRequest) -> Bus:
    made: Bus = request.getfixturevalue(f"{request.param}_bus")
    return made


@pytest.fixture
def story() -> str:
    """Return the name of a story (the subject of events) that only this test uses."""
    return f"s{next(_numbers)}"
