"""Rankings and decisions (A6(2), A8)."""

from __future__ import annotations

import pytest

from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from services.kernel.identity import PROVINCE, Actor
from tests.integration.review.scenario import (
    House,
    a_call,
    a_finding,
    an_expert,
    auditor,
    chief,
    officer,
    province_chief,
    province_officer,
    second_chief,
)


def decide(house: House, id: str, outcome: str = "approve", reason: str = "符合布局需要", **more: object) -> dict[str, object]:
    answer: dict[str, object] = house.tell("decide", province_chief, id, outcome=outcome, reason=reason, **more)
    return answer


def ranking(house: House, call: str = "call") -> dict[str, object]:
    answer: dict[str, object] = house.at(PROVINCE).ask("call_ranking", province_officer, call=call)
    return answer


def test_a_calls_ranking_shows_raw_and_normalised_ranks_side_by_side(house: House) -> None:
    house.experts(3)
    first = house.to_decision("first", (90, 80, 85))
    second = house.to_decision("second", (70, 60, 95))
    house.to_panel("third")
    answer = ranking(house)
    assert (answer["places"], answer["pending"], answer["approved"]) == (1, 1, 0)
    rows = answer["items"]
    assert [(row["id"], row["rank"], row["aggregate"], row["spread"]) for row in rows] == [
        (first, 1, 85.0, 10.0),
        (second, 2, 75.0, 35.0),
    ]
    # Each row names its lead, and the totals of the scores in rising order. The order does not show which reviewer gave which
    # total.
    assert [total["points"] for total in rows[0]["totals"]] == [80.0, 85.0, 90.0]
    assert not any(total["outlier"] for total in rows[0]["totals"])
    assert rows[0]["lead"] == house.see(first)["lead"]
    # Each expert scored both cases, so that each expert's normalised totals are 60 points for one case and 40 for the other case.
    assert [(row["normalised"], row["normalised_rank"]) for row in rows] == [(53.3333, 1), (46.6667, 2)]


def test_a_cases_ranking_names_each_reviewers_scores_and_the_outliers(house: House) -> None:
    house.experts(4)
    id = house.to_decision("app", (80, 82, 81, 30))
    seen = house.at(PROVINCE).ask("case_ranking", province_chief, id=id)
    assert (seen["rank"], seen["ranked"], seen["outliers"], seen["method"]) == (1, 1, ["expert4"], "mean")
    assert [(row["account"], row["total"], row["outlier"]) for row in seen["scores"]] == [
        ("expert1", 80.0, False),
        ("expert2", 82.0, False),
        ("expert3", 81.0, False),
        ("expert4", 30.0, True),
    ]


def test_from_five_experts_on_the_mean_is_trimmed(house: House) -> None:
    house.experts(5)
    id = house.to_decision("app", (0, 80, 82, 84, 100))
    seen = house.at(PROVINCE).ask("case_ranking", province_chief, id=id)
    assert (seen["method"], seen["aggregate"]) == ("trimmed_mean", 82.0)


def test_rankings_are_the_provinces(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    for actor in (officer, chief, an_expert(1)):
        with pytest.raises(Forbidden):
            house.at(PROVINCE).ask("call_ranking", actor, call="call")
        with pytest.raises(Forbidden):
            house.at(PROVINCE).ask("case_ranking", actor, id=id)
    assert house.at(PROVINCE).ask("call_ranking", auditor, call="call")["items"]
    with pytest.raises(NotFound):
        ranking(house, "nothing")


def test_a_draft_carries_the_amount_to_the_signature(house: House) -> None:
    # Given an application that asks for money, and an officer who proposes an amount
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80), money={"asked": "3000000.00", "ceiling": "5000000.00"})
    with pytest.raises(Invalid) as refused:
        house.opinion(province_officer, id, "decision", answers={}, amount="5000000.01")
    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/amount", "above_ceiling")]
    draft = house.opinion(province_officer, id, "decision", answers={}, comment="同意支持", amount="2000000.00")
    assert (draft["amount"], house.see(id)["opinions"][-1]["amount"]) == ("2000000.00", "2000000.00")
    # When the chief grants another amount than the drafted one, then the decision differs from the draft and needs a reason; with
    # the drafted amount, the decision does not differ
    said = {"outcome": "approve", "reason": "同意支持", "if_match": draft["etag"]}
    with pytest.raises(Invalid) as refused:
        house.tell("decide", province_chief, id, amount="2500000.00", **said)
    assert [error.pointer for error in refused.value.errors] == ["/differs_reason"]
    assert "differs" not in house.tell("decide", province_chief, id, amount="2000000.00", **said)
    assert house.said("review.decided")[-1].data["amount"] == "2000000.00"


