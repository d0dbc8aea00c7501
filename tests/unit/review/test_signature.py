"""A chief signs exactly the draft that the chief has read, or another text with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from services.kernel.errors import Conflict, Invalid, PreconditionFailed, PreconditionRequired
from services.review.domain.case import Stage
from services.review.domain.opinion import Opinion
from services.review.domain.signature import differences, draft_read, etag_of, sign
from tests.unit.review.test_opinion import a_round, opinion, stage

RULES = a_round().stage("recommendation")
WITHOUT_FOUR_EYES = a_round(pipeline=[stage("formal_check", "province", four_eyes=False)]).stage("formal_check")
WAIVERS = [{"rule": "L2", "reason": "产业急需"}, {"rule": "L3", "reason": "团队正在组建"}]


def read(drafts: list[Opinion], if_match: str | None, rules: Stage = RULES) -> Opinion | None:
    return draft_read(drafts, "chief", rules, if_match)


@pytest.mark.parametrize(("drafts", "code"), [([], "draft_required"), ([opinion(by="chief")], "own_draft")])
def test_where_four_eyes_apply_nobody_signs_alone(drafts: list[Opinion], code: str) -> None:
    with pytest.raises(Conflict) as refusal:
        read(drafts, None)
    assert refusal.value.code == code


def test_without_four_eyes_and_without_a_draft_a_chief_signs_alone() -> None:
    assert read([], None, WITHOUT_FOUR_EYES) is None


@pytest.mark.parametrize("rules", [RULES, WITHOUT_FOUR_EYES])
def test_where_another_person_drafted_the_draft_read_is_named(rules: Stage) -> None:
    draft = opinion(id="1")
    with pytest.raises(PreconditionRequired) as refusal:
        read([draft], None, rules)
    assert refusal.value.details == {"draft": "1", "etag": etag_of(draft)}
    assert read([draft], etag_of(draft), rules) is draft


def test_a_draft_that_its_author_replaced_is_not_signed() -> None:
    first, second = opinion(id="1"), opinion(id="2", outcome="reject")
    with pytest.raises(PreconditionFailed) as refusal:
        read([first, second], etag_of(first))
    assert refusal.value.details == {"draft": "2", "etag": etag_of(second)}


def test_of_drafts_by_several_people_the_one_read_is_signed() -> None:
    first, second = opinion(id="1", by="first"), opinion(id="2", by="second")
    assert read([first, second], etag_of(first)) is first
    assert read([first, second], etag_of(second)) is second


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "reject"},
        {"answers": {"Q1": {"met": False, "reason": "不符"}}},
        {"waivers": WAIVERS},
        {"sections": [{"section": "members", "comment": "缺少"}]},
        {"corrects": "9"},
        {"particulars": {"amount": "1.00"}},
        {"particulars": {"knowingly": True}},
        {"id": "2"},
    ],
)
def test_every_text_has_an_etag_of_its_own(change: dict[str, Any]) -> None:
    assert etag_of(opinion(id="1")) == etag_of(opinion(id="1"))
    assert etag_of(opinion(**({"id": "1"} | change))) != etag_of(opinion(id="1"))


@pytest.mark.parametrize(
    ("change", "members"),
    [
        ({}, []),
        ({"outcome": "reject"}, ["outcome"]),
        ({"answers": {"Q1": {"met": False, "reason": "不符"}}}, ["answers"]),
        ({"waivers": WAIVERS[:1]}, ["waivers"]),
        ({"waivers": [WAIVERS[0] | {"reason": "另有理由"}, WAIVERS[1]]}, ["waivers"]),
        ({"waivers": WAIVERS[::-1]}, []),
        ({"outcome": "return", "sections": [{"section": "members", "comment": "缺少"}]}, ["outcome", "sections"]),
    ],
)
def test_what_differs_from_the_draft_is_named_and_needs_a_reason(change: dict[str, Any], members: list[str]) -> None:
    draft, signed = opinion(id="1", waivers=WAIVERS), opinion(**({"id": "2", "by": "chief", "waivers": WAIVERS} | change))
    assert differences(draft, signed) == members
    if members:
        for reason in (None, "", "  "):
            with pytest.raises(Invalid) as refusal:
                sign(signed, draft, reason)
            assert [error.pointer for error in refusal.value.errors] == ["/differs_reason"]
        sign(signed, draft, "核查后改变")
        assert signed.differs == {"draft": "1", "members": members, "reason": "核查后改变"}
    else:
        sign(signed, draft, "无")
        assert signed.differs is None
    assert (signed.signed, signed.drafted_by) == (True, "officer")


@pytest.mark.parametrize(
    ("proposed", "decided", "members"),
    [("pass", "approve", []), ("pass", "decline", ["outcome"]), ("reject", "decline", []), ("return", "approve", ["outcome"])],
)
def test_an_officers_proposal_to_pass_stands_for_approving(proposed: str, decided: str, members: list[str]) -> None:
    assert differences(opinion("decision", proposed), opinion("decision", decided, by="chief")) == members
