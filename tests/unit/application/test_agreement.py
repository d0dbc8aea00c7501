"""The terms that a confirmation covers: lead, members, tiers, operating systems and the agreement on file."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from services.application.domain.agreement import File, Terms, filed, terms_of

TERMS: dict[str, Any] = {
    "lead": "L",
    "members": [{"organisation": "A", "tier": "core", "role": "攻关"}, {"organisation": "B", "tier": "close", "role": "试制"}],
    "operating_systems": {"decision_body": "理事会", "rd_funding": None},
    "agreement": {"组建协议.pdf": "a" * 64},
}


def agreed(**changes: Any) -> Terms:
    return terms_of(**(deepcopy(TERMS) | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"lead": "M"},
        {"members": TERMS["members"][:1]},
        {"members": [TERMS["members"][0] | {"tier": "general"}, TERMS["members"][1]]},
        {"operating_systems": {"decision_body": "另一理事会"}},
        {"agreement": {"组建协议.pdf": "c" * 64}},
        {"agreement": {}},
    ],
)
def test_a_change_of_what_was_confirmed_voids_the_confirmation(changes: dict[str, Any]) -> None:
    # Given a member that confirmed the original terms
    then = agreed()
    # When one of these terms changes
    now = agreed(**changes)
    # Then the confirmation is no longer valid, and the terms have another version
    assert not now.match(then.core, then.paper)
    assert now.version != then.version


@pytest.mark.parametrize(
    "changes",
    [
        {"members": TERMS["members"][::-1]},
        {"members": [TERMS["members"][0] | {"role": "另一分工"}, TERMS["members"][1]]},
        {"operating_systems": {"decision_body": "理事会"}},
    ],
)
def test_what_means_nothing_voids_nothing(changes: dict[str, Any]) -> None:
    then, now = agreed(), agreed(**changes)
    assert now.match(then.core, then.paper)
    assert now.version == then.version


def test_the_first_agreement_filed_completes_what_was_confirmed_and_another_in_its_place_voids_it() -> None:
    # Given a member that confirmed before the sealed agreement was filed
    then = agreed(agreement={})
    # When the sealed agreement is filed, then the confirmation stays valid
    assert agreed().match(then.core, then.paper)
    # When another agreement replaces the agreement that a member saw when it confirmed, then the member's confirmation is no
    # longer valid
    saw = agreed()
    assert not agreed(agreement={"组建协议.pdf": "d" * 64}).match(saw.core, saw.paper)


def test_files_called_alike_are_all_part_of_what_is_confirmed() -> None:
    # Given an agreement of two uploaded files with the same file name
    first, second = File("d1", "协议.pdf", "a" * 64), File("d2", "协议.pdf", "b" * 64)
    both = filed(filed({}, first), second)
    # Then the order of the uploads makes no difference, and the terms cover both files
    assert agreed(agreement=both) == agreed(agreement=filed(filed({}, second), first))
    assert agreed(agreement=both) != agreed(agreement=filed({}, first))
    # When a third file replaces the first one, under another file name, then the second file is still part of the terms
    third = File("d3", "协议（盖章）.pdf", "c" * 64)
    assert agreed(agreement=filed(both, third, [first])) == agreed(agreement=filed(filed({}, second), third))


def test_a_file_alone_under_its_name_is_confirmed_as_before() -> None:
    assert filed({}, File("d1", "组建协议.pdf", "a" * 64)) == TERMS["agreement"]