def test_a_draft_that_declines_proposes_no_amount(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    draft = house.opinion(province_officer, id, "decision", "reject", comment="不同意", amount="2000000.00", knowingly=True)
    assert (draft["amount"], draft["knowingly"]) == (None, None)


def test_only_the_provinces_chief_decides_and_only_at_the_decision(house: House) -> None:
    house.experts(3)
    id = house.to_panel()
    with pytest.raises(Conflict) as refusal:
        decide(house, id)
    assert refusal.value.details == {"status": "open", "stage": "expert_review"}
    done = house.to_decision("done", (80, 80, 80))
    with pytest.raises(Forbidden):
        house.tell("decide", province_officer, done, outcome="approve", reason="同意")
    with pytest.raises(NotFound):
        house.tell("decide", chief, done, outcome="approve", reason="同意")
    city = house.submit("third")
    with pytest.raises(Conflict):
        house.tell("decide", chief, city, outcome="approve", reason="同意")


def test_a_decision_is_told_with_its_reason_rank_and_amount_and_is_final(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    answer = decide(house, id, amount="5000000.00")
    assert (answer["status"], answer["rank"], answer["places"], answer["ahead"]) == ("approved", 1, 1, [])
    (event,) = house.said("review.decided")
    assert (event.data["outcome"], event.data["amount"], event.data["signed_by"]) == ("approve", "5000000.00", "province.chief")
    with pytest.raises(Conflict) as refusal:
        decide(house, id, "decline")
    assert (refusal.value.code, refusal.value.details["status"]) == ("review_closed", "approved")


def test_approving_with_an_unwaived_in_principle_failure_is_refused(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80), findings=[a_finding("L2"), a_finding("L3", status="needs_evidence")])
    with pytest.raises(Invalid) as refusal:
        decide(house, id, waivers=[{"rule": "L2", "reason": "产业急需"}])
    assert refusal.value.code == "unwaived_findings"
    assert [finding["rule"] for finding in refusal.value.details["findings"]] == ["L3"]
    decide(house, id, waivers=[{"rule": "L2", "reason": "产业急需"}, {"rule": "L3", "reason": "正在补充人员"}])
    assert [waiver["rule"] for waiver in house.said("review.decided")[0].data["waivers"]] == ["L2", "L3"]


def test_waivers_of_the_formal_check_and_of_the_decision_hold_together(house: House) -> None:
    house.experts(3)
    id = house.recommend(findings=[a_finding("L2"), a_finding("L3")])
    for actor in (province_officer, province_chief):
        house.opinion(actor, id, "formal_check", waivers=[{"rule": "L2", "reason": "产业急需"}])
    house.tell("draw_panel", province_officer, id, experts=["expert1", "expert2", "expert3"])
    for number in (1, 2, 3):
        house.score(an_expert(number), id, 80)
    decide(house, id, waivers=[{"rule": "L3", "reason": "正在补充人员"}])
    assert house.said("review.decided")[0].data["waivers"] == [
        {"rule": "L2", "reason": "产业急需", "by": "province.chief"},
        {"rule": "L3", "reason": "正在补充人员", "by": "province.chief"},
    ]


def test_declining_needs_no_waivers(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80), findings=[a_finding("L2")])
    assert decide(house, id, "decline", "不符合布局方向")["status"] == "declined"
    assert house.said("review.decided")[0].data["waivers"] == []


