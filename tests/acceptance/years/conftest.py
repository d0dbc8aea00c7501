"""Platforms of their own for the stories of the years after recognition: their date moves forward by years."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.demo.oversight import Calendar
from deploy.demo.people import People
from deploy.demo.platform import accounts
from tests.acceptance.conftest import cluster, embedded


@pytest.fixture(scope="session", params=[embedded, cluster], ids=lambda shape: shape.__name__)
def people(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """All accounts at a running platform of either shape."""
    folder = tmp_path_factory.mktemp("years")
    with request.param(folder) as server:
        yield People(server, accounts(folder))


@pytest.fixture(scope="session")
def calendar(people: People) -> Calendar:
    """The platform's date, which every story moves forward."""
    return Calendar(people)
