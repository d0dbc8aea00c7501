"""The days on which the report of a change is in time, and the units, documents, confirmations and waivers that follow from a
change (A12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.application.domain.change import asked_to_confirm, conflict, findings_against_approval
from services.application.domain.change_reporting_period import Excuse, is_late
from services.application.domain.change_requirements import cases_of, lacking_papers, main_task_claimed, unstated
from services.application.domain.composition import Composition
from services.kernel.errors import Conflict
from services.policy import Policies

POLICY = Policies.builtin().get("guangxi_trial@1")
RULE = POLICY.changes
#: The rule of an invented policy: a change must be reported at least three and at most six months before it takes effect.
STRICT = replace(RULE, notice_at_least_months=3, notice_at_most_months=6, earlier_accepted=False)
LEAD, ONE, TWO, NEW = "LEAD", "ONE", "TWO", "NEW"
UNITS = Composition(LEAD, {ONE: ("core", "研发"), TWO: ("close", None)})


@pytest.mark.parametrize("today", [date(2025, 1, 1), date(2026, 9, 1), date(2026, 11, 30)])
def test_the_day_before_it_takes_effect_is_in_time_and_earlier_too(today: date) -> None:
    assert is_late(RULE, date(2026, 12, 1), today, None) is False


@pytest.mark.parametrize("today", [date(2026, 12, 1), date(2027, 3, 1)])
def test_on_the_day_and_after_it_is_late_and_needs_its_reason(today: date) -> None:
    with pytest.raises(Conflict) as caught:
        is_late(RULE, date(2026, 12, 1), today, "  ")
    assert (caught.value.code, caught.value.details["latest"]) == ("late_reason_required", "2026-11-30")
    assert is_late(RULE, date(2026, 12, 1), today, "该单位突然注销。") is True


@pytest.mark.parametrize(
    ("effective_on", "today", "late"),
    [
        (date(2026, 5, 31), date(2026, 2, 28), False),
        (date(2026, 5, 31), date(2026, 3, 1), True),
        (date(2028, 5, 31), date(2028, 2, 29), False),
    ],
)
def test_another_policy_demands_months_that_end_on_the_last_day(effective_on: date, today: date, late: bool) -> None:
    assert is_late(STRICT, effective_on, today, "理由") is late


def test_another_policy_takes_none_too_early() -> None:
    with pytest.raises(Conflict) as caught:
        is_late(STRICT, date(2026, 12, 1), date(2026, 5, 31), None)
    assert (caught.value.code, caught.value.details["earliest"]) == ("too_early", "2026-06-01")


def test_units_come_go_and_move() -> None:
    detail = {
        "add": [{"organisation": NEW, "tier": "general"}],
        "remove": [TWO],
        "change_tier": [{"organisation": ONE, "tier": "close"}],
    }
    after, errors = UNITS.after("units", detail)
    assert errors == []
    assert (after.lead, dict(after.members)) == (LEAD, {ONE: ("close", "研发"), NEW: ("general", None)})


def test_the_lead_passes_to_a_member_and_stays_where_it_says() -> None:
    after, errors = UNITS.after("lead", {"lead": ONE, "former_lead_tier": "core"})
    assert (errors, after.lead, dict(after.members)) == ([], ONE, {TWO: ("close", None), LEAD: ("core", None)})
    gone, _ = UNITS.after("lead", {"lead": ONE, "former_lead_tier": None})
    assert gone.units == [ONE, TWO]


@pytest.mark.parametrize(
    ("kind", "detail", "pointer"),
    [
        ("add_member", {"organisation": ONE, "tier": "core"}, "/detail/organisation"),
        ("add_member", {"organisation": LEAD, "tier": "core"}, "/detail/organisation"),
        ("remove_member", {"organisation": NEW}, "/detail/organisation"),
        ("remove_member", {"organisation": LEAD}, "/detail/organisation"),
        ("change_tier", {"organisation": NEW, "tier": "core"}, "/detail/organisation"),
        ("lead", {"lead": NEW}, "/detail/lead"),
        ("lead", {"lead": LEAD}, "/detail/lead"),
        ("units", {"add": [], "remove": [NEW], "change_tier": []}, "/detail/remove/0"),
    ],
)
def test_what_cannot_be_meant_is_named(kind: str, detail: dict[str, object], pointer: str) -> None:
    _, errors = UNITS.after(kind, detail)
    assert [error.pointer for error in errors] == [pointer]


@pytest.mark.parametrize(
    ("excuse", "late"),
    [
        (Excuse(known_on=date(2027, 2, 1)), False),  # Reported on the thirtieth day after it became known.
        (Excuse(known_on=date(2027, 1, 31)), True),
        (Excuse(asked_until=date(2027, 3, 3)), False),
        (Excuse(asked_until=date(2027, 3, 2)), True),
    ],
)
def test_what_nobody_could_report_ahead_is_in_time_within_its_term(excuse: Excuse, late: bool) -> None:
    assert is_late(RULE, date(2026, 12, 1), date(2027, 3, 3), "理由", excuse) is late


def test_papers_and_statements_follow_from_the_kind() -> None:
    assert cases_of("name", main_member=False) == ()
    assert cases_of("lead", main_member=False) == ("change_of_lead",)
    assert cases_of("remove_member", main_member=True) == ("change_of_units", "change_of_main_member")
    agreement = {"kind": "supplementary_agreement"}
    assert lacking_papers(POLICY, ("change_of_units",), [agreement]) == []
    (lacking,) = lacking_papers(POLICY, ("change_of_units", "change_of_main_member"), [agreement])
    assert (lacking.text.zh, "project_change" in lacking.text.zh) == ("缺少科技计划项目变更材料。", False)


@pytest.mark.parametrize(
    ("kind", "detail", "wanted"),
    [
        ("add_member", {"organisation": NEW, "tier": "core"}, ["/technical_need", "/task_source"]),
        ("change_tier", {"organisation": ONE, "tier": "close"}, ["/technical_need", "/task_source"]),
        ("units", {"change_tier": [{"organisation": ONE, "tier": "close"}]}, ["/technical_need", "/task_source"]),
        ("remove_member", {"organisation": ONE}, []),
        ("units", {"remove": [ONE]}, []),
        ("remove_member", {"organisation": ONE, "main_task_bearing": True}, []),
        ("lead", {"lead": ONE}, []),
        ("name", {"name": "乙"}, []),
    ],
)
def test_joining_and_chosen_rearrangements_state_their_need_and_who_leaves_does_not(
    kind: str, detail: dict[str, object], wanted: list[str]
) -> None:
    assert [error.pointer for error in unstated(kind, detail, {"task_source": " "})] == wanted


def test_a_main_task_is_claimed_only_for_who_leaves() -> None:
    assert main_task_claimed("units", {"remove": [ONE], "main_task_bearing": True})
    assert not main_task_claimed("units", {"add": [{"organisation": NEW, "tier": "core"}], "main_task_bearing": True})


def test_a_new_lead_who_joins_and_whose_tier_changes_are_asked_to_confirm() -> None:
    assert asked_to_confirm("lead", {"lead": ONE}) == [{"organisation": ONE, "as": "leads"}]
    units = {
        "add": [{"organisation": NEW, "tier": "core"}],
        "remove": ["GONE"],
        "change_tier": [{"organisation": TWO, "tier": "core"}],
    }
    assert asked_to_confirm("units", units) == [{"organisation": NEW, "as": "joins"}, {"organisation": TWO, "as": "tier"}]
    assert asked_to_confirm("remove_member", {"organisation": ONE}) == []


@pytest.mark.parametrize(
    ("one", "other", "clashes"),
    [
        (("add_member", {"organisation": NEW}), ("remove_member", {"organisation": ONE}), False),
        (("change_tier", {"organisation": ONE}), ("remove_member", {"organisation": ONE}), True),
        (("units", {"remove": [ONE]}), ("units", {"remove": [TWO]}), False),
        (("units", {"remove": [ONE]}), ("units", {"add": [{"organisation": ONE}]}), True),
        (("lead", {"lead": ONE}), ("lead", {"lead": TWO}), True),
        (("lead", {"lead": ONE}), ("remove_member", {"organisation": ONE}), True),
        (("lead", {"lead": ONE}), ("remove_member", {"organisation": TWO}), False),
        (("name", {}), ("name", {}), True),
        (("name", {}), ("chief_scientist", {}), False),
        (("key_person", {"post": "秘书长"}), ("key_person", {"post": "理事长"}), False),
        (("key_person", {"post": "秘书长"}), ("key_person", {"post": "秘书长"}), True),
        (("dissolution", {}), ("name", {}), True),
    ],
)
def test_two_changes_clash_where_they_concern_the_same_unit_the_lead_or_the_same_entry(
    one: tuple[str, dict[str, object]], other: tuple[str, dict[str, object]], clashes: bool
) -> None:
    assert conflict(one, other, LEAD) is conflict(other, one, LEAD) is clashes


def test_a_rule_that_failed_before_needs_no_new_waiver_and_a_mandatory_one_always_bars() -> None:
    def finding(rule: str, severity: str, *, before: bool) -> dict[str, object]:
        return {"rule": rule, "severity": severity, "status": "fail", "failed_before": before}

    findings = [
        finding("L2", "in_principle", before=True),
        finding("C1", "in_principle", before=False),
        finding("C4", "mandatory", before=True),
    ]
    assert [found["rule"] for found in findings_against_approval(findings, set(), knowingly=False)] == ["C1", "C4"]
    assert findings_against_approval(findings, {"C1"}, knowingly=True) == []


def test_a_rule_in_principle_that_newly_lacks_evidence_needs_a_waiver_as_if_it_failed() -> None:
    def finding(severity: str, *, before: bool) -> dict[str, object]:
        return {"rule": "L2", "severity": severity, "status": "needs_evidence", "failed_before": before}

    newly = [finding("in_principle", before=False)]
    assert findings_against_approval(newly, set(), knowingly=False) == newly
    assert findings_against_approval(newly, {"L2"}, knowingly=False) == []
    others = [finding("in_principle", before=True), finding("mandatory", before=False)]
    assert findings_against_approval(others, set(), knowingly=False) == []
