"""The support measures that a consortium may use on a day, the reasons, and the remaining amount (A9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.application.domain.entitlement import StateOnDay, Use, assess, require_new_person, require_round
from services.kernel.errors import Conflict
from services.policy import Policies

POLICY = Policies.builtin().get("guangxi_trial@1")
MEASURES = {measure.measure: measure for measure in POLICY.measures}
CYCLE = POLICY.evaluation.cycle_years
NEW = StateOnDay(date(2026, 6, 1), date(2026, 5, 1), "active", None, None, False)
GRADED = replace(NEW, recognised_on=date(2022, 5, 1), last_grade="good", graded_on=date(2026, 1, 10))


def allowed(of: StateOnDay, *uses: Use) -> set[str]:
    return {name for name, measure in MEASURES.items() if assess(measure, of, uses, CYCLE).allowed}


def use(measure: str, on: date = date(2026, 5, 20), round: str | None = None, person: str | None = None) -> Use:
    return Use(measure, on, round, person)


def test_a_newly_recognised_one_may_apply_for_its_project_and_holds_what_needs_no_grade() -> None:
    assert allowed(NEW) == set(MEASURES) - {"special_project_evaluated"}


@pytest.mark.parametrize(
    ("grade", "evaluated", "programme"),
    [("excellent", True, True), ("good", True, True), ("qualified", False, True), ("rectify", False, False)],
)
def test_the_grade_decides_on_projects_and_programmes(grade: str, evaluated: bool, programme: bool) -> None:
    found = allowed(replace(GRADED, last_grade=grade))
    assert ("special_project_evaluated" in found, "programme" in found) == (evaluated, programme)


def test_who_is_rectifying_holds_nothing_that_depends_on_a_grade_and_nominates_nobody() -> None:
    held = allowed(replace(GRADED, status="rectifying", last_grade="rectify"))
    assert held & {"special_project_new", "special_project_evaluated", "programme", "young_talent", "financing_referral"} == set()
    assert {"talent_fast_channel", "pay_policy"} <= held


@pytest.mark.parametrize("status", ["revoked", "dissolved", None])
def test_what_is_gone_or_not_there_yet_holds_nothing(status: str | None) -> None:
    assert allowed(replace(GRADED, status=status)) == set()


@pytest.mark.parametrize(
    ("on", "within"),
    [(date(2026, 5, 1), True), (date(2029, 4, 30), True), (date(2029, 5, 1), False)],
)
def test_the_new_project_is_for_the_first_cycle(on: date, within: bool) -> None:
    assert ("special_project_new" in allowed(replace(NEW, on=on))) is within


@pytest.mark.parametrize(
    ("on", "within"),
    [(date(2026, 1, 10), True), (date(2029, 1, 9), True), (date(2029, 1, 10), False)],
)
def test_the_project_after_evaluation_is_for_the_cycle_after_the_grade(on: date, within: bool) -> None:
    assert ("special_project_evaluated" in allowed(replace(GRADED, on=on))) is within


def test_the_new_project_is_given_once_and_the_other_once_a_cycle() -> None:
    once = assess(MEASURES["special_project_new"], NEW, [use("special_project_new")], CYCLE)
    assert (once.allowed, once.code, once.limit, once.used, once.left) == (False, "limit_reached", 1, 1, 0)
    before, since = use("special_project_evaluated", date(2025, 12, 1)), use("special_project_evaluated", date(2026, 2, 1))
    of_the_cycle_before = assess(MEASURES["special_project_evaluated"], GRADED, [before], CYCLE)
    of_this_cycle = assess(MEASURES["special_project_evaluated"], GRADED, [before, since], CYCLE)
    assert (of_the_cycle_before.allowed, of_this_cycle.allowed) == (True, False)


def test_young_talents_are_one_a_round_and_five_in_all() -> None:
    measure = MEASURES["young_talent"]
    four = [use("young_talent", round=str(place), person=f"p{place}") for place in range(4)]
    assert assess(measure, NEW, four, CYCLE).left == 1
    assert assess(measure, NEW, [*four, use("young_talent", round="5")], CYCLE).code == "limit_reached"
    require_round(measure, four, "9")
    with pytest.raises(Conflict) as caught:
        require_round(measure, four, "3")
    assert (caught.value.code, caught.value.details["article"]) == ("round_used", "A9(3)2")
    with pytest.raises(Conflict):
        require_new_person(measure, four, "p1")


def test_a_past_day_is_answered_by_what_had_been_used_then() -> None:
    later = use("special_project_new", date(2026, 5, 20))
    assert assess(MEASURES["special_project_new"], replace(NEW, on=date(2026, 5, 10)), [later], CYCLE).left == 1


def test_under_guidance_it_is_not_well_running() -> None:
    assert "financing_referral" not in allowed(replace(NEW, under_guidance=True))


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_answer_has_its_article_and_both_languages(name: str) -> None:
    for of in (NEW, replace(GRADED, status="revoked")):
        answer = assess(MEASURES[name], of, [], CYCLE).answer()
        assert answer["citation"].startswith("A9(")
        assert all(why["message"]["zh"] and why["message"]["en"] for why in answer["why"])
