"""Changes of a consortium in review: the recommender's opinion is for or against, only the province decides (A12)."""

from __future__ import annotations

from typing import Any

import pytest

from services.kernel.errors import Invalid
from services.kernel.identity import PROVINCE
from tests.integration.review.house import (
    CITY,
    MEMBER,
    POLICY,
    House,
    a_finding,
    chief,
    officer,
    province_chief,
)

SUBJECT = "change/ch"
#: What project management asks for where a member with a main task leaves.
PAPER = {"kind": "project_change", "label": {"zh": "科技计划项目变更材料", "en": "change documents"}}


def requested(house: House, **more: Any) -> str:
    """A change by which a member leaves comes to the city's bureau; the id of its case there."""
    data = house.submission("ch", kind="change") | {
        "change": "ch",
        "pipeline": [stage.to_dict() for stage in POLICY.pipeline("change")],
        "questions": [],
        "call": None,
        "approvable_knowingly": True,
        "leaving": [{"uscc": MEMBER, "name": "成员"}],
        "main_member_documents": [PAPER],
        "report": {"reason": "该单位退出"},
    }
    del data["application"]
    house.hear("application", "change.requested", SUBJECT, data | more, CITY)
    return case(house, CITY)


def case(house: House, bureau: str) -> str:
    items = house.at(bureau).ask("list_reviews", {CITY: officer, PROVINCE: province_chief}[bureau], limit=200)["items"]
    (id,) = [item["id"] for item in items if item["subject"] == SUBJECT]
    return str(id)


def opine(house: House, id: str, outcome: str, **more: Any) -> str:
    """The city's officer and chief say so; the id of the province's case."""
    for actor in (officer, chief):
        house.opinion(actor, id, outcome=outcome, answers={}, **more)
    return case(house, PROVINCE)


def decide(house: House, id: str, **more: Any) -> Any:
    return house.tell("decide", province_chief, id, outcome="approve", reason="同意", **more)


def test_a_city_against_a_change_hands_it_on_and_the_province_decides(house: House) -> None:
    # When the city's bureau is against a change
    id = opine(house, requested(house), "reject")
    # Then nothing is rejected: the province has the case, with that opinion
    assert house.said("review.rejected") == []
    (told,) = house.said("review.recommended")
    assert (told.data["outcome"], told.data["opinion"]["outcome"]) == ("reject", "reject")
    assert house.see(id)["recommendation"]["outcome"] == "reject"
    assert decide(house, id)["status"] == "approved"


def test_a_city_judges_who_bears_a_main_task_among_those_that_leave(house: House) -> None:
    id = requested(house)
    with pytest.raises(Invalid) as caught:
        house.opinion(officer, id, answers={}, main_task_bearing=["91450200MA5KAAAA09"])
    assert [error.pointer for error in caught.value.errors] == ["/main_task_bearing/0"]
    # When it judges that the member does, then the province approves only with project management's papers
    province = opine(house, id, "pass", main_task_bearing=[MEMBER])
    with pytest.raises(Invalid) as caught:
        decide(house, province)
    assert (caught.value.code, "科技计划项目变更材料" in caught.value.text.zh) == ("documents_lacking", True)
    added = {"change": "ch", "version": 1, "documents": [{"id": "d", "kind": "project_change", "filename": "a.pdf"}]}
    house.hear("application", "change.supplemented", SUBJECT, added, CITY)
    assert decide(house, province)["status"] == "approved"


def test_an_approval_that_had_no_effect_opens_the_province_s_case_again(house: House) -> None:
    # Given an approved change whose units fail a rule by now
    id = opine(house, requested(house), "pass")
    decide(house, id)
    held = {"findings": [a_finding("C4", "mandatory")], "documents": [], "lacking": None, "change": "ch", "version": 1}
    house.hear("application", "change.held", SUBJECT, held, PROVINCE)
    # Then the province decides again, and a mandatory failure asks for a knowing approval
    assert (house.see(id)["status"], house.see(id)["stage"]) == ("open", "decision")
    with pytest.raises(Invalid) as caught:
        decide(house, id)
    assert caught.value.code == "mandatory_rules_fail"
    assert decide(house, id, knowingly=True)["knowingly"] is True


def test_a_rule_in_principle_that_failed_before_the_change_bars_nothing(house: House) -> None:
    findings = [a_finding("L2") | {"failed_before": True}, a_finding("C1") | {"failed_before": False}]
    id = opine(house, requested(house, findings=findings), "pass")
    with pytest.raises(Invalid) as caught:
        decide(house, id)
    assert [finding["rule"] for finding in caught.value.details["findings"]] == ["C1"]
    assert decide(house, id, waivers=[{"rule": "C1", "reason": "急需"}])["status"] == "approved"
