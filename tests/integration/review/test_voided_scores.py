"""The score of a reviewer with an interest is voided and replaced; the voided score stays in the record (A6(2))."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.evaluation.events import EVENTS as EVALUATION_EVENTS
from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from services.kernel.identity import PROVINCE, Actor
from tests.integration.review.scenario import (
    CITY,
    LEAD,
    MEMBER,
    House,
    an_expert,
    auditor,
    chief,
    officer,
    province_chief,
    province_officer,
    third_party,
)

PANEL = ["expert1", "expert2", "expert3"]


def seats(house: House, id: str) -> dict[str, dict[str, Any]]:
    return {seat["account"]: seat for seat in house.see(id)["panel"]["seats"]}


def seat(house: House, id: str, number: int) -> str:
    return str(seats(house, id)[f"expert{number}"]["id"])


def void(house: House, id: str, number: int, actor: Actor = province_officer) -> Any:
    return house.tell("void_score", actor, id, seat=seat(house, id, number), reason="评分后受聘于牵头单位")


def replace(house: House, id: str, number: int, expert: str | None = None) -> Any:
    return house.tell("replace_reviewer", province_officer, id, seat=seat(house, id, number), expert=expert)


def ranking(house: House, id: str) -> dict[str, Any]:
    answer: dict[str, Any] = house.at(PROVINCE).ask("case_ranking", province_chief, id=id)
    return answer


def decide(house: House, id: str) -> Any:
    return house.tell("decide", province_chief, id, outcome="approve", reason="择优组建")


@pytest.fixture
def scored(house: House) -> str:
    """Create a case at the decision stage with three scores, as many as the call requires, and a fourth expert without a seat.
    Return its id."""
    house.experts(4)
    return house.to_decision("app", (90, 60, 60))


def test_a_voided_score_counts_no_more_and_stays_in_the_record(house: House, scored: str) -> None:
    assert ranking(house, scored)["aggregate"] == 70.0
    answer = void(house, scored, 1)
    assert (answer["submitted"], answer["needed"], answer["replacement_needed"]) == (2, 3, True)
    after = ranking(house, scored)
    assert after["aggregate"] == 60.0
    assert [entry["account"] for entry in after["scores"]] == ["expert2", "expert3"]
    (kept,) = after["voided"]
    assert (kept["account"], kept["total"], kept["by"], kept["reason"]) == (
        "expert1",
        90.0,
        "province.officer",
        "评分后受聘于牵头单位",
    )
    left = seats(house, scored)["expert1"]
    assert (left["state"], left["ended_by"], left["submitted"]) == ("voided", "province.officer", False)
    assert "score.voided" in house.audited("application/app")
    with pytest.raises(NotFound):
        house.see(scored, an_expert(1))


def test_fewer_scores_than_the_call_demands_decide_nothing(house: House, scored: str) -> None:
    void(house, scored, 1)
    with pytest.raises(Conflict) as refusal:
        decide(house, scored)
    assert (refusal.value.code, refusal.value.details["submitted"]) == ("too_few_scores", 2)


def test_a_replacement_is_drawn_scores_alone_and_only_then_is_it_decided(house: House, scored: str) -> None:
    void(house, scored, 1)
    answer = replace(house, scored, 1)
    # Then the last available expert is drawn with a recorded seed, and the reviewer whose score was voided is excluded
    assert answer["experts"] == ["expert2", "expert3", "expert4"]
    assert (len(answer["seed"]), [(one["expert"], one["reason"]) for one in answer["excluded"]]) == (32, [("expert1", "voided")])
    assert seats(house, scored)["expert4"]["replaces"] == seats(house, scored)["expert1"]["id"]
    assert house.said("panel.appointed")[-1].data["awaited"] == ["expert4"]
    # And the other reviewers may not change their scores, because the scores are known now
    with pytest.raises(Conflict) as refusal:
        house.score(an_expert(2), scored, 100)
    assert refusal.value.code == "scoring_closed"
    with pytest.raises(Conflict) as refusal:
        decide(house, scored)
    assert refusal.value.code == "scoring_open"
    assert house.score(an_expert(4), scored, 90)["scoring_closed"]
    with pytest.raises(Conflict):
        house.score(an_expert(4), scored, 10)
    assert ranking(house, scored)["aggregate"] == 70.0
    decide(house, scored)


def test_a_replacement_may_be_named_but_not_with_an_interest_or_twice(house: House, scored: str) -> None:
    house.account(an_expert(5), expert={"employer": LEAD})
    with pytest.raises(Conflict) as early:
        replace(house, scored, 1)
    assert early.value.code == "seat_not_vacant"
    void(house, scored, 1)
    for name in ("expert5", "expert1", "expert2", "nobody"):
        with pytest.raises(Invalid) as refusal:
            replace(house, scored, 1, name)
        assert refusal.value.errors[0].pointer == "/expert"
    replace(house, scored, 1, "expert4")
    with pytest.raises(Conflict):
        replace(house, scored, 1)


def test_the_province_may_go_on_without_a_replacement_where_enough_scores_are_left(house: House) -> None:
    house.experts(5)
    id = house.to_decision("app", (90, 60, 60, 60))
    assert not void(house, id, 1)["replacement_needed"]
    replace(house, id, 1)
    house.tell("close_scoring", province_officer, id, reason="替补专家未能按期评分")
    with pytest.raises(Conflict):
        house.score(an_expert(5), id, 60)
    decide(house, id)


def test_nobody_left_to_draw_is_told(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (90, 60, 60))
    void(house, id, 1)
    with pytest.raises(Conflict) as refusal:
        replace(house, id, 1)
    assert refusal.value.code == "too_few_experts"


def test_a_score_is_voided_while_others_still_score(house: House) -> None:
    house.experts(4)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, experts=PANEL)
    house.score(an_expert(1), id, 90)
    void(house, id, 1)
    assert "score" not in house.said("score.voided")[-1].data  # Scores are not published before scoring ends.
    replace(house, id, 1)
    for number in (2, 3, 4):
        house.score(an_expert(number), id, 60)
    assert ranking(house, id)["aggregate"] == 60.0
    assert house.see(id)["stage"] == "decision"


def test_only_a_score_that_counts_is_voided_by_the_province_before_the_decision(house: House, scored: str) -> None:
    for actor in (officer, chief):
        with pytest.raises(NotFound):
            void(house, scored, 1, actor)
    for actor in (auditor, an_expert(2)):
        with pytest.raises(Forbidden):
            void(house, scored, 1, actor)
    with pytest.raises(NotFound):
        house.tell("void_score", province_officer, scored, seat="nothing", reason="利害关系")
    other = house.to_panel("other")
    house.tell("draw_panel", province_officer, other, experts=PANEL)
    with pytest.raises(Conflict) as refusal:
        void(house, other, 1)
    assert refusal.value.code == "no_score_to_void"
    decide(house, scored)
    with pytest.raises(Conflict) as refusal:
        void(house, scored, 1)
    assert refusal.value.code == "review_closed"


def test_a_third_partys_voided_score_is_replaced_by_another_panel(house: House) -> None:
    house.experts(3)
    house.account(third_party)
    id = house.to_panel()
    house.tell("draw_panel", province_officer, id, third_party=third_party.username)
    house.score(third_party, id, 85)
    (taken,) = house.see(id)["panel"]["seats"]
    house.tell("void_score", province_officer, id, seat=taken["id"], reason="与成员单位有投资关系")
    # Then no score is left by which the case can be ranked, and the third party that lost the seat cannot be appointed again
    assert (ranking(house, id)["scores"], len(ranking(house, id)["voided"])) == ([], 1)
    assert house.at(PROVINCE).ask("call_ranking", province_chief, call="call")["items"] == []
    with pytest.raises(Invalid):
        house.tell("draw_panel", province_officer, id, third_party=third_party.username, reason="重新委托")
    house.tell("draw_panel", province_officer, id, size=3, reason="改由专家组评审")
    for number in (1, 2, 3):
        house.score(an_expert(number), id, 70)
    decide(house, id)


def test_an_interest_that_arises_after_scoring_warns_the_province_once_and_blocks_the_decision(house: House, scored: str) -> None:
    # Given an expert who becomes an employee of the lead after the scoring
    house.account(an_expert(1), expert={"employer": LEAD})
    house.account(an_expert(1), expert={"employer": LEAD, "fields": ["糖业"]})
    # Then the province is warned once, and the panel shows the expert's conflict of interest
    (warning,) = house.said("reviewer.conflict_found")
    assert (warning.bureau, warning.data["scored"], warning.data["reason"], warning.data["unit"]) == (
        PROVINCE,
        True,
        "employer",
        LEAD,
    )
    assert seats(house, scored)["expert1"]["conflict"]["reason"] == "employer"
    # And the case cannot be decided with that expert's score
    with pytest.raises(Conflict) as refusal:
        decide(house, scored)
    assert (refusal.value.code, refusal.value.details["accounts"]) == ("score_of_conflicted_reviewer", ["expert1"])
    void(house, scored, 1)
    replace(house, scored, 1)
    house.score(an_expert(4), scored, 80)
    decide(house, scored)
    # And an interest that arises after the decision causes no further warning
    house.account(an_expert(2), expert={"declared_interests": [MEMBER]})
    assert len(house.said("reviewer.conflict_found")) == 1


def test_after_an_upheld_objection_an_expert_may_be_replaced_and_the_others_read_nothing(house: House, scored: str) -> None:
    # Given a recognition that is held because an objection revealed an expert's conflict of interest
    decide(house, scored)
    held = {"application": "app", "version": 1, "findings": [], "objection": "o"}
    house.hear("application", "application.held", "application/app", held, PROVINCE)
    # When the score is voided and a replacement is drawn
    void(house, scored, 1)
    replace(house, scored, 1)
    # Then only the reviewer drawn as replacement may read the case
    assert house.said("panel.appointed")[-1].data["experts"] == ["expert4"]
    assert house.see(scored, an_expert(4))["id"] == scored
    with pytest.raises(NotFound):
        house.see(scored, an_expert(2))
    house.score(an_expert(4), scored, 80)
    decide(house, scored)


# Cases about participations: the evaluation service gives their grade (A13)


@pytest.fixture
def participation(house: House) -> str:
    """Create a participation whose panel has scored, so that it waits for its grade. Return the id of the province's case."""
    house.experts(4)
    example = EVALUATION_EVENTS["participation.submitted"].example
    house.hear("evaluation", "participation.submitted", "participation/p", example, CITY)
    for actor in (officer, chief):
        house.opinion(actor, case_of(house, CITY), answers={})
    id = case_of(house, PROVINCE)
    house.tell("draw_panel", province_officer, id, experts=PANEL)
    for number, points in ((1, 90), (2, 60), (3, 60)):
        scores = {row["criterion"]: str(points) for row in example["call"]["rubric"]}
        house.declare(an_expert(number), id)
        house.tell("submit_scores", an_expert(number), id, scores=scores, comment="评审意见")
    assert house.see(id)["status"] == "passed"
    return id