def test_an_approval_out_of_rank_order_needs_a_reason_and_says_who_was_before(house: House) -> None:
    house.experts(3)
    first = house.to_decision("first", (90, 90, 90))
    second = house.to_decision("second", (80, 80, 80))
    with pytest.raises(Invalid) as refusal:
        decide(house, second, reason=" ")
    assert refusal.value.errors[0].code == "out_of_rank_order"
    answer = decide(house, second, reason="该领域布局急需")
    assert (answer["rank"], answer["ahead"], answer["beyond_places"]) == (2, [first], False)
    (shown,) = house.see(second)["decisions"]
    assert (shown["ahead"], shown["reason"]) == ([first], "该领域布局急需")


def test_an_approval_beyond_the_places_of_the_call_says_so(house: House) -> None:
    house.experts(3)
    first = house.to_decision("first", (90, 90, 90))
    second = house.to_decision("second", (80, 80, 80))
    assert decide(house, first)["beyond_places"] is False
    with pytest.raises(Invalid):
        decide(house, second, reason="")
    assert decide(house, second, reason="追加一个名额")["beyond_places"] is True


def test_a_special_case_starts_at_the_decision_without_a_panel(house: House) -> None:
    id = house.submit("special", bureau=PROVINCE, kind="special_case", stage="decision", call=None)
    seen = house.see(id)
    assert (seen["stage"], seen["kind"], seen["panel"]) == ("decision", "special_case", None)
    assert decide(house, id)["rank"] is None


def test_a_special_case_may_ask_a_panel_and_waits_for_it(house: House) -> None:
    house.experts(2)
    id = house.submit("special", bureau=PROVINCE, kind="special_case", stage="decision", call=None)
    house.tell("draw_panel", province_officer, id, size=2)
    with pytest.raises(Conflict) as refusal:
        decide(house, id)
    assert refusal.value.code == "scoring_open"
    for number in (1, 2):
        house.declare(an_expert(number), id)
        house.tell("submit_scores", an_expert(number), id, scores={"overall": "88"}, comment="评审意见")
    # The application is already at the decision, so no event reports that it passed a stage.
    assert house.said("review.passed") == []
    assert house.at(PROVINCE).ask("case_ranking", province_chief, id=id)["aggregate"] == 88.0
    assert decide(house, id)["status"] == "approved"


def test_a_held_recognition_reopens_the_decision_with_the_findings_that_hold_it(house: House) -> None:
    # Given an approval that waived rule L2
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80), findings=[a_finding("L2"), a_finding("M3", status="pass")])
    decide(house, id, waivers=[{"rule": "L2", "reason": "产业急需"}])
    # When the recognition is held because rule M3 has failed since the approval
    held = {"application": "app", "version": 1, "findings": [a_finding("M3")]}
    house.hear("application", "application.held", "application/app", held, PROVINCE)
    # Then the same case is at the decision again; the waiver of L2 stays valid, and M3 must be waived too, or the case declined
    seen = house.see(id)
    assert (seen["stage"], seen["status"], seen["version"], seen["waivable"]) == ("decision", "open", 1, ["L2", "M3"])
    with pytest.raises(Invalid) as refusal:
        decide(house, id)
    assert [finding["rule"] for finding in refusal.value.details["findings"]] == ["M3"]
    decide(house, id, waivers=[{"rule": "M3", "reason": "成员单位将退出另一联合体"}])
    assert [waiver["rule"] for waiver in house.said("review.decided")[-1].data["waivers"]] == ["L2", "M3"]
    assert len(house.see(id)["decisions"]) == 2


