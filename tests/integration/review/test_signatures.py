"""A signature approves the version that the chief has read: it names the officer's draft, and records a difference from the
draft."""

from __future__ import annotations

from typing import Any

import pytest

from services.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, PreconditionFailed, PreconditionRequired
from services.kernel.identity import PROVINCE, Actor
from tests.integration.review.scenario import (
    ANSWERS,
    CITY,
    House,
    a_finding,
    auditor,
    chief,
    officer,
    other_chief,
    province_chief,
    province_officer,
)

REASON = "现场核查后与经办意见不同。"
SECOND_OFFICER = Actor("liuzhou.officer2", ("officer",), CITY)


def refused(kind: type[DomainError], code: str, house: House, actor: Actor, id: str, **more: Any) -> DomainError:
    with pytest.raises(kind) as refusal:
        house.opinion(actor, id, **more)
    assert refusal.value.code == code
    return refusal.value


def sign(house: House, id: str, draft: dict[str, Any], actor: Actor = chief, **more: Any) -> Any:
    return house.tell("sign_draft", actor, id, **({"draft": draft["id"], "if_match": draft["etag"]} | more))


def test_a_chief_signs_the_very_draft_that_was_read(house: House) -> None:
    id = house.submit()
    draft = house.opinion(officer, id, comment="同意推荐。")
    signed = sign(house, id, draft)
    same = ("outcome", "comment", "sections", "answers", "waivers")
    assert {name: signed[name] for name in same} == {name: draft[name] for name in same}
    assert (signed["signed"], signed["by"], signed["drafted_by"]) == (True, chief.username, officer.username)
    assert (signed["differs"], signed["review"]["status"]) == (None, "passed")
    (event,) = house.said("review.recommended")
    assert (event.data["opinion"]["comment"], event.data["opinion"].get("differs")) == ("同意推荐。", None)


def test_a_draft_is_not_signed_unread_nor_after_its_author_changed_it(house: House) -> None:
    # Given a chief who has read a draft, and a draft whose author then changes its outcome to the opposite
    id = house.submit()
    read = house.opinion(officer, id)
    present = house.opinion(officer, id, outcome="reject")
    # Then the version that the chief read cannot be signed, neither as a draft nor by an opinion; the refusal names the present
    # version
    for attempt in (
        lambda: sign(house, id, read),
        lambda: house.opinion(chief, id, if_match=read["etag"]),
    ):
        with pytest.raises(PreconditionFailed) as refusal:
            attempt()
        assert refusal.value.code == "draft_changed"
    assert refusal.value.details["etag"] == present["etag"]
    for attempt in (
        lambda: sign(house, id, present, if_match=None),
        lambda: house.opinion(chief, id, if_match=None),
    ):
        with pytest.raises(PreconditionRequired):
            attempt()
    assert house.see(id)["status"] == "open"
    assert sign(house, id, present)["outcome"] == "reject"


@pytest.mark.parametrize("member", ["outcome", "comment", "answers"])
def test_the_opposite_of_a_draft_is_not_signed_as_if_it_were_drafted(house: House, member: str) -> None:
    # Given a draft that recommends, and a chief who signs a different opinion: without a reason, the opinion is refused
    id = house.submit()
    house.opinion(officer, id)
    other: dict[str, Any] = {
        "outcome": {"outcome": "reject", "answers": ANSWERS},
        "comment": {"comment": "不是起草的话。"},
        "answers": {"answers": ANSWERS | {"Q1": {"met": False, "reason": "影响力不足"}}},
    }[member]
    error = refused(Invalid, "invalid_input", house, chief, id, **other)
    assert [(one.pointer, one.code) for one in error.errors] == [("/differs_reason", "reason_required")]
    # When the chief gives a reason, Then the opinion is signed and recorded as differing from the draft
    signed = house.opinion(chief, id, differs_reason=REASON, **other)
    assert (signed["differs"]["members"], signed["differs"]["reason"]) == ([member], REASON)
    # The difference from the draft is recorded in the case, in the event, and in the audit log.
    assert house.see(id)["opinions"][-1]["differs"] == signed["differs"]
    told = {"members": [member], "reason": REASON}
    if member == "outcome":
        assert house.said("review.rejected")[-1].data["differs"] == told
    else:
        assert house.said("review.recommended")[-1].data["opinion"]["differs"] == told
        assert house.see(house.case(PROVINCE))["recommendation"]["differs"] == told
    assert "opinion.differs" in house.audited("application/app", CITY)
    # and the generated document states the difference too
    paper = house.at(CITY).runtime.verifier.read(house.at(CITY).ask("opinion_paper", auditor, id=id)["statement"], "review")
    assert paper["facts"]["opinion"]["differs"] == signed["differs"]