def case_of(house: House, bureau: str) -> str:
    items = house.at(bureau).ask("list_reviews", Actor("looks", ("officer",), bureau))["items"]
    return str(next(item["id"] for item in items if item["subject"] == "participation/p"))


def test_a_participation_short_of_scores_comes_back_to_the_experts(house: House, participation: str) -> None:
    void(house, participation, 1)
    told = house.said("score.voided")[-1].data
    assert (told["closed"], told["next_stage"], told["score"], told["scores"]) == (True, "expert_review", "60.0", 2)
    assert house.see(participation)["status"] == "open"
    replace(house, participation, 1)
    scores = {row["criterion"]: "90" for row in house.see(participation)["rubric"]}
    house.declare(an_expert(4), participation)
    house.tell("submit_scores", an_expert(4), participation, scores=scores, comment="评审意见")
    passed = house.said("review.passed")[-1].data
    assert (passed["stage"], passed["next_stage"], passed["score"], passed["scores"]) == ("expert_review", None, "70.0", 3)


def test_once_the_grade_is_public_nothing_is_voided_until_an_objection_is_upheld(house: House, participation: str) -> None:
    part = {"participation": "p"}
    house.hear("evaluation", "grade.publicised", "participation/p", EVALUATION_EVENTS["grade.publicised"].example | part, CITY)
    with pytest.raises(Conflict) as refusal:
        void(house, participation, 1)
    assert refusal.value.code == "review_closed"
    answered = EVALUATION_EVENTS["grade.objection_answered"].example | part | {"outcome": "upheld"}
    house.hear("evaluation", "grade.objection_answered", "participation/p", answered, PROVINCE)
    void(house, participation, 1)


def test_a_voiding_that_came_too_late_is_recorded_as_such(house: House, participation: str) -> None:
    void(house, participation, 1)
    id = seat(house, participation, 1)
    late = EVALUATION_EVENTS["participation.opinion_void"].example | {"case": participation, "seat": id, "reason": "graded"}
    house.hear("evaluation", "participation.opinion_void", "participation/p", late, PROVINCE)
    assert seats(house, participation)["expert1"]["void"] == "graded"
    assert house.see(participation)["status"] == "open"  # The case itself is not void.
