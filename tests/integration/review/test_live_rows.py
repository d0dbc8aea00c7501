"""If rows of the review service are changed without the service, they no longer match their last audit entry."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from deploy.local_services.postgres import Postgres
from services.kernel import audit
from services.kernel.identity import PROVINCE
from services.review.registry import registry
from services.review.tables import opinions, scores
from tests.helpers.rewritten import unnoticed
from tests.integration.review.scenario import House
from tests.integration.review.test_decision_lists import draft, row

_numbers = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def scored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Yield a deployment with one application, which was recommended, found complete, scored by three experts and added to a
    decision list."""
    url = f"sqlite:///{tmp_path}/review.db"
    if request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.create_database(f"review_live_rows_{next(_numbers)}")
    house = House([url])
    house.experts(3)
    case = house.to_decision("app", [90, 80, 70])
    draft(house, row(case))
    yield house
    house.close()


def rewritten(house: House, statement: Any) -> list[str]:
    database = house.at(PROVINCE).database
    with database.write() as session:
        session.execute(statement)
    with database.snapshot() as session:
        return [flaw.what.partition(" (")[0] for flaw in audit.verify_rows(session, registry).flaws]


@pytest.mark.writes_rows
@pytest.mark.parametrize(
    "statement",
    [
        update(scores).values(total="99"),
        update(opinions).where(opinions.c.stage == "formal_check").values(outcome="reject"),
        delete(scores).where(scores.c.total != "80"),
    ],
    ids=["a total", "an outcome", "scores removed"],
)
def test_a_score_or_an_opinion_that_was_rewritten_shows(scored: House, statement: Any) -> None:
    assert rewritten(scored, statement) == ["application/app: its rows are not as its last entry"]


def test_no_column_of_a_case_can_be_rewritten_unnoticed(scored: House) -> None:
    assert unnoticed(scored.at(PROVINCE).database, registry) == []