def test_a_return_that_names_other_sections_differs(house: House) -> None:
    id = house.submit()
    house.opinion(officer, id, outcome="return", sections=[{"section": "members", "comment": "请补充"}])
    more = {"outcome": "return", "sections": [{"section": "goals", "comment": "请补充"}]}
    refused(Invalid, "invalid_input", house, chief, id, **more)
    house.opinion(chief, id, differs_reason=REASON, **more)
    assert house.said("review.returned")[-1].data["differs"] == {"members": ["sections"], "reason": REASON}


def test_waivers_that_were_not_drafted_differ(house: House) -> None:
    id = house.recommend(findings=[a_finding("L2")])
    house.opinion(province_officer, id, stage="formal_check")
    waiving = {"stage": "formal_check", "waivers": [{"rule": "L2", "reason": "产业急需"}]}
    refused(Invalid, "invalid_input", house, province_chief, id, **waiving)
    signed = house.opinion(province_chief, id, differs_reason=REASON, **waiving)
    assert signed["differs"]["members"] == ["waivers"]


def test_a_decision_names_the_draft_and_says_where_it_differs(house: House) -> None:
    # Given a draft in which an officer proposes to approve
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    draft = house.opinion(province_officer, id, stage="decision", comment="建议组建。")

    def decide(**more: Any) -> Any:
        body = {"outcome": "approve", "reason": "建议组建。", "if_match": draft["etag"]} | more
        return house.tell("decide", province_chief, id, **body)

    with pytest.raises(PreconditionRequired):
        decide(if_match=None)
    with pytest.raises(PreconditionFailed):
        decide(if_match="0")
    with pytest.raises(Invalid) as refusal:
        decide(outcome="decline")
    assert [error.pointer for error in refusal.value.errors] == ["/differs_reason"]
    # When the chief declines instead, with a reason, Then the decision is recorded as differing from the draft
    answer = decide(outcome="decline", differs_reason=REASON)
    assert answer["differs"] == {"members": ["outcome"], "reason": REASON}
    (event,) = house.said("review.decided")
    assert event.data["differs"] == answer["differs"]
    [decision] = house.see(id)["decisions"]
    assert (decision["drafted_by"], decision["differs"]["draft"]) == (province_officer.username, draft["id"])
    assert "opinion.differs" in house.audited("application/app")


