"""The platforms for the stories about the years after recognition. They are separate from the platforms of the other stories,
because these stories move the platform's date forward by years."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.demo.oversight import Calendar
from deploy.demo.people import People
from deploy.demo.platform import accounts
from tests.acceptance.conftest import SHAPES


@pytest.fixture(scope="session", params=SHAPES)
def people(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """Yield the demonstration's accounts on a running platform, once for each shape (embedded and cluster)."""
    folder = tmp_path_factory.mktemp("years")
    with request.param(folder) as server:
        yield People(server, accounts(folder))


@pytest.fixture(scope="session")
def calendar(people: People) -> Calendar:
    """Return the calendar of the platform: it reads the platform's date, and each story moves the date forward."""
    return Calendar(people)
