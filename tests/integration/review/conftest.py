from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.review.house import BUREAUS, CITY, House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """One deployment that serves every bureau."""
    house = House(tmp_path)
    yield house
    house.close()


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[House]:
    """A city that runs its own review, with its own database, beside the pooled one."""
    house = House(tmp_path, (CITY,), tuple(bureau for bureau in BUREAUS if bureau != CITY))
    yield house
    house.close()
