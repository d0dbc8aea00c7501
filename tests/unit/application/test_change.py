"""A change is reported before it takes effect, by calendar months; what it leads to is computed from what there is (A12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.application.domain.change import Composition, cases_of, is_late, lacking_papers, unstated
from services.kernel.errors import Conflict
from services.policy import Policies

POLICY = Policies.builtin().get("guangxi_trial@1")
RULE = POLICY.changes
#: Another policy: at least three months ahead, and not earlier than six.
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


def test_papers_and_statements_follow_from_the_kind() -> None:
    assert cases_of("name", {}) == ()
    assert cases_of("lead", {}) == ("change_of_lead",)
    assert cases_of("remove_member", {"main_task_bearing": True}) == ("change_of_units", "change_of_main_member")
    agreement = {"kind": "supplementary_agreement"}
    assert lacking_papers(POLICY, ("change_of_units",), [agreement]) == []
    assert len(lacking_papers(POLICY, ("change_of_units", "change_of_main_member"), [agreement])) == 1
    assert [error.pointer for error in unstated("add_member", {}, {"task_source": " "})] == ["/technical_need", "/task_source"]
    assert unstated("remove_member", {}, {}) == []
