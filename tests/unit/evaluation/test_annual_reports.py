"""Every recognised consortium owes an annual report by 31 December (A12)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.evaluation.domain.annual_report import Obligation, first_year, reminder_after
from services.evaluation.domain.consortium import Consortium
from services.kernel.identity import PROVINCE, Actor
from services.policy import Policies

RULE = Policies.builtin().in_force(date(2026, 1, 1)).annual_report
LEAD = "9145020098MA369042"


@pytest.mark.parametrize(
    ("recognised_on", "owed"),
    [
        (date(2026, 1, 1), 2026),
        (date(2026, 9, 30), 2026),
        (date(2026, 10, 1), 2027),
        (date(2026, 12, 31), 2027),
        (date(2024, 2, 29), 2024),
    ],
)
def test_recognised_by_the_cut_off_it_owes_that_years_report_otherwise_the_next(recognised_on: date, owed: int) -> None:
    assert first_year(recognised_on, recognised_on, RULE) == owed


def test_an_imported_consortium_owes_no_year_before_it_entered_the_register() -> None:
    assert first_year(date(2022, 5, 1), date(2026, 11, 20), RULE) == 2026
    assert first_year(date(2026, 10, 8), date(2026, 11, 20), RULE) == 2027


def test_a_report_is_overdue_when_its_day_has_ended_in_shanghai() -> None:
    obligation = Obligation.open("c", 2026, "p@1", RULE, datetime(2026, 3, 1, tzinfo=UTC))
    last = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
    assert obligation.due_on == date(2026, 12, 31)
    assert obligation.status(last) == "due"
    assert obligation.status(last + timedelta(seconds=1)) == "overdue"


@pytest.mark.parametrize(
    ("actor", "sees"),
    [
        (Actor("lead", ("applicant",), organisation=LEAD), True),
        (Actor("member", ("applicant",), organisation="9145010035MA46841F"), False),
        (Actor("city", ("officer",), "450200"), True),
        (Actor("other", ("chief",), "450300"), False),
        (Actor("province", ("officer",), PROVINCE), True),
        (Actor("auditor", ("auditor",)), True),
        (Actor("operator", ("operator",)), False),
        (Actor("expert", ("expert",), organisation=LEAD), False),
    ],
)
def test_the_lead_its_recommender_the_province_and_auditors_see_it(actor: Actor, sees: bool) -> None:
    consortium = Consortium("c", "n", LEAD, None, "450200", date(2026, 1, 1), 2026)
    assert consortium.may_be_seen_by(actor) is sees


def reminders(due: date, day: date, until: date) -> list[date]:
    """Return the days after `day`, up to `until`, on which a report that is due on the day `due` has a reminder."""
    found = []
    while (day := reminder_after(due, day, RULE)) <= until:
        found.append(day)
    return found


def test_reminders_come_before_the_day_and_weekly_after_it() -> None:
    assert reminders(date(2026, 12, 31), date(2026, 6, 9), date(2027, 1, 31)) == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2026, 12, 24),
        date(2026, 12, 30),
        date(2027, 1, 8),
        date(2027, 1, 15),
        date(2027, 1, 22),
        date(2027, 1, 29),
    ]


@pytest.mark.parametrize("year", [2027, 2028, 2031, 2032])
def test_every_year_has_its_reminders_leap_years_too(year: int) -> None:
    due = RULE.due.in_year(year)
    ahead = reminders(due, date(year, 1, 1), due)
    assert [(due - day).days for day in ahead] == [60, 30, 7, 1]


@pytest.mark.parametrize("day", [date(2027, 1, 1), date(2027, 1, 8), date(2028, 2, 29), date(2031, 12, 31)])
def test_a_report_that_is_overdue_already_is_still_reminded_of(day: date) -> None:
    coming = reminder_after(date(2026, 12, 31), day, RULE)
    assert 0 < (coming - day).days <= RULE.overdue_reminder_every_days
