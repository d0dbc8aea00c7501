"""An outcome counts once, ever, over all consortia, also when fifty claim it at the same moment (A13)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.contracts.evaluation_rounds import Notice, RoundReport
from services.evaluation.registry import registry
from services.kernel.errors import Conflict
from services.kernel.identity import Actor
from services.kernel.testing import Bench, FixedClock
from services.policy import Policies
from tests.integration.evaluation.world import EXAMPLE, PROVINCE_CHIEF, recognise_in

RIVALS = 50
PATENT = {"kind": "patent", "identifier": "ZL 2024 1 0123456.7", "title": "一种装置", "achieved_on": "2025-03-01"}


@pytest.fixture(params=["sqlite", "postgresql"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    clock = FixedClock(datetime(2026, 6, 9, 4, 0, tzinfo=UTC))
    url: Any = tmp_path / "evaluation.db"
    if request.param == "postgresql":
        name = f"evaluation_{request.node.name.partition('[')[0][-20:]}"
        url = request.getfixturevalue("postgres").create_database(name)
    return Bench(registry, url, policies=Policies.builtin(), clock=clock, signers=("documents",))


def notice(bench: Bench, **change: Any) -> dict[str, Any]:
    """A round that is open now."""
    body = {
        "title": "2026 年度评估",
        "issued_on": "2026-06-09",
        "window": {"opens_at": "2026-06-09T00:00:00+08:00", "closes_at": "2026-08-09T00:00:00+08:00"},
        "period": {"from": "2023-06-01", "to": "2026-05-31"},
    } | change
    return bench.tell("issue_notice", PROVINCE_CHIEF, notice=Notice().load(body))


def lead_of(place: int) -> tuple[Actor, dict[str, Any]]:
    uscc = f"91450200MA5KA{place:05d}"
    return Actor(f"lead-{place}", ("applicant",), organisation=uscc), {"uscc": uscc, "name": f"牵头单位{place}"}


def claim(bench: Bench, round: str, consortium: str, lead: Actor, *outcomes: dict[str, Any]) -> str | None:
    """Claim outcomes; the code of the refusal, or None."""
    report = RoundReport().load({"outcomes": list(outcomes)})
    try:
        bench.tell("write_report", lead, id=round, consortium=consortium, report=report)
    except Conflict as refusal:
        return refusal.code
    return None


def test_of_many_that_claim_one_patent_at_once_exactly_one_has_it(bench: Bench) -> None:
    # Given fifty consortia in a round
    recognise = recognise_in(bench)
    leads = [lead_of(place) for place in range(RIVALS)]
    ids = [recognise(recognised_on="2023-01-01", lead=named, units=[named | {"tier": None}]) for _, named in leads]
    round = notice(bench)["id"]
    # When all claim the same patent at once, each written in its own way
    written = [PATENT | {"identifier": text} for text in ("ZL202410123456.7", "ｚｌ202410123456.7", "CN 2024-1-0123456")]
    with ThreadPoolExecutor(16) as pool:
        work = [
            pool.submit(claim, bench, round, id, actor, written[place % 3])
            for place, (id, (actor, _)) in enumerate(zip(ids, leads, strict=True))
        ]
        answers = [one.result() for one in work]
    # Then one has it and every other is told so
    assert sorted(answers, key=str) == [None] + ["outcome_already_used"] * (RIVALS - 1)


def test_two_that_claim_the_same_outcomes_in_opposite_orders_do_not_wait_for_each_other_for_ever(bench: Bench) -> None:
    recognise = recognise_in(bench)
    leads = [lead_of(place) for place in range(12)]
    ids = [recognise(recognised_on="2023-01-01", lead=named, units=[named | {"tier": None}]) for _, named in leads]
    round = notice(bench)["id"]
    outcomes = [PATENT | {"identifier": f"ZL20241{place:07d}.1"} for place in range(20)]
    with ThreadPoolExecutor(12) as pool:
        work = [
            pool.submit(claim, bench, round, id, actor, *(outcomes if place % 2 else outcomes[::-1]))
            for place, (id, (actor, _)) in enumerate(zip(ids, leads, strict=True))
        ]
        answers = [one.result() for one in work]
    assert sorted(answers, key=str) == [None] + ["outcome_already_used"] * 11


def test_a_later_round_refuses_what_an_earlier_one_used_and_says_which(bench: Bench) -> None:
    # Given an outcome that was used and whose round is over
    recognise = recognise_in(bench)
    lead = EXAMPLE["lead"]["uscc"]
    actor = Actor("lead", ("applicant",), organisation=lead)
    first = recognise(recognised_on="2023-01-01")
    earlier = notice(bench, title="第一轮")["id"]
    assert claim(bench, earlier, first, actor, PATENT) is None
    other_actor, named = lead_of(1)
    other = recognise(recognised_on="2023-01-01", lead=named, units=[named | {"tier": None}])
    later = notice(bench, title="第二轮")["id"]
    # When another consortium claims it in the next round, then it is told which round has it
    report = RoundReport().load({"outcomes": [PATENT]})
    with pytest.raises(Conflict) as caught:
        bench.tell("write_report", other_actor, id=later, consortium=other, report=report)
    assert caught.value.details["evaluation"] == {"id": earlier, "title": "第一轮"}
    # and the first one's own report may still name it, or drop it and so free it
    assert claim(bench, earlier, first, actor, PATENT) is None
    assert claim(bench, earlier, first, actor) is None
    assert claim(bench, later, other, other_actor, PATENT) is None
