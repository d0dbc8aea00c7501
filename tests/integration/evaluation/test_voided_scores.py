"""If an expert's score is voided before the grade is public, the grade must follow the scores that are left (A13)."""

from __future__ import annotations

from typing import Any

import pytest

from services.kernel.errors import Conflict
from services.kernel.testing import ServiceHarness
from tests.integration.evaluation.played_rounds import graded, led, notice, part, scored, submit
from tests.integration.evaluation.scenario import PROVINCE_CHIEF, approve, say, told

PROVINCE = "450000"


def voided(bench: ServiceHarness, id: str, next_stage: str | None = None, *, closed: bool = True, **left: Any) -> None:
    said = {"case": f"{PROVINCE}-1", "version": 1, "article": "A13", "seat": "seat", "account": "expert.1"}
    said |= {"reason": "受聘于牵头单位", "title": "评估", "submitted": 2, "of": 2, "closed": closed, "next_stage": next_stage}
    say(bench, "score.voided", f"review.{PROVINCE}", f"participation/{id}", said | left)


def appointed(bench: ServiceHarness, id: str) -> None:
    said = {"case": f"{PROVINCE}-1", "version": 1, "article": "A13", "experts": ["expert.2", "expert.4"], "third_party": None}
    say(bench, "panel.appointed", f"review.{PROVINCE}", f"participation/{id}", said | {"due_on": "2026-12-01"})


def grade(bench: ServiceHarness, round: str, id: str, score: str) -> Any:
    return approve(bench, "grade_participation", PROVINCE_CHIEF, id=round, consortium=id, grade="qualified", score=score)


@pytest.fixture
def to_grade(bench: ServiceHarness) -> tuple[str, str, str]:
    """Create a participation that all experts have scored; return the ids of the round, the consortium and the participation."""
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    participation = submit(bench, round, id, lead=lead)
    scored(bench, participation, "85")
    return round, id, participation


def test_the_grade_rests_on_the_scores_that_are_left(bench: ServiceHarness, to_grade: tuple[str, str, str]) -> None:
    round, id, participation = to_grade
    voided(bench, participation, score="75", spread="0", scores=2)
    assert part(bench, round, id, PROVINCE_CHIEF)["experts"] == {"score": "75", "spread": "0", "scores": 2}
    with pytest.raises(Conflict) as refusal:
        grade(bench, round, id, "85")
    assert refusal.value.code == "grade_needs_reason"
    grade(bench, round, id, "75")


def test_a_grade_waits_for_the_replacement(bench: ServiceHarness, to_grade: tuple[str, str, str]) -> None:
    round, id, participation = to_grade
    voided(bench, participation, "expert_review", score="75", spread="0", scores=2)
    with pytest.raises(Conflict) as refusal:
        grade(bench, round, id, "75")
    assert refusal.value.code == "not_scored"
    assert told(bench, "participation.rescored")[-1]["stage"] == "expert_review"


def test_a_replacement_seated_without_need_is_waited_for_too(bench: ServiceHarness, to_grade: tuple[str, str, str]) -> None:
    round, id, participation = to_grade
    voided(bench, participation, score="75", spread="0", scores=2)
    appointed(bench, participation)
    assert part(bench, round, id)["stage"] == "expert_review"


def test_a_grade_given_but_not_public_is_given_again(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    participation = graded(bench, round, id, "good", "85", lead=lead)
    voided(bench, participation, score="75", spread="0", scores=2)
    assert (part(bench, round, id)["status"], part(bench, round, id)["stage"]) == ("submitted", "grading")
    assert told(bench, "participation.rescored")[-1]["regraded"] is True
    with pytest.raises(Conflict) as refusal:
        approve(bench, "publish_grades", PROVINCE_CHIEF, id=round)
    assert refusal.value.code == "not_all_graded"
    grade(bench, round, id, "75")
    approve(bench, "publish_grades", PROVINCE_CHIEF, id=round)
    # A score that is voided after the grade became public changes nothing, and the province is notified that the voiding came too
    # late.
    voided(bench, participation, score="70", spread="0", scores=1)
    late = told(bench, "participation.opinion_void")[-1]
    assert (late["what"], late["seat"], late["reason"]) == ("score_void", "seat", "graded")
    assert part(bench, round, id)["status"] == "graded"


def test_a_score_voided_while_experts_score_says_nothing_of_the_result(
    bench: ServiceHarness, to_grade: tuple[str, str, str]
) -> None:
    round, id, participation = to_grade
    voided(bench, participation, "expert_review", closed=False)
    assert part(bench, round, id)["stage"] == "grading"
