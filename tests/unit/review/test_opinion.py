"""The required parts of an opinion, the draft that is signed, and the waivers (A6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.kernel.errors import Conflict, Invalid
from services.review.domain.case import Round
from services.review.domain.decision import require_waived
from services.review.domain.opinion import Opinion, correctable, waived

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def stage(name: str, level: str, **more: Any) -> dict[str, Any]:
    outcomes = ["pass", "return", "reject"]
    base = {"citation": "A6(1)", "four_eyes": True, "optional": False, "due_days": 5, "questions": [], "outcomes": outcomes}
    return {"name": name, "level": level} | base | more


def finding(rule: str, status: str = "fail", severity: str = "in_principle") -> dict[str, Any]:
    return {"rule": rule, "status": status, "severity": severity, "citation": "A5(1)"}


def a_round(**more: Any) -> Round:
    material = {
        "pipeline": [stage("recommendation", "recommender", questions=["Q1"]), stage("formal_check", "province")],
        "questions": [{"id": id, "text": {"zh": f"问题{id}", "en": f"question {id}"}} for id in ("Q1", "Q2")],
        "findings": [finding("L2"), finding("L3", "needs_evidence"), finding("C1", "pass")],
        "waivable": ["C1", "L2", "L3"],
    }
    return Round("case", 1, 1, NOW, material | more)


def opinion(stage: str = "recommendation", outcome: str = "pass", by: str = "officer", **more: Any) -> Opinion:
    more.setdefault("id", f"{stage}-{by}-{outcome}")
    return Opinion(case_id="case", round=1, version=1, stage=stage, outcome=outcome, comment="意见", by=by, at=NOW, **more)


ANSWERED = {"Q1": {"met": True, "reason": "有据可查"}}


def mistakes(given: Opinion, round: Round | None = None) -> list[tuple[str, str]]:
    round = round or a_round()
    try:
        given.check(round, round.stage(given.stage))
    except Invalid as refusal:
        return [(error.pointer, error.code) for error in refusal.errors]
    return []


def test_a_pass_answers_the_questions_of_its_stage_with_reasons() -> None:
    assert mistakes(opinion()) == [("/answers/Q1", "answer_required")]
    assert mistakes(opinion(answers={"Q1": {"met": True, "reason": " "}})) == [("/answers/Q1", "answer_required")]
    assert mistakes(opinion(answers=ANSWERED)) == []


def test_questions_of_other_stages_may_be_answered_and_unknown_ones_not() -> None:
    more = {"Q2": {"met": False, "reason": "不足"}, "Q99": {"met": True, "reason": "？"}}
    assert mistakes(opinion(answers=ANSWERED | more)) == [("/answers/Q99", "unknown_question")]


def test_a_return_names_sections_and_needs_no_answers() -> None:
    assert mistakes(opinion(outcome="return")) == [("/sections", "sections_required")]
    assert mistakes(opinion(outcome="return", sections=[{"section": "members", "comment": "缺少"}])) == []


def test_an_outcome_the_policy_does_not_allow_at_the_stage_is_refused() -> None:
    round = a_round(pipeline=[stage("formal_check", "province", outcomes=["pass", "reject"])])
    returned = opinion("formal_check", "return", sections=[{"section": "members", "comment": "缺少"}])
    assert mistakes(returned, round) == [("/outcome", "outcome_not_allowed")]


def test_a_draft_of_the_decision_alone_proposes_an_amount_up_to_the_ceiling() -> None:
    granted = {"amount": "5000000.01", "knowingly": True}
    given = opinion(answers=ANSWERED, particulars=granted)
    assert mistakes(given) == [("/amount", "of_decision_only"), ("/knowingly", "of_decision_only")]
    round = a_round(pipeline=[stage("decision", "province")], money={"asked": "5000000.00", "ceiling": "5000000.00"})
    assert mistakes(opinion("decision", particulars=granted), round) == [("/amount", "above_ceiling")]
    assert mistakes(opinion("decision", particulars={"amount": "5000000.00"}), round) == []


def test_the_recommender_waives_nothing() -> None:
    given = opinion(answers=ANSWERED, waivers=[{"rule": "L2", "reason": "产业急需"}])
    assert mistakes(given) == [("/waivers", "waiver_by_province_only")]


def test_the_province_waives_only_in_principle_rules_that_fail_or_lack_evidence() -> None:
    reasons = [{"rule": rule, "reason": "产业急需"} for rule in ("L2", "L3", "C1", "M1")]
    assert mistakes(opinion("formal_check", waivers=reasons)) == [
        ("/waivers/2/rule", "not_waivable"),
        ("/waivers/3/rule", "not_waivable"),
    ]


def test_waivers_hold_when_signed_passed_in_force_and_of_this_round() -> None:
    waivers = [{"rule": "L2", "reason": "产业急需"}]
    signed = {"signed": True, "waivers": waivers}
    nothing = [
        opinion("formal_check", by="draft", waivers=waivers),
        opinion("formal_check", "return", by="returned", **signed),
        opinion("formal_check", by="void", void="withdrawn", **signed),
    ]
    assert waived(a_round(), nothing) == []
    assert waived(a_round(), [*nothing, opinion("formal_check", by="chief", **signed)]) == [waivers[0] | {"by": "chief"}]


def test_a_correction_takes_the_place_of_the_waivers_it_corrects() -> None:
    old = opinion("formal_check", by="chief", id="old", signed=True, waivers=[{"rule": "L2", "reason": "产业急需"}])
    new = opinion("formal_check", by="chief", id="new", signed=True, corrects="old")
    assert waived(a_round(), [old, new]) == []


def test_a_correction_keeps_stage_and_outcome_and_corrects_the_newest() -> None:
    old = opinion(by="chief", id="old", signed=True)
    newer = opinion(by="chief", id="newer", signed=True, corrects="old")
    assert correctable([old], "old", "pass", "recommendation") is old
    with pytest.raises(Invalid):
        correctable([old], "old", "reject", "recommendation")
    with pytest.raises(Invalid):
        correctable([opinion(id="draft")], "draft", "pass", "recommendation")
    with pytest.raises(Conflict) as refusal:
        correctable([old, newer], "old", "pass", "recommendation")
    assert refusal.value.details == {"corrected_by": "newer"}


def test_approving_needs_a_waiver_for_every_in_principle_rule_that_does_not_hold() -> None:
    with pytest.raises(Invalid) as refusal:
        require_waived(a_round(), {"L2"})
    assert refusal.value.code == "unwaived_findings"
    assert [finding["rule"] for finding in refusal.value.details["findings"]] == ["L3"]
    require_waived(a_round(), {"L2", "L3"})


def test_an_optional_stage_is_not_entered_by_itself() -> None:
    pipeline = [
        stage("formal_check", "province"),
        stage("expert_review", "province", optional=True),
        stage("decision", "province"),
    ]
    assert a_round(pipeline=pipeline).after("formal_check").name == "decision"
