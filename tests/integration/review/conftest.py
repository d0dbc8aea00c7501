from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.kernel import migrate
from services.kernel.database import Database
from tests.integration.review.house import BUREAUS, CITY, House


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the newest revision, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "review.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade("review", database)
    database.close()
    return path


@pytest.fixture
def house(tmp_path: Path, migrated: Path) -> Iterator[House]:
    """One deployment that serves every bureau."""
    house = House([f"sqlite:///{shutil.copy(migrated, tmp_path)}"])
    yield house
    house.close()


@pytest.fixture
def apart(tmp_path: Path, migrated: Path) -> Iterator[House]:
    """A city that runs its own review, with its own database, beside the pooled one."""
    urls = [f"sqlite:///{shutil.copy(migrated, tmp_path / name)}" for name in ("city.db", "pooled.db")]
    house = House(urls, [(CITY,), tuple(bureau for bureau in BUREAUS if bureau != CITY)])
    yield house
    house.close()