def test_after_an_upheld_objection_the_approval_names_it_and_no_waiver_is_reused(house: House) -> None:
    # Given an approval that waived rule L2, and an upheld objection to the application
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80), findings=[a_finding("L2")])
    waiver = {"rule": "L2", "reason": "产业急需"}
    decide(house, id, waivers=[waiver])
    first = {"id": "o1", "reason": "平台证明不实", "answer": "经核查属实"}
    held = {"application": "app", "version": 1, "findings": [], "objections": [first]}
    house.hear("application", "application.held", "application/app", held, PROVINCE)
    # Then the decision must be made again, and the case shows the objection and no waiver
    seen = house.see(id)
    assert (seen["status"], seen["objections"], seen["waivers"], seen["waivable"]) == ("open", [first], [], ["L2"])
    # If another objection is upheld meanwhile, the decision must name it too.
    second = first | {"id": "o2"}
    house.hear("application", "application.held", "application/app", held | {"objections": [first, second]}, PROVINCE)
    for named, waivers in (([], [waiver]), (["o1"], [waiver]), (["o1", "o2"], [])):
        with pytest.raises(Invalid):
            decide(house, id, waivers=waivers, objections=named)
    decided = decide(house, id, waivers=[waiver], objections=["o1", "o2"])
    assert decided["objections"] == house.said("review.decided")[-1].data["objections"] == ["o1", "o2"]
    # When the recognition is held a second time because of a rule, then the new decision need not name the objection again
    house.hear(
        "application", "application.held", "application/app", held | {"findings": [a_finding("M3")], "objections": []}, PROVINCE
    )
    decide(house, id, waivers=[{"rule": "M3", "reason": "成员单位将退出"}])
    assert [each["rule"] for each in house.said("review.decided")[-1].data["waivers"]] == ["L2", "M3"]


def test_after_an_upheld_objection_it_may_be_declined_without_naming_it(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    decide(house, id)
    upheld = [{"id": "o1", "reason": "不实", "answer": "属实"}]
    held = {"application": "app", "version": 1, "findings": [], "objections": upheld}
    house.hear("application", "application.held", "application/app", held, PROVINCE)
    assert decide(house, id, "decline", "异议成立")["status"] == "declined"


def test_a_mandatory_rule_that_holds_a_recognition_can_only_be_declined(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    decide(house, id)
    held = {"application": "app", "version": 1, "findings": [a_finding("C2", "mandatory")]}
    house.hear("application", "application.held", "application/app", held, PROVINCE)
    for waivers in ([], [{"rule": "C2", "reason": "情况特殊"}]):
        with pytest.raises(Invalid):
            decide(house, id, waivers=waivers)
    assert decide(house, id, "decline", "不再具备条件")["status"] == "declined"


def test_a_held_recognition_may_be_declined(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    decide(house, id)
    held = {"application": "app", "version": 1, "findings": [a_finding("I1")]}
    house.hear("application", "application.held", "application/app", held, PROVINCE)
    assert decide(house, id, "decline", "失信记录仍在惩戒期")["status"] == "declined"


def test_two_chiefs_do_not_decide_the_same_case_twice(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    decide(house, id, "decline", "不符合布局方向")
    with pytest.raises(Conflict):
        house.tell("decide", second_chief, id, outcome="approve", reason="同意")
    assert len(house.said("review.decided")) == 1


def test_calls_are_ranked_apart(house: House) -> None:
    house.experts(3)
    one = house.to_decision("one", (90, 90, 90), call=a_call("one"))
    two = house.to_decision("two", (80, 80, 80), call=a_call("two"))
    assert [row["id"] for row in ranking(house, "one")["items"]] == [one]
    assert decide(house, two)["rank"] == 1


def test_a_reviewers_access_ends_with_the_decision(house: House) -> None:
    # Given a case whose scoring is closed; its experts can read it until the decision
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    assert house.see(id, an_expert(1))["own_score"]
    # When the case is decided, Then no expert can read, list or score the case any more, or recuse from it
    decide(house, id)
    _is_closed_to(house, an_expert(1), id)
    # And the experts' access does not return if the recognition is held and the decision must be made again
    held = {"application": "app", "version": 1, "findings": [a_finding("M3")]}
    house.hear("application", "application.held", "application/app", held, PROVINCE)
    assert house.see(id)["status"] == "open"
    _is_closed_to(house, an_expert(1), id)


def test_a_reviewers_access_ends_where_the_applicant_withdraws(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    house.withdraw()
    assert house.at(PROVINCE).ask("list_reviews", an_expert(1))["items"] == []
    with pytest.raises(NotFound):
        house.see(id, an_expert(1))


def _is_closed_to(house: House, expert: Actor, id: str) -> None:
    assert house.at(PROVINCE).ask("list_reviews", expert)["items"] == []
    for act in (
        lambda: house.see(id, expert),
        lambda: house.score(expert, id, 1),
        lambda: house.tell("recuse", expert, id, reason="回避"),
    ):
        with pytest.raises(NotFound):
            act()
