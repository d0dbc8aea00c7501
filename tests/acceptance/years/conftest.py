"""Platforms for the stories about the years after recognition. Each story has its own, because it moves the date forward by
years."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.demo.oversight import Calendar
from deploy.demo.people import People
from deploy.demo.platform import accounts
from tests.acceptance.conftest import SHAPES


@pytest.fixture(scope="session", params=SHAPES)
def people(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """Yield all accounts on a running platform of either shape."""
    folder = tmp_path_factory.mktemp("years")
    with request.param(folder) as server:
        yield People(server, accounts(folder))


@pytest.fixture(scope="session")
def calendar(people: People) -> Calendar:
    """Return the platform's date, which every story moves forward."""
    return Calendar(people)
