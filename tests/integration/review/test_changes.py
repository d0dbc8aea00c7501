"""Review of changes of a consortium: the recommender gives an opinion for or against, and only the province decides (A12)."""

from __future__ import annotations

from typing import Any

import pytest

from services.kernel.errors import Conflict, Invalid
from services.kernel.identity import PROVINCE
from tests.integration.review.scenario import (
    CITY,
    MEMBER,
    OTHER_CITY,
    POLICY,
    House,
    a_finding,
    chief,
    officer,
    other_chief,
    other_officer,
    province_chief,
    province_officer,
)

SUBJECT = "change/ch"
#: The document that project management requires if a member with a main task leaves.
PAPER = {"kind": "project_change", "label": {"zh": "科技计划项目变更材料", "en": "change documents"}}


def requested(house: House, bureau: str = CITY, **more: Any) -> str:
    """Let a change by which a member leaves arrive at a city's bureau; return the id of the change's case at this bureau."""
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
    house.hear("application", "change.requested", SUBJECT, data | more, bureau, bureau)
    return case(house, bureau)


def case(house: House, bureau: str) -> str:
    items = house.at(bureau).ask(
        "list_reviews", {CITY: officer, OTHER_CITY: other_officer, PROVINCE: province_chief}[bureau], limit=200
    )["items"]
    (id,) = [item["id"] for item in items if item["subject"] == SUBJECT]
    return str(id)


def opine(house: House, id: str, outcome: str, **more: Any) -> str:
    """Give an opinion as the city's officer and chief; return the id of the province's case."""
    for actor in (officer, chief):
        house.opinion(actor, id, outcome=outcome, answers={}, **more)
    return case(house, PROVINCE)


def decide(house: House, id: str, **more: Any) -> Any:
    return house.tell("decide", province_chief, id, outcome="approve", reason="同意", **more)


def test_a_city_against_a_change_hands_it_on_and_the_province_decides(house: House) -> None:
    # When the city's bureau opposes a change
    id = opine(house, requested(house), "reject")
    # Then the change is not rejected: the province receives the case, with the bureau's opinion
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
    # When the bureau judges that the leaving member has a main task, then the province can approve only with the documents of
    # project management
    province = opine(house, id, "pass", main_task_bearing=[MEMBER])
    with pytest.raises(Invalid) as caught:
        decide(house, province)
    assert (caught.value.code, "科技计划项目变更材料" in caught.value.text.zh) == ("documents_lacking", True)
    added = {"change": "ch", "version": 1, "documents": [{"id": "d", "kind": "project_change", "filename": "a.pdf"}]}
    house.hear("application", "change.supplemented", SUBJECT, added, CITY)
    assert decide(house, province)["status"] == "approved"


def test_an_approval_that_had_no_effect_opens_the_province_s_case_again(house: House) -> None:
    # Given an approved change whose units fail a rule before the change takes effect
    id = opine(house, requested(house), "pass")
    decide(house, id)
    held = {"findings": [a_finding("C4", "mandatory")], "documents": [], "lacking": None, "change": "ch", "version": 1}
    house.hear("application", "change.held", SUBJECT, held, PROVINCE)
    # Then the province must decide again; if a mandatory rule fails, only a knowing approval is possible
    assert (house.see(id)["status"], house.see(id)["stage"]) == ("open", "decision")
    with pytest.raises(Invalid) as caught:
        decide(house, id)
    assert caught.value.code == "mandatory_rules_fail"
    assert decide(house, id, knowingly=True)["knowingly"] is True


def test_a_draft_carries_a_knowing_approval_to_the_signature(house: House) -> None:
    # Given a change after which a mandatory rule fails, and an officer who proposes to approve it knowingly
    id = opine(house, requested(house, findings=[a_finding("C4", "mandatory")]), "pass")
    draft = house.opinion(province_officer, id, "decision", answers={}, comment="同意", knowingly=True)
    assert (draft["knowingly"], house.see(id)["opinions"][-1]["knowingly"]) == (True, True)
    # When a chief signs the drafted decision, then the decision does not differ from the draft
    signed = decide(house, id, knowingly=True, if_match=draft["etag"])
    assert (signed["knowingly"], signed.get("differs")) == (True, None)


@pytest.mark.parametrize(("proposed", "differs"), [(False, ["knowingly"]), (None, None)])
def test_a_knowing_approval_differs_from_a_draft_that_proposes_none(
    house: House, proposed: bool | None, differs: list[str] | None
) -> None:
    # If the draft does not say whether to approve knowingly (None), then a knowing approval does not differ from the draft.
    id = opine(house, requested(house, findings=[a_finding("C4", "mandatory")]), "pass")
    draft = house.opinion(province_officer, id, "decision", answers={}, comment="同意", knowingly=proposed)
    if differs:
        with pytest.raises(Invalid) as refused:
            decide(house, id, knowingly=True, if_match=draft["etag"])
        assert [error.pointer for error in refused.value.errors] == ["/differs_reason"]
    signed = decide(house, id, knowingly=True, if_match=draft["etag"], differs_reason="急需")
    assert (signed.get("differs") or {}).get("members") == differs


