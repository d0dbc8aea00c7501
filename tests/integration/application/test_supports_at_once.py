"""Of the requests for a support measure that arrive at the same moment, exactly as many are granted as uses are left (A9; on
SQLite and on PostgreSQL)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from services.contracts.application.support_requests import SupportRequest
from services.kernel.errors import Conflict
from tests.integration.application.scenario import World, applicant, new_enterprise
from tests.integration.application.test_quotas import imported

RIVALS = 50


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    if request.param == "sqlite":
        return World(tmp_path / "application.db")
    name = f"supports_{request.node.name.partition('[')[0][-20:]}"
    return World(request.getfixturevalue("postgres").create_database(name))


def ask(world: World, consortium: dict[str, Any], measure: str, **body: Any) -> str | None:
    """Request a support measure; return the error code if the request is refused, otherwise None."""
    wanted = SupportRequest().load({"measure": measure, "reason": "需要"} | body)
    lead = applicant(consortium["lead"]["uscc"])
    try:
        world.tell("request_support", lead, id=consortium["id"], request=wanted, documents_statement=None)
    except Conflict as refusal:
        return refusal.code
    return None


def at_once(world: World, consortium: dict[str, Any], bodies: list[dict[str, Any]]) -> list[str | None]:
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda body: ask(world, consortium, **body), bodies))


def rounds(world: World, count: int) -> list[str]:
    """Open this many calls for young talents; return their ids."""
    return [world.open_call(kind="young_talent", rubric=[], title=f"推荐通知{place}")["id"] for place in range(count)]


def nomination(lead: str, round: str, place: int) -> dict[str, Any]:
    return {"measure": "young_talent", "round": round, "person": {"name": f"青年{place}", "organisation": lead}}


def test_of_many_that_want_the_fifth_nomination_exactly_one_gets_it(world: World) -> None:
    # Given a consortium that has used four of its five nominations
    lead = new_enterprise()
    consortium = imported(world, "甲", lead)
    calls = rounds(world, 4 + RIVALS)
    for place, call in enumerate(calls[:4]):
        assert ask(world, consortium, **nomination(lead, call, place)) is None
    # When fifty threads each request the last nomination at the same time, each for another call
    answers = at_once(world, consortium, [nomination(lead, call, 100 + place) for place, call in enumerate(calls[4:])])
    # Then one request gets the last nomination, and all others are refused
    assert sorted(answers, key=str) == [None] + ["limit_reached"] * (RIVALS - 1)


def test_of_many_in_one_round_exactly_one_is_nominated(world: World) -> None:
    lead = new_enterprise()
    consortium = imported(world, "甲", lead)
    (call,) = rounds(world, 1)
    answers = at_once(world, consortium, [nomination(lead, call, place) for place in range(RIVALS)])
    assert sorted(answers, key=str) == [None] + ["round_used"] * (RIVALS - 1)


def test_of_many_requests_for_the_special_project_exactly_one_is_reserved(world: World) -> None:
    consortium = imported(world, "甲", new_enterprise(), recognised_on="2023-12-29")
    answers = at_once(world, consortium, [{"measure": "special_project_new", "amount": "3000000.00"}] * RIVALS)
    assert sorted(answers, key=str) == [None] + ["limit_reached"] * (RIVALS - 1)


def test_a_look_for_policies_never_waits_inside_a_transaction(world: World) -> None:
    # Given twenty requests for one consortium, which wait for its row and use all database connections of the pool, and policies
    # that must be checked again
    lead = new_enterprise()
    consortium = imported(world, "甲", lead)
    bodies = [nomination(lead, call, place) for place, call in enumerate(rounds(world, 5))] * 4
    world.policies.expire()
    # When the requests run at the same time, then none waits for a second connection to check the policies, and five succeed
    answers = at_once(world, consortium, bodies)
    assert answers.count(None) == 5
