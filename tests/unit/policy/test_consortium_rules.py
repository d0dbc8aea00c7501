"""A5(1): the number of units, distinct legal persons, the shares of Guangxi and of enterprises."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.policy import Facts, Unit, eligible, evaluate
from tests.unit.policy.sample_facts import LEAD, MEMBERS, TODAY, TRIAL, facts, failing, finding, lead, member


def outside(number: int) -> Unit:
    return member(number, region="440100", kind="university")


def test_the_sound_consortium_passes_every_rule() -> None:
    assert failing(facts()) == []


@pytest.mark.parametrize(("units", "status", "margin"), [(8, "pass", "+0"), (7, "fail", "-1"), (9, "pass", "+1")])
def test_eight_units_are_enough_and_seven_are_not(units: int, status: str, margin: str) -> None:
    found = finding("C1", facts(*MEMBERS[: units - 1]))

    assert (found.status, found.severity, found.margin) == (status, "in_principle", margin)
    assert found.observed == {"units": units}
    assert found.required == {"at_least": 8}


def test_a_unit_listed_twice_counts_once_and_fails_c2() -> None:
    case = facts(*MEMBERS[:6], MEMBERS[0])

    assert finding("C1", case).observed == {"units": 7}
    found = finding("C2", case)
    assert found.status == "fail"
    assert found.observed["repeated"] == [{"uscc": "M01", "name": "参与单位1"}]
    assert "重复列入：参与单位1" in found.message.zh


def test_the_lead_may_not_be_listed_as_a_member_too() -> None:
    case = facts(*MEMBERS, replace(LEAD, tier="core"))

    assert finding("C2", case).observed["repeated"] == [{"uscc": "LEAD", "name": "牵头样例公司"}]
    assert finding("M2", case).status == "pass"


def test_a_branch_is_no_independent_legal_person() -> None:
    found = finding("C2", facts(*MEMBERS[:8], member(9, legal_person=False)))

    assert found.status == "fail"
    assert "不是独立法人：参与单位9" in found.message.zh


def test_the_legal_personality_of_an_invited_organisation_is_not_known() -> None:
    invited = Unit("M09", "", tier="core", registered=False)

    found = finding("C2", facts(*MEMBERS[:8], invited))

    assert found.status == "needs_evidence"
    assert "M09" in found.message.zh


@pytest.mark.parametrize(
    ("inside", "total", "status", "share", "margin"),
    [
        (3, 10, "pass", "30%", "+0"),
        (2, 10, "fail", "20%", "-1"),
        (3, 11, "fail", "27.27%", "-1"),
        (4, 13, "pass", "30.76%", "+0"),
        (6, 20, "pass", "30%", "+0"),
        (5, 20, "fail", "25%", "-1"),
        (1, 1, "pass", "100%", "+0"),
    ],
)
@pytest.mark.parametrize("rule", ["C3", "C4"])
def test_thirty_percent_is_exact_and_counts_the_lead(
    rule: str, inside: int, total: int, status: str, share: str, margin: str
) -> None:
    sound = [member(number) for number in range(1, inside)]
    others = [outside(number) for number in range(inside, total)]

    found = finding(rule, Facts(as_of=TODAY, today=TODAY, lead="LEAD", units=(LEAD, *sound, *others)))

    assert (found.status, found.severity, found.margin) == (status, "mandatory", margin)
    assert found.observed == {"counted": inside, "units": total, "share": share}


@pytest.mark.parametrize(
    ("sound", "invited", "outsiders", "status"),
    [(3, 7, 0, "pass"), (2, 7, 1, "needs_evidence"), (2, 1, 7, "needs_evidence"), (1, 1, 8, "fail")],
)
def test_unknown_units_leave_a_share_open_only_where_they_could_turn_it(
    sound: int, invited: int, outsiders: int, status: str
) -> None:
    members = [member(number) for number in range(1, sound)]
    members += [Unit(f"I{number}", "", registered=False) for number in range(invited)]
    members += [outside(number) for number in range(50, 50 + outsiders)]

    case = facts(*members)

    assert finding("C3", case).status == status
    assert finding("C4", case).status == status


def test_an_invited_organisation_is_unknown_whatever_else_is_filled_in() -> None:
    invited = member(9, registered=False, legal_person=False, region="")
    assert finding("C2", facts(*MEMBERS[:8], invited)).status == "needs_evidence"


def test_the_emptiest_draft_gives_findings_and_is_not_eligible() -> None:
    findings = evaluate(TRIAL, Facts(as_of=TODAY, today=TODAY))

    assert [found.rule for found in findings] == [rule.id for rule in TRIAL.rules]
    assert not eligible(findings)
    by_rule = {found.rule: found for found in findings}
    assert by_rule["C3"].status == by_rule["C4"].status == by_rule["L1"].status == "fail"
    assert by_rule["C3"].margin is None
    assert {by_rule[rule].status for rule in ("L2", "L3", "L4", "L5", "L6")} == {"needs_evidence"}


def test_a_lead_that_is_not_among_the_units_or_not_registered_is_not_known() -> None:
    absent = Facts(as_of=TODAY, today=TODAY, lead="LEAD", units=MEMBERS)
    invited = facts(lead=lead(registered=False))

    for case in (absent, invited):
        assert {finding(rule, case).status for rule in ("L1", "L2", "L3", "L4", "L5")} == {"needs_evidence"}
