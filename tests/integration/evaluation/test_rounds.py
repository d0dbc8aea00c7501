"""A round of evaluation, where another policy makes its grades public before they hold (A13)."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from services.contracts.evaluation_rounds import Notice, RoundReport
from services.evaluation.registry import registry
from services.kernel.errors import Conflict, Forbidden, Invalid
from services.kernel.settings import Settings
from services.kernel.testing import Bench, FixedClock
from services.policy import Policies, Policy
from tests.integration.evaluation.world import (
    CHIEF,
    CITY,
    LEAD,
    PROVINCE_CHIEF,
    PROVINCE_OFFICER,
    recognise_in,
    say,
    swept,
    to,
    told,
)

SECTIONS = dict.fromkeys(("project_execution", "budget", "management", "cooperation"), "按期完成。")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A province whose grades are public for five working days before they hold."""
    document = deepcopy(Policies.builtin().get("guangxi_trial@1").to_dict())
    document["deadlines"]["grade_publicity_working_days"] = 5
    clock = FixedClock(datetime(2026, 6, 9, 4, 0, tzinfo=UTC))
    policies = Policies([Policy.from_dict(document)])
    return Bench(registry, tmp_path / "evaluation.db", policies=policies, clock=clock, signers=("documents",))


def notice(bench: Bench, **change: Any) -> dict[str, Any]:
    body = {
        "title": "2026 年度评估",
        "issued_on": "2026-06-09",
        "window": {"opens_at": "2026-06-09T00:00:00+08:00", "closes_at": "2026-08-09T00:00:00+08:00"},
        "period": {"from": "2023-06-01", "to": "2026-05-31"},
    } | change
    return bench.tell("issue_notice", PROVINCE_CHIEF, notice=Notice().load(body))


def part(bench: Bench, round: str, consortium: str) -> dict[str, Any]:
    return bench.ask("get_participant", PROVINCE_OFFICER, id=round, consortium=consortium)


def opined(bench: Bench, id: str, type: str, bureau: str, stage: str, next_stage: str | None, **data: Any) -> None:
    said = {"case": f"{bureau}-1", "version": 1, "stage": stage, "next_stage": next_stage, "article": "A13"} | data
    say(bench, type, f"review.{bureau}", f"participation/{id}", said)


def submitted(bench: Bench, round: str, consortium: str) -> str:
    """A report handed in; the participation's id."""
    report = RoundReport().load({"sections": SECTIONS})
    bench.tell("write_report", LEAD, id=round, consortium=consortium, report=report)
    answer = bench.tell("submit_report", LEAD, id=round, consortium=consortium, documents_statement=None)
    return str(answer["id"])


def graded(bench: Bench, round: str, consortium: str, grade: str, score: str) -> str:
    id = submitted(bench, round, consortium)
    opined(bench, id, "review.recommended", CITY, "recommendation", "material_check")
    opined(bench, id, "review.passed", "450000", "material_check", "expert_review")
    opined(bench, id, "review.passed", "450000", "expert_review", None, score=score, spread="2", scores=3)
    bench.tell("grade_participation", PROVINCE_CHIEF, id=round, consortium=consortium, grade=grade, score=score)
    return id


def test_a_request_for_deferral_says_until_when_it_can_be_answered(bench: Bench) -> None:
    consortium = recognise_in(bench)(recognised_on="2023-06-01")
    round = notice(bench)["id"]
    bench.tell("ask_deferral", LEAD, id=round, consortium=consortium, reason="搬迁", documents=[], documents_statement=None)
    (asked,) = told(bench, "participation.deferral_requested")
    assert asked["closes_on"] == told(bench, "participation.invited")[0]["closes_on"]


def test_grades_are_public_first_and_hold_when_the_period_is_over(bench: Bench) -> None:
    # Given a graded participation
    id = recognise_in(bench)(recognised_on="2023-01-01")
    round = notice(bench)["id"]
    graded(bench, round, id, "rectify", "64")
    # When the grades are published, then they do not hold yet
    answer = bench.tell("publish_grades", PROVINCE_CHIEF, id=round)
    assert answer["status"] == "publicised"
    assert told(bench, "evaluation.published") == []
    to(bench, date(2026, 6, 16))
    assert swept(bench, "grade_publicity") == []
    # When five working days are over, then they do, and the rectification's year begins with that day
    to(bench, date(2026, 6, 17))
    assert swept(bench, "grade_publicity") == [("grade_publicity", "grades in effect")]
    assert swept(bench, "grade_publicity") == []
    [published] = told(bench, "evaluation.published")
    assert (published["grade"], published["published_on"]) == ("rectify", "2026-06-17")
    assert [case["due_on"] for case in told(bench, "rectification.opened")] == ["2027-06-17"]
    with pytest.raises(Conflict):
        bench.tell("publish_grades", PROVINCE_CHIEF, id=round)


