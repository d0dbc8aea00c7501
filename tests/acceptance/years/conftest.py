"""The years after recognition, told where all other stories have been: from here on the platform's date moves on by years."""

from __future__ import annotations

import pytest

from deploy.demo.oversight import Calendar
from deploy.demo.people import People


@pytest.fixture(scope="session")
def calendar(people: People) -> Calendar:
    """The platform's date, which every story moves on."""
    return Calendar(people)
