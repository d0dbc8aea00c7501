"""A `World` (the application service with its callers) for each test, on its own copy of a database that is migrated once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.integration.application.scenario import World


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("application") / "migrated.db"
    World(path).bench.database.close()
    return path


@pytest.fixture
def world(migrated: Path, tmp_path: Path) -> World:
    path = tmp_path / "application.db"
    shutil.copy(migrated, path)
    return World(path)
