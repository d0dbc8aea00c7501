"""The facts that the deciding bureau sees and acknowledges: conditions that are not met, and rules that have failed since the
submission (A4, A5, A8)."""

from __future__ import annotations

import pytest

from services.kernel.errors import Conflict, Invalid
from services.kernel.identity import PROVINCE
from tests.integration.review.scenario import (
    ANSWERS,
    CITY,
    House,
    a_finding,
    an_expert,
    chief,
    officer,
    province_chief,
    province_officer,
    second_chief,
)
from tests.integration.review.test_decisions import decide


def not_met(*questions: str) -> dict[str, dict[str, object]]:
    """Return an answer to every question of the recommendation: "not met" for these questions, "met" for all others."""
    return ANSWERS | {question: {"met": False, "reason": f"{question} 依据不足"} for question in questions}


def recommended_with(house: House, *questions: str) -> str:
    """Take an application to the decision stage; its recommender answered these questions "not met". Return the id of the
    province's case."""
    house.experts(3)
    city = house.submit("app")
    for actor in (officer, chief):
        house.opinion(actor, city, answers=not_met(*questions))
    id = house.case(PROVINCE, "app")
    for actor in (province_officer, province_chief):
        house.opinion(actor, id, "formal_check", answers={})
    house.tell("draw_panel", province_officer, id, experts=["expert1", "expert2", "expert3"])
    for number in (1, 2, 3):
        house.score(an_expert(number), id, 80)
    return id


def test_passing_with_a_condition_not_met_needs_its_reason(house: House) -> None:
    id = house.submit("app")
    with pytest.raises(Invalid) as refusal:
        house.opinion(officer, id, answers=ANSWERS | {"Q8": {"met": False, "reason": "  "}})
    assert [error.pointer for error in refusal.value.errors] == ["/answers/Q8"]


def test_a_decision_acknowledges_each_condition_not_met_with_a_reason(house: House) -> None:
    # Given a recommendation that passes although two conditions are not met (A4, A5)
    id = recommended_with(house, "Q3", "Q8")
    # Then the deciding bureau sees the unmet conditions with the reasons
    shown = house.at(PROVINCE).ask("get_review", province_chief, id=id)["unmet"]
    assert [(each["question"], each["answers"]) for each in shown] == [
        ("Q3", [{"stage": "recommendation", "reason": "Q3 依据不足"}]),
        ("Q8", [{"stage": "recommendation", "reason": "Q8 依据不足"}]),
    ]
    # When an approval leaves out one of the unmet conditions, then the refusal names that condition
    one = {"question": "Q3", "reason": "正在建立技术预见机制"}
    for given in ([], [one]):
        with pytest.raises(Invalid) as refusal:
            decide(house, id, acknowledgements=given)
        assert refusal.value.code == "unacknowledged_answers"
    assert [each["question"] for each in refusal.value.details["unmet"]] == ["Q8"]
    assert "Q8" not in str(refusal.value)
    # and an approval is refused, too, if it acknowledges a condition that is met, or one condition twice
    other = {"question": "Q8", "reason": "方向特色已由专家确认"}
    with pytest.raises(Invalid) as refusal:
        decide(house, id, acknowledgements=[one, other, {"question": "Q1", "reason": "x"}, one])
    assert {error.pointer: error.code for error in refusal.value.errors} == {
        "/acknowledgements/2/question": "not_unmet",
        "/acknowledgements/3/question": "acknowledged_twice",
    }
    # When the approval acknowledges both conditions, then the decision contains them, with their texts
    answer = decide(house, id, acknowledgements=[one, other])
    assert [(each["question"], each["reason"]) for each in answer["acknowledgements"]] == [
        ("Q3", "正在建立技术预见机制"),
        ("Q8", "方向特色已由专家确认"),
    ]
    told = house.said("review.decided")[0].data["acknowledgements"]
    assert all(each["text"]["zh"] for each in told)


def test_a_correction_of_an_answer_counts_in_its_place(house: House) -> None:
    id = recommended_with(house, "Q3")
    city = house.case(CITY, "app")
    first = house.at(CITY).ask("get_review", chief, id=city)["opinions"][-1]["id"]
    for actor in (officer, chief):
        house.opinion(actor, city, answers=not_met("Q9"), corrects=first)
    with pytest.raises(Invalid) as refusal:
        decide(house, id)
    assert [each["question"] for each in refusal.value.details["unmet"]] == ["Q9"]


def test_declining_acknowledges_nothing(house: House) -> None:
    id = recommended_with(house, "Q3")
    assert decide(house, id, "decline", "方向不符合")["acknowledgements"] == []


