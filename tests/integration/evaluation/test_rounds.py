"""An evaluation round from its notice to its grades (A13)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from services.contracts.application.events import EVENTS as APPLICATION
from services.evaluation.registry import registry
from services.kernel.errors import Conflict, Forbidden, Invalid
from services.kernel.identity import Actor
from services.kernel.settings import Settings
from services.kernel.testing import FixedClock, ServiceHarness
from services.policy import Policies
from tests.integration.evaluation.played_rounds import PATENT, graded, notice, opined, part, submit
from tests.integration.evaluation.scenario import (
    CHIEF,
    CITY,
    LEAD,
    OFFICER,
    PROVINCE_CHIEF,
    approve,
    recognise_in,
    say,
    swept,
    to,
    told,
)


@pytest.fixture
def bench(tmp_path: Path) -> ServiceHarness:
    """Return the evaluation service on a new database, on 9 June 2026."""
    clock = FixedClock(datetime(2026, 6, 9, 4, 0, tzinfo=UTC))
    return ServiceHarness(registry, tmp_path / "evaluation.db", policies=Policies.builtin(), clock=clock, signers=("documents",))


def test_a_request_for_deferral_says_until_when_it_can_be_answered(bench: ServiceHarness) -> None:
    consortium = recognise_in(bench)(recognised_on="2023-06-01")
    round = notice(bench)["id"]
    bench.tell("ask_deferral", LEAD, id=round, consortium=consortium, reason="搬迁", documents=[], documents_statement=None)
    (asked,) = told(bench, "participation.deferral_requested")
    assert asked["closes_on"] == told(bench, "participation.invited")[0]["closes_on"]


def test_grades_are_public_first_and_hold_when_the_period_is_over(bench: ServiceHarness) -> None:
    # Given a graded participation
    id = recognise_in(bench)(recognised_on="2023-01-01")
    round = notice(bench)["id"]
    graded(bench, round, id, "rectify", "64")
    # When the province publishes the grades, then they are public and not in effect yet
    answer = approve(bench, "publish_grades", PROVINCE_CHIEF, id=round)
    assert answer["status"] == "publicised"
    assert told(bench, "evaluation.published") == []
    to(bench, date(2026, 6, 16))
    assert swept(bench, "grade_publicity") == []
    # When five working days are over, then the grades are in effect, and the year of rectification begins on that day
    to(bench, date(2026, 6, 17))
    assert swept(bench, "grade_publicity") == [("grade_publicity", "grades in effect")]
    assert swept(bench, "grade_publicity") == []
    [published] = told(bench, "evaluation.published")
    assert (published["grade"], published["published_on"]) == ("rectify", "2026-06-17")
    assert [case["due_on"] for case in told(bench, "rectification.opened")] == ["2027-06-17"]
    with pytest.raises(Conflict):
        approve(bench, "publish_grades", PROVINCE_CHIEF, id=round)


def test_a_younger_one_may_take_part_where_the_notice_says_so_and_may_stay_away(bench: ServiceHarness) -> None:
    id = recognise_in(bench)(recognised_on="2025-01-01")
    round = notice(bench, allow_younger=True)["id"]
    assert part(bench, round, id)["mandatory"] is False
    to(bench, date(2026, 8, 9))
    assert swept(bench, "evaluation_windows") == [("evaluation_windows", "declined")]
    assert told(bench, "revocation.proposed") == []


def test_a_correction_that_is_not_made_in_time_counts_as_giving_up(bench: ServiceHarness) -> None:
    id = recognise_in(bench)(recognised_on="2023-01-01")
    round = notice(bench)["id"]
    participation = submit(bench, round, id)
    said = {"comment": "请补充。", "sections": [{"section": "budget", "comment": "缺决算"}]}
    opined(bench, participation, "review.returned", CITY, "recommendation", None, **said)
    to(bench, date(2026, 6, 24))
    assert swept(bench, "evaluation_corrections") == []
    to(bench, date(2026, 6, 25))
    assert swept(bench, "evaluation_corrections") == [("evaluation_corrections", "absent")]
    assert [event["fact"]["fact"] for event in told(bench, "revocation.proposed")] == ["lapsed"]


def test_the_bureau_that_returned_a_report_extends_its_correction_once(bench: ServiceHarness) -> None:
    id = recognise_in(bench)(recognised_on="2023-01-01")
    round = notice(bench)["id"]
    participation = submit(bench, round, id)
    said = {"comment": "请补充。", "sections": [{"section": "budget", "comment": "缺决算"}]}
    opined(bench, participation, "review.returned", CITY, "recommendation", None, **said)

    def extend(actor: Actor, until: str = "2026-07-09") -> Any:
        return bench.tell("extend_correction", actor, id=round, consortium=id, until=until, reason="决算审计尚未完成。")

    for actor in (LEAD, PROVINCE_CHIEF):
        with pytest.raises(Forbidden):
            extend(actor)
    for day in ("2026-06-24", "2026-07-10"):
        with pytest.raises(Invalid):
            extend(OFFICER, day)
    extended = extend(OFFICER)
    assert extended["correction"]["extended"]["reason"] == "决算审计尚未完成。"
    (event,) = told(bench, "participation.correction_extended")
    assert (event["by"], event["correction_due"]) == (CITY, extended["correction"]["due_at"])
    with pytest.raises(Conflict):
        extend(OFFICER)
    to(bench, date(2026, 7, 9))
    assert swept(bench, "evaluation_corrections") == []
    to(bench, date(2026, 7, 10))
    assert swept(bench, "evaluation_corrections") == [("evaluation_corrections", "absent")]


def test_an_opinion_that_overtakes_the_one_before_it_waits_for_it(bench: ServiceHarness) -> None:
    # Given a platform that retries a failed reaction without delay
    bench.runtime.settings = Settings(seed="demo", retry_delays="0,0,0,0,0")
    id = recognise_in(bench)(recognised_on="2023-01-01")
    round = notice(bench)["id"]
    participation = submit(bench, round, id)
    # When the province's material check arrives before the city's recommendation, then the check has no effect yet; it takes
    # effect after the recommendation has arrived
    with pytest.raises(Conflict):
        opined(bench, participation, "review.passed", "450000", "material_check", "expert_review")
    assert part(bench, round, id)["stage"] == "recommendation"
    opined(bench, participation, "review.recommended", CITY, "recommendation", "material_check")
    assert part(bench, round, id)["stage"] == "expert_review"
    assert told(bench, "participation.opinion_void") == []


def test_an_opinion_of_another_bureau_and_one_that_comes_twice_are_void(bench: ServiceHarness) -> None:
    id = recognise_in(bench)(recognised_on="2023-01-01")
    participation = submit(bench, notice(bench)["id"], id)
    for bureau in ("450300", CITY, CITY):
        opined(bench, participation, "review.recommended", bureau, "recommendation", "material_check")
    assert [event["reason"] for event in told(bench, "participation.opinion_void")] == ["not_its_turn", "not_current_stage"]
    # and an opinion on a stage that evaluations do not have (the formal check) is void, too
    opined(bench, participation, "review.passed", "450000", "formal_check", "decision")
    assert told(bench, "participation.opinion_void")[-1]["reason"] == "not_current_stage"


def test_a_dissolved_consortium_leaves_its_round_and_is_not_looked_into(bench: ServiceHarness) -> None:
    id = recognise_in(bench)(recognised_on="2023-01-01")
    round = notice(bench)["id"]
    submit(bench, round, id)
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


def test_rounds_are_the_provinces(bench: ServiceHarness) -> None:
    with pytest.raises(Forbidden):
        bench.tell("issue_notice", CHIEF, notice={})


def test_the_chief_scientists_employer_counts_as_a_unit_for_conflicts_in_a_round(bench: ServiceHarness) -> None:
    # Given a consortium whose chief scientist works for an organisation that is no unit of it (A5(4)2)
    id = recognise_in(bench)(recognised_on="2023-01-01", related_units=["UNIVERSITY"])
    round = notice(bench)["id"]
    submit(bench, round, id, PATENT)
    assert told(bench, "participation.submitted")[-1]["related_units"] == ["UNIVERSITY"]
    # When another person becomes the chief scientist, then the next submission names that person's employer
    data = APPLICATION["consortium.changed"].example | {"consortium": id, "related_units": ["INSTITUTE"]}
    say(bench, "consortium.changed", "application", f"consortium/{id}", data)
    opined(bench, part(bench, round, id)["id"], "review.returned", CITY, "recommendation", None, comment="补充", sections=[])
    submit(bench, round, id, PATENT)
    assert told(bench, "participation.submitted")[-1]["related_units"] == ["INSTITUTE"]
