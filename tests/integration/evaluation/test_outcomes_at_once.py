"""If fifty consortia claim one outcome at the same moment, exactly one gets it (A13)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from services.evaluation.registry import registry
from services.evaluation.tables import outcome_claims
from services.kernel.errors import Conflict
from services.kernel.identity import Actor
from services.kernel.testing import FixedClock, ServiceHarness
from services.policy import Policies
from tests.integration.evaluation.played_rounds import PATENT, led, notice, submit, write
from tests.integration.evaluation.scenario import swept

RIVALS = 50


@pytest.fixture(params=["sqlite", "postgresql"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> ServiceHarness:
    clock = FixedClock(datetime(2026, 6, 9, 4, 0, tzinfo=UTC))
    url: Any = tmp_path / "evaluation.db"
    if request.param == "postgresql":
        name = f"evaluation_{request.node.name.partition('[')[0][-20:]}"
        url = request.getfixturevalue("postgres").create_database(name)
    return ServiceHarness(registry, url, policies=Policies.builtin(), clock=clock, signers=("documents",))


def claim(bench: ServiceHarness, round: str, consortium: str, lead: Actor) -> str | None:
    """Submit the report that the lead has drafted; return the error code if the submission is refused, otherwise None."""
    try:
        bench.tell("submit_report", lead, id=round, consortium=consortium, documents_statement=None)
    except Conflict as refusal:
        return refusal.code
    return None


def test_of_many_that_claim_one_patent_at_once_exactly_one_has_it(bench: ServiceHarness) -> None:
    # Given fifty consortia in a round whose drafts all name the same patent, each in a different spelling and kind
    parties = [led(bench, place) for place in range(RIVALS)]
    round = notice(bench)["id"]
    spellings = [
        {},
        {"identifier": "ｚｌ202410123456.7", "kind": "award"},
        {"identifier": "CN 2024-1-0123456（发明）", "kind": "product"},
    ]
    for place, (id, lead) in enumerate(parties):
        write(bench, round, id, PATENT | spellings[place % 3], lead=lead)
    # When all fifty submit their reports at the same time
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda party: claim(bench, round, *party), parties))
    # Then one consortium has claimed the patent, and all others are refused
    assert sorted(answers, key=str) == [None] + ["outcome_already_used"] * (RIVALS - 1)


def test_two_that_submit_the_same_outcomes_in_opposite_orders_do_not_wait_for_each_other_for_ever(bench: ServiceHarness) -> None:
    parties = [led(bench, place) for place in range(12)]
    round = notice(bench)["id"]
    outcomes = [PATENT | {"identifier": f"ZL20241{place:07d}.1"} for place in range(20)]
    for place, (id, lead) in enumerate(parties):
        write(bench, round, id, *(outcomes if place % 2 else outcomes[::-1]), lead=lead)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda party: claim(bench, round, *party), parties))
    assert sorted(answers, key=str) == [None] + ["outcome_already_used"] * 11


def test_claims_of_an_earlier_release_hold_against_many_at_once(bench: ServiceHarness) -> None:
    # Given a consortium's claim of a patent as an earlier release stored it, and eight other consortia whose drafts name the
    # patent
    holder, lead = led(bench, 0)
    rivals = [led(bench, place) for place in range(1, 9)]
    round = notice(bench)["id"]
    participation = submit(bench, round, holder, lead=lead)
    for id, actor in rivals:
        write(bench, round, id, PATENT, lead=actor)
    old = {"kind": "award", "key": "ZL2024101234567", "identifier": "ZL202410123456.7（发明）", "claimed_at": bench.clock.now()}
    with bench.database.write() as session:
        session.execute(insert(outcome_claims), old | {"participation": participation, "evaluation": round})
    # When the eight submit their reports at the same time, then all of them are refused
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda party: claim(bench, round, *party), rivals)) == {"outcome_already_used"}
    # and the sweep replaces the claim's old key by the key that this release computes, once
    assert swept(bench, "outcome_keys") == [("outcome_keys", "1 claims")]
    assert swept(bench, "outcome_keys") == []
    with bench.database.read() as session:
        assert [(row.kind, row.key) for row in session.execute(select(outcome_claims))] == [("number", "patent:202410123456")]
