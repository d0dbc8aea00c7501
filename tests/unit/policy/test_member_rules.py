"""A5(3) and A14(4): confirmations, tiers, the three consortia, and the research-integrity register."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.policy import Facts, Standing
from tests.unit.policy.sample_facts import LEAD, MEMBERS, TODAY, facts, finding, member

ALL = frozenset(unit.uscc for unit in MEMBERS)


def test_every_member_confirms_and_the_lead_need_not() -> None:
    assert finding("M1", facts(confirmed=ALL)).status == "pass"


def test_one_member_that_has_not_confirmed_is_named() -> None:
    found = finding("M1", facts(confirmed=ALL - {"M03"}))

    assert (found.status, found.severity) == ("fail", "mandatory")
    assert found.observed == {"members": 9, "confirmed": 8, "missing": [{"uscc": "M03", "name": "参与单位3"}]}
    assert "参与单位3" in found.message.zh


def test_the_confirmation_of_somebody_else_does_not_count() -> None:
    assert finding("M1", facts(confirmed=(ALL - {"M03"}) | {"M99"})).status == "fail"


def test_unknown_confirmations_need_evidence() -> None:
    assert finding("M1", facts(confirmed=None)).status == "needs_evidence"


def test_a_lead_alone_has_nobody_to_agree_with() -> None:
    alone = Facts(as_of=TODAY, today=TODAY, lead="LEAD", units=(LEAD,), confirmed=frozenset())
    assert finding("M1", alone).status == "fail"


@pytest.mark.parametrize("tier", [None, "", "unheard_of"])
def test_every_member_has_a_tier(tier: str | None) -> None:
    found = finding("M2", facts(*MEMBERS[:8], member(9, tier=tier)))

    assert (found.status, found.severity) == ("fail", "mandatory")
    assert found.observed["without_tier"] == [{"uscc": "M09", "name": "参与单位9"}]


def test_an_invited_member_can_have_its_tier_already() -> None:
    assert finding("M2", facts(*MEMBERS[:8], member(9, registered=False))).status == "pass"


@pytest.mark.parametrize(("joins", "status", "margin"), [(2, "pass", "+0"), (3, "fail", "-1"), (0, "pass", "+2")])
@pytest.mark.parametrize("uscc", ["LEAD", "M05"])
def test_no_unit_is_in_more_than_three_consortia_this_one_counted(uscc: str, joins: int, status: str, margin: str) -> None:
    found = finding("M3", facts(standing={uscc: Standing(leads=0, joins=joins)}))

    assert (found.status, found.severity, found.margin) == (status, "in_principle", margin)
    assert found.observed["highest"] == joins + 1


def test_the_units_in_too_many_consortia_are_named() -> None:
    standing = {"M01": Standing(joins=3), "M02": Standing(joins=2), "M03": Standing(joins=5), "M99": Standing(joins=9)}

    found = finding("M3", facts(standing=standing))

    assert found.observed["over"] == [
        {"uscc": "M01", "name": "参与单位1", "consortia": 4},
        {"uscc": "M03", "name": "参与单位3", "consortia": 6},
    ]
    assert "参与单位1、参与单位3" in found.message.zh


@pytest.mark.parametrize(
    ("ends", "status"),
    [(None, "fail"), (TODAY + timedelta(days=1), "fail"), (TODAY, "fail"), (TODAY - timedelta(days=1), "pass")],
)
def test_a_record_counts_until_the_last_day_of_its_penalty(ends: date | None, status: str) -> None:
    found = finding("I1", facts(integrity={"M04": ends}))

    assert (found.status, found.severity, found.citation) == (status, "in_principle", "A14(4)")


def test_the_record_of_a_stranger_does_not_count() -> None:
    assert finding("I1", facts(integrity={"M99": None})).status == "pass"
