"""Fixtures that create a gateway for one test. The first start hashes sixty passwords, which takes a second, so it happens once
and each test copies the result."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.gateway.platform import Platform


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a gateway after its first start, with its accounts."""
    folder = tmp_path_factory.mktemp("started") / "var"
    Platform(folder).close()
    return folder


@pytest.fixture
def gateway_with(tmp_path: Path, started: Path) -> Iterator[Callable[..., Platform]]:
    """Yield a function that creates a gateway with other settings."""
    made: list[Platform] = []

    def make(**settings: str) -> Platform:
        shutil.copytree(started, tmp_path / "var")
        made.append(Platform(tmp_path / "var", **settings))
        return made[-1]

    yield make
    for platform in made:
        platform.close()


@pytest.fixture
def gateway(gateway_with: Callable[..., Platform]) -> Platform:
    return gateway_with()