@pytest.mark.parametrize(
    ("recognised_on", "issued_on", "mandatory"),
    [
        ("2023-06-09", "2026-06-09", True),
        ("2023-06-10", "2026-06-09", None),
        ("2020-02-29", "2023-02-28", True),
    ],
)
def test_three_calendar_years_of_operation_oblige(
    bench: Bench, recognised_on: str, issued_on: str, mandatory: bool | None
) -> None:
    id = recognise_in(bench)(recognised_on=recognised_on)
    if issued_on != "2026-06-09":
        document = deepcopy(Policies.builtin().get("guangxi_trial@1").to_dict()) | {"version": 9, "effective_from": "2019-01-01"}
        bench.runtime._provided["policies"].add(Policy.from_dict(document))
    round = notice(bench, issued_on=issued_on)["id"]
    items = bench.ask("list_participants", PROVINCE_OFFICER, id=round)["items"]
    assert [item["mandatory"] for item in items if item["consortium"]["id"] == id] == ([mandatory] if mandatory else [])


def test_a_younger_one_may_take_part_where_the_notice_says_so_and_may_stay_away(bench: Bench) -> None:
    id = recognise_in(bench)(recognised_on="2025-01-01")
    round = notice(bench, allow_younger=True)["id"]
    assert part(bench, round, id)["mandatory"] is False
    to(bench, date(2026, 8, 10))
    assert swept(bench, "evaluation_windows") == [("evaluation_windows", "declined")]
    assert told(bench, "revocation.proposed") == []


def test_a_correction_that_is_not_made_in_time_counts_as_giving_up(bench: Bench) -> None:
    id = recognise_in(bench)(recognised_on="2023-01-01")
    round = notice(bench)["id"]
    participation = submitted(bench, round, id)
    said = {"comment": "请补充。", "sections": [{"section": "budget", "comment": "缺决算"}]}
    opined(bench, participation, "review.returned", CITY, "recommendation", None, **said)
    to(bench, date(2026, 6, 24))
    assert swept(bench, "evaluation_corrections") == []
    to(bench, date(2026, 6, 25))
    assert swept(bench, "evaluation_corrections") == [("evaluation_corrections", "absent")]
    assert [event["fact"]["fact"] for event in told(bench, "revocation.proposed")] == ["lapsed"]


def test_an_opinion_that_overtakes_the_one_before_it_waits_for_it(bench: Bench) -> None:
    # Given a platform that tries failing reactions again at once
    bench.runtime.settings = Settings(seed="demo", retry_delays="0,0,0,0,0")
    id = recognise_in(bench)(recognised_on="2023-01-01")
    round = notice(bench)["id"]
    participation = submitted(bench, round, id)
    # When the province's check arrives before the city's opinion, then it waits, and takes effect after it
    with pytest.raises(Conflict):
        opined(bench, participation, "review.passed", "450000", "material_check", "expert_review")
    assert part(bench, round, id)["stage"] == "recommendation"
    opined(bench, participation, "review.recommended", CITY, "recommendation", "material_check")
    assert part(bench, round, id)["stage"] == "expert_review"
    assert told(bench, "participation.opinion_void") == []


def test_an_opinion_of_another_bureau_and_one_that_comes_twice_are_void(bench: Bench) -> None:
    id = recognise_in(bench)(recognised_on="2023-01-01")
    participation = submitted(bench, notice(bench)["id"], id)
    for bureau in ("450300", CITY, CITY):
        opined(bench, participation, "review.recommended", bureau, "recommendation", "material_check")
    assert [event["reason"] for event in told(bench, "participation.opinion_void")] == ["not_its_turn", "not_current_stage"]


def test_a_dissolved_consortium_leaves_its_round_and_is_not_looked_into(bench: Bench) -> None:
    id = recognise_in(bench)(recognised_on="2023-01-01")
    round = notice(bench)["id"]
    submitted(bench, round, id)
    gone = {
        "name": "糖业",
        "status": "dissolved",
        "lead": {"uscc": LEAD.organisation, "name": "牵头"},
        "units": [],
        "effective_on": "2026-06-09",
    }
    say(bench, "consortium.changed", "application", f"consortium/{id}", gone)
    assert part(bench, round, id)["status"] == "ended"
    with pytest.raises(Conflict) as caught:
        bench.tell("submit_annual_report", LEAD, id=id, year=2026, documents_statement=None)
    assert caught.value.code == "consortium_gone"
    to(bench, date(2027, 1, 1))
    assert swept(bench) == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"issued_on": "2026-06-10"}, "/issued_on"),
        ({"issued_on": "1999-01-01"}, "/issued_on"),
        ({"window": {"opens_at": "2026-06-09T00:00:00+08:00", "closes_at": "2026-06-09T00:00:00+08:00"}}, "/window/closes_at"),
        ({"period": {"from": "2026-06-01", "to": "2026-05-31"}}, "/period/to"),
        ({"rubric": [{"criterion": "成果", "weight": 0, "max": 100}]}, "/rubric/0"),
        ({"bands": [{"grade": "excellent", "at_least": 90}]}, "/bands"),
        ({"caps": {"perfect": "0.10"}}, "/caps/perfect"),
    ],
)
def test_a_notice_that_cannot_be_is_refused_where_it_is_wrong(bench: Bench, change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        notice(bench, **change)
    assert [error.pointer for error in caught.value.errors] == [pointer]


def test_rounds_are_the_provinces(bench: Bench) -> None:
    with pytest.raises(Forbidden):
        bench.tell("issue_notice", CHIEF, notice={})