def test_an_officer_drafts_acknowledgements_and_a_decision_that_differs_says_why(house: House) -> None:
    id = recommended_with(house, "Q3")
    drafted = [{"question": "Q3", "reason": "起草的理由"}]
    body = {"stage": "decision", "outcome": "pass", "comment": "建议批准"}
    draft = house.tell("give_opinion", province_officer, id, **body, acknowledgements=drafted)
    assert draft["acknowledgements"] == drafted
    other = {"acknowledgements": [{"question": "Q3", "reason": "另一理由"}], "if_match": draft["etag"]}
    with pytest.raises(Invalid):
        decide(house, id, reason="建议批准", **other)
    answer = decide(house, id, reason="建议批准", differs_reason="理由须更充分", **other)
    assert answer["differs"]["members"] == ["acknowledgements"]
    # and no other stage accepts acknowledgements
    with pytest.raises(Invalid) as refusal:
        house.opinion(officer, house.submit("other"), acknowledgements=drafted)
    assert [error.code for error in refusal.value.errors] == ["acknowledged_by_decision_only"]


def test_a_special_case_is_decided_by_another_person_than_the_one_who_opened_it(house: House) -> None:
    # Given a special case that a chief of the province opened (A8)
    id = house.submit(
        "special", bureau=PROVINCE, kind="special_case", stage="decision", call=None, opened_by=[province_chief.username]
    )
    # When the chief who opened the special case decides it, even to decline it, then the decision is refused; another chief must
    # decide
    for outcome in ("approve", "decline"):
        with pytest.raises(Conflict) as refusal:
            decide(house, id, outcome)
        assert refusal.value.code == "opened_by_you"
    assert house.tell("decide", second_chief, id, outcome="approve", reason="重点扶持")["status"] == "approved"


def rechecked(house: House, *findings: dict[str, object], version: int = 1) -> None:
    """Deliver the event by which the application service reports that it checked the rules again before the decision, with its
    findings."""
    said = {"application": "app", "version": version, "findings": list(findings), "failing": {"zh": "无", "en": "none"}}
    house.hear("application", "application.rechecked", "application/app", said, PROVINCE)


def test_a_rule_that_fails_since_the_submission_is_shown_and_must_be_waived(house: House) -> None:
    # Given a case at the decision stage without a failing rule
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    # When an in-principle rule has failed since the case arrived, then the deciding bureau sees the rule and the day of the new
    # check
    rechecked(house, a_finding("I1"))
    (finding,) = house.at(PROVINCE).ask("get_review", province_chief, id=id)["findings"]
    assert (finding["rule"], finding["status"], bool(finding["rechecked_on"])) == ("I1", "fail", True)
    with pytest.raises(Invalid) as refusal:
        decide(house, id)
    assert refusal.value.code == "unwaived_findings"
    # When the rule passes again, then no waiver is needed; findings about another version of the application change nothing
    rechecked(house, a_finding("I1", status="pass"))
    rechecked(house, a_finding("M3"), version=2)
    decide(house, id)


def test_a_mandatory_rule_that_fails_since_is_returned_for_correction_or_declined(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    back = {"outcome": "return", "comment": "请更正", "sections": [{"section": "members", "comment": "该单位已注销"}]}
    # Given a case without a failing mandatory rule, then the chief cannot return the case at the decision stage
    with pytest.raises(Conflict) as refusal:
        house.tell("give_opinion", province_chief, id, stage="decision", **back)
    assert refusal.value.code == "not_by_opinion"
    # When a mandatory rule has failed since the case arrived, then the chief cannot approve the case
    rechecked(house, a_finding("C2", "mandatory"))
    with pytest.raises(Invalid) as blocked:
        decide(house, id)
    assert blocked.value.code == "mandatory_rules_fail"
    actions = {offer["id"] for offer in house.at(PROVINCE).ask("get_review", province_chief, id=id)["actions"]}
    assert {"return", "decide"} <= actions
    # and the chief can return the case, naming the sections to correct
    answer = house.tell("give_opinion", province_chief, id, stage="decision", **back)
    assert answer["review"] == {"id": id, "status": "returned", "stage": "decision"}
    assert house.said("review.returned")[0].data["stage"] == "decision"


def test_after_a_return_from_the_decision_the_same_experts_score_the_new_version(house: House) -> None:
    # Given a case that three experts scored, and that the chief returned at the decision stage because a mandatory rule fails
    experts = house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    rechecked(house, a_finding("C2", "mandatory"))
    back = {"outcome": "return", "comment": "请更正", "sections": [{"section": "members", "comment": "该单位已注销"}]}
    house.tell("give_opinion", province_chief, id, stage="decision", **back)
    # When the next version arrives, then the panel of the earlier version is dismissed and its scores do not count
    house.submit("app", 2, bureau=PROVINCE, stage="expert_review")
    seen = house.see(id)
    assert (seen["stage"], {seat["state"] for seat in seen["panel"]["seats"]}) == ("expert_review", {"dismissed"})
    # When the same experts get seats again, then each of them scores the new version, and the last score takes the case to the
    # decision
    house.tell("draw_panel", province_officer, id, experts=[expert.username for expert in experts])
    for expert in experts[:2]:
        house.score(expert, id, 90)
        assert house.see(id)["stage"] == "expert_review"
    house.score(experts[2], id, 90)
    assert house.see(id)["stage"] == "decision"