def test_a_rule_in_principle_that_failed_before_the_change_bars_nothing(house: House) -> None:
    findings = [a_finding("L2") | {"failed_before": True}, a_finding("C1") | {"failed_before": False}]
    id = opine(house, requested(house, findings=findings), "pass")
    with pytest.raises(Invalid) as caught:
        decide(house, id)
    assert [finding["rule"] for finding in caught.value.details["findings"]] == ["C1"]
    assert decide(house, id, waivers=[{"rule": "C1", "reason": "急需"}])["status"] == "approved"


def test_a_rule_in_principle_that_lacks_evidence_only_since_the_change_is_waived_like_one_that_fails(house: House) -> None:
    # Given a change to a lead that has not entered its figures (L2), and a rule (L5) that lacked its evidence before the change,
    # too: only L2 needs a waiver
    lacking = {"status": "needs_evidence"}
    findings = [a_finding("L2") | lacking | {"failed_before": False}, a_finding("L5") | lacking | {"failed_before": True}]
    id = opine(house, requested(house, findings=findings), "pass")
    with pytest.raises(Invalid) as caught:
        decide(house, id)
    assert [finding["rule"] for finding in caught.value.details["findings"]] == ["L2"]
    assert decide(house, id, waivers=[{"rule": "L2", "reason": "急需"}])["status"] == "approved"


def handed_over(house: House, former: str, to: str, times: int, version: int) -> None:
    """Hand the consortium, and with it the change, over to another bureau."""
    told = {"change": "ch", "version": version, "from_bureau": former, "to_bureau": to, "handed_over": times}
    house.hear("application", "change.handed_over", SUBJECT, told, former, to)


def test_a_case_that_is_handed_over_ends_with_its_drafts_and_opens_at_the_new_bureau_with_full_terms(house: House) -> None:
    # Given a case at one city that is some days old and has a draft
    old = requested(house)
    house.opinion(officer, old, answers={})
    due = house.see(old)["due_on"]
    house.clock.advance(days=20)
    # When the consortium is handed over to another city
    handed_over(house, CITY, OTHER_CITY, 1, 2)
    new = requested(house, bureau=OTHER_CITY, version=2, handed_over=1)
    # Then the old city's case has ended and keeps its draft, and the new city's case has the full term
    seen = house.see(old)
    assert (seen["status"], [opinion["signed"] for opinion in seen["opinions"]]) == ("handed_over", [False])
    with pytest.raises(Conflict) as caught:
        house.opinion(chief, old, answers={})
    assert caught.value.code == "review_closed"
    assert house.see(new)["status"] == "open" and house.see(new)["due_on"] > due
    assert [event.data["to_bureau"] for event in house.said("review.handed_over")] == [OTHER_CITY]
    # and the province receives the new bureau's recommendation
    for actor in (other_officer, other_chief):
        house.opinion(actor, new, answers={})
    assert house.see(case(house, PROVINCE))["recommendation"]["bureau"] == OTHER_CITY


def test_a_case_may_come_back_to_a_bureau_and_its_old_draft_signs_nothing(house: House) -> None:
    id = requested(house)
    house.opinion(officer, id, answers={})
    handed_over(house, CITY, OTHER_CITY, 1, 2)
    handed_over(house, OTHER_CITY, CITY, 2, 3)
    assert requested(house, version=3, handed_over=2) == id
    assert (house.see(id)["status"], house.see(id)["round"]) == ("open", 2)
    with pytest.raises(Conflict) as caught:
        house.opinion(chief, id, answers={})
    assert caught.value.code == "draft_required"


def test_a_recommendation_that_crossed_the_hand_over_gives_way_to_the_new_bureaus(house: House) -> None:
    # Given a recommendation that the province received before the hand-over, and that the hand-over made void
    id = requested(house)
    province = opine(house, id, "pass")
    handed_over(house, CITY, OTHER_CITY, 1, 2)
    assert house.see(id)["status"] == "passed"  # The opinion that the old bureau signed stays as it is.
    # When the new bureau recommends the new version, then the province reviews that version, with the new bureau's recommendation
    new = requested(house, bureau=OTHER_CITY, version=2, handed_over=1)
    for actor in (other_officer, other_chief):
        house.opinion(actor, new, answers={})
    seen = house.see(province)
    assert (len(seen["rounds"]), seen["recommendation"]["bureau"], seen["recommender"]) == (2, OTHER_CITY, OTHER_CITY)