def test_a_decision_as_drafted_differs_in_nothing(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    draft = house.opinion(province_officer, id, stage="decision", comment="建议组建。")
    answer = house.tell("decide", province_chief, id, outcome="approve", reason="建议组建。", if_match=draft["etag"])
    assert "differs" not in answer
    [decision] = house.see(id)["decisions"]
    assert (decision["drafted_by"], decision["differs"]) == (province_officer.username, None)


def test_a_draft_of_a_correction_is_signed_as_one(house: House) -> None:
    id = house.submit()
    signed = sign(house, id, house.opinion(officer, id))
    draft = house.opinion(officer, id, comment="更正：营收应为 12 亿元。", corrects=signed["id"])
    correction = sign(house, id, draft)
    assert (correction["corrects"], len(house.said("review.recommended"))) == (signed["id"], 1)
    with pytest.raises(Conflict) as refusal:
        sign(house, id, draft)
    assert refusal.value.code == "already_corrected"


def test_only_a_chief_of_the_bureau_signs_and_nobody_their_own(house: House) -> None:
    id = house.submit()
    draft = house.opinion(officer, id)
    with pytest.raises(Forbidden):
        sign(house, id, draft, SECOND_OFFICER)
    for actor in (other_chief, province_chief):
        with pytest.raises(NotFound):
            sign(house, id, draft, actor)
    with pytest.raises(Conflict) as refusal:
        sign(house, id, draft, Actor(officer.username, ("officer", "chief"), CITY))
    assert refusal.value.code == "own_draft"
    with pytest.raises(NotFound) as unknown:
        sign(house, id, draft | {"id": "no-such-draft"})
    assert unknown.value.code == "unknown_draft"
    # A signed opinion cannot be signed as a draft, and a case that has moved on accepts no signature.
    signed = sign(house, id, draft)
    with pytest.raises(NotFound):
        sign(house, id, signed)
    with pytest.raises(Conflict) as closed:
        sign(house, id, draft)
    assert closed.value.code == "review_closed"


def test_a_draft_that_has_become_incomplete_is_not_signed(house: House) -> None:
    # Given the province's draft that waives a rule, and the application's next version, in which the rule passes
    id = house.recommend(findings=[a_finding("L2")])
    draft = house.opinion(province_officer, id, stage="formal_check", waivers=[{"rule": "L2", "reason": "产业急需"}])
    sections = [{"section": "members", "comment": "请补充"}]
    house.opinion(
        province_chief, id, stage="formal_check", outcome="return", sections=sections, waivers=[], differs_reason=REASON
    )
    house.submit(version=2, bureau=PROVINCE, stage="formal_check", findings=[])
    # Then the chief cannot sign the draft about the earlier version
    with pytest.raises((Conflict, Invalid)):
        sign(house, id, draft, province_chief)


# Acting chiefs


ACTING = Actor("liuzhou.officer2", ("chief", "officer"), CITY, acting_for=chief.username)


def test_an_acting_chief_signs_in_the_chiefs_name_and_it_says_so(house: House) -> None:
    # Given a draft of an officer, and another officer who acts for the chief
    id = house.submit()
    draft = house.opinion(officer, id)
    signed = sign(house, id, draft, ACTING)
    # Then the case and the event show who signed the opinion, and in whose name
    assert (signed["by"], signed["acting_for"], signed["drafted_by"]) == (ACTING.username, chief.username, officer.username)
    [told] = house.said("review.recommended")
    assert (told.data["opinion"]["signed_by"], told.data["opinion"]["acting_for"]) == (ACTING.username, chief.username)
    assert (told.actor["role"], told.actor["acting_for"]) == ("acting_chief", chief.username)


def test_an_acting_chief_does_not_sign_their_own_draft(house: House) -> None:
    id = house.submit()
    draft = house.opinion(SECOND_OFFICER, id)
    with pytest.raises(Conflict) as refusal:
        sign(house, id, draft, ACTING)
    assert refusal.value.code == "own_draft"


def test_an_acting_chief_drafts_as_an_officer_and_the_chief_signs(house: House) -> None:
    # Given a case without a draft, and an officer who acts for the chief
    id = house.submit()
    draft = house.opinion(ACTING, id, draft=True)
    assert (draft["signed"], draft["by"], draft["acting_for"]) == (False, ACTING.username, None)
    # When this officer drafts, Then the draft is in the officer's own name, and the chief signs it; a chief who is not an officer
    # cannot draft
    signed = sign(house, id, draft)
    assert (signed["signed"], signed["drafted_by"]) == (True, ACTING.username)
    with pytest.raises(Forbidden):
        house.opinion(chief, house.submit("other"), draft=True)


def test_a_chiefs_own_signature_names_no_other(house: House) -> None:
    id = house.submit()
    signed = sign(house, id, house.opinion(officer, id))
    assert signed["acting_for"] is None
    assert "acting_for" not in house.said("review.recommended")[0].data["opinion"]


def test_an_acting_chief_of_the_province_decides_in_the_chiefs_name(house: House) -> None:
    house.experts(3)
    id = house.to_decision("app", (80, 80, 80))
    acting = Actor("province.officer2", ("chief", "officer"), PROVINCE, acting_for=province_chief.username)
    answer = house.tell("decide", acting, id, outcome="approve", reason="择优组建")
    assert answer["acting_for"] == province_chief.username
    assert house.said("review.decided")[0].data["acting_for"] == province_chief.username
    assert house.see(id)["decisions"][0]["acting_for"] == province_chief.username


def test_a_citys_recommendation_has_its_number_from_the_day_it_is_signed(house: House) -> None:
    # Given a draft, for which no document number is assigned
    id = house.submit()
    draft = house.opinion(officer, id)
    assert house.said("review.act_made") == []
    # When the chief signs the draft, then an event publishes the same act that the generated document states
    sign(house, id, draft)
    (made,) = house.said("review.act_made")
    paper = house.at(CITY).runtime.verifier.read(house.at(CITY).ask("opinion_paper", auditor, id=id)["statement"], "review")
    assert (made.subject, made.producer, made.data["act"]) == (f"review/{id}", f"review.{CITY}", paper["act"])
