from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.local_services.postgres import Postgres
from services.kernel.persistence import migrate
from services.kernel.persistence import tables as kernel
from services.kernel.persistence.database import Database
from services.review import tables as review
from tests.integration.review.moving import Two
from tests.integration.review.scenario import BUREAUS, CITY, OTHER_CITY, House, chief, officer, other_officer


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of an empty SQLite database at the newest revision; each test works on a copy of it."""
    path = tmp_path_factory.mktemp("migrated") / "review.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade("review", database)
    database.close()
    return path


@pytest.fixture
def house(tmp_path: Path, migrated: Path) -> Iterator[House]:
    """Yield one deployment that serves every bureau."""
    house = House([f"sqlite:///{shutil.copy(migrated, tmp_path)}"])
    yield house
    assert house.outdated_tasks() == []
    house.close()


@pytest.fixture
def apart(tmp_path: Path, migrated: Path) -> Iterator[House]:
    """Yield two deployments: one serves a city from a database of its own, the other serves all other bureaus."""
    urls = [f"sqlite:///{shutil.copy(migrated, tmp_path / name)}" for name in ("city.db", "pooled.db")]
    house = House(urls, [(CITY,), tuple(bureau for bureau in BUREAUS if bureau != CITY)])
    yield house
    assert house.outdated_tasks() == []
    house.close()


@pytest.fixture(scope="session")
def moving_urls(postgres: Postgres) -> list[str]:
    urls = [postgres.create_database(f"move_{name}") for name in ("pooled", "own", "settled")]
    for url in urls:
        database = Database(url)
        migrate.upgrade("review", database)
        database.close()
    return urls


@pytest.fixture
def two(moving_urls: list[str]) -> Iterator[Two]:
    """Yield the province's deployment, which serves every bureau, and a city's own deployment, which serves no bureau yet. Their
    databases are empty."""
    two = Two(*moving_urls)
    yield two
    assert two.house.outdated_tasks() == []
    for url in moving_urls:
        database = Database(url)
        with database.write() as session:
            tables = ", ".join(table.name for of in (kernel.metadata, review.metadata) for table in of.sorted_tables)
            session.execute(text(f"TRUNCATE {tables}"))
        database.close()
    two.house.close()


@pytest.fixture
def worked(two: Two) -> Two:
    """Return the two deployments. The bureau that moves has an open case, a case that it recommended and a withdrawn case;
    another bureau has a case too."""
    house = two.house
    for actor in (officer, chief, other_officer):
        house.account(actor)
    house.recommend("recommended")
    house.submit("withdrawn")
    house.withdraw("withdrawn")
    house.submit("open")
    house.submit("other", bureau=OTHER_CITY)
    return two
