"""The duty to take part in an evaluation, and the date by which the next one is due (A13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.evaluation_duty import (
    ABSENCE,
    DEFERRAL,
    NextRound,
    Part,
    duty_after,
    first_round_by,
    is_invited,
    is_obliged,
    next_round,
    round_after,
)
from services.policy import Policies, add_years

RULE = Policies.builtin().in_force(date(2026, 1, 1)).evaluation


def consortium(recognised_on: date, **facts: object) -> Consortium:
    new = Consortium("c", "糖业", "9145020098MA369042", None, "450200", recognised_on, 2026)
    new.next_round_by = first_round_by(recognised_on, RULE)
    return replace(new, **facts)  # type: ignore[arg-type]


def graded(recognised_on: date, issued_on: date) -> Consortium:
    return consortium(recognised_on, graded_under=issued_on, next_round_by=round_after(issued_on, RULE), grade="good")


@pytest.mark.parametrize(
    ("recognised_on", "issued_on", "obliged"),
    [
        (date(2023, 6, 9), date(2026, 6, 9), True),
        (date(2023, 6, 10), date(2026, 6, 9), False),
        (date(2024, 2, 29), date(2027, 2, 27), False),
        (date(2024, 2, 29), date(2027, 2, 28), True),
        (date(2020, 2, 29), date(2024, 2, 28), True),
    ],
)
def test_three_calendar_years_of_operation_oblige(recognised_on: date, issued_on: date, obliged: bool) -> None:
    assert is_obliged(consortium(recognised_on), issued_on, RULE) is obliged


@pytest.mark.parametrize(
    ("notice", "obliged"),
    [
        (date(2027, 11, 30), False),
        (date(2028, 6, 1), False),
        (date(2029, 12, 31), False),
        (date(2030, 1, 1), True),
        (date(2030, 12, 31), True),
    ],
)
def test_a_grade_obliges_again_in_its_notices_year_plus_three_whatever_the_day(notice: date, obliged: bool) -> None:
    assert is_obliged(graded(date(2020, 1, 1), date(2027, 10, 31)), notice, RULE) is obliged


@pytest.mark.parametrize("owed", [DEFERRAL, ABSENCE])
def test_a_deferral_and_an_absence_oblige_whatever_the_grade(owed: str) -> None:
    late = replace(graded(date(2020, 1, 1), date(2027, 10, 31)), owes_round=owed)
    assert is_obliged(late, date(2028, 1, 1), RULE)


def test_younger_ones_are_invited_only_where_the_notice_says_so_and_those_graded_lately_never() -> None:
    notice, young = date(2027, 6, 1), consortium(date(2025, 1, 1))
    assert not is_invited(young, notice, RULE, allow_younger=False)
    assert is_invited(young, notice, RULE, allow_younger=True)
    assert not is_obliged(young, notice, RULE)
    assert not is_invited(graded(date(2020, 1, 1), date(2026, 6, 1)), notice, RULE, allow_younger=True)


@pytest.mark.parametrize("status", ["rectifying", "revoked", "dissolved"])
def test_one_under_rectification_or_gone_is_not_invited(status: str) -> None:
    assert not is_invited(consortium(date(2020, 1, 1), status=status), date(2027, 1, 1), RULE, allow_younger=True)


@pytest.mark.parametrize(
    ("of", "today", "due"),
    [
        (consortium(date(2025, 6, 9)), date(2026, 1, 1), NextRound(date(2028, 6, 9), overdue=False)),
        (consortium(date(2020, 6, 9)), date(2026, 1, 1), NextRound(date(2026, 12, 31), overdue=True)),
        (graded(date(2020, 1, 1), date(2027, 6, 1)), date(2027, 12, 1), NextRound(date(2030, 12, 31), overdue=False)),
        (graded(date(2020, 1, 1), date(2027, 6, 1)), date(2031, 1, 1), NextRound(date(2031, 12, 31), overdue=True)),
        (consortium(date(2020, 6, 9), owes_round=DEFERRAL), date(2026, 1, 1), NextRound(None, overdue=False)),
        # An earlier release stored in `next_round_by` the day three years after the notice, not the end of that year.
        (
            replace(graded(date(2020, 1, 1), date(2027, 6, 1)), next_round_by=date(2030, 6, 1)),
            date(2030, 7, 1),
            NextRound(date(2030, 12, 31), overdue=False),
        ),
    ],
)
def test_the_next_round_is_due_on_a_day_that_has_not_passed(of: Consortium, today: date, due: NextRound) -> None:
    assert next_round(of, today) == due


NOTICE = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("statuses", "owed"),
    [
        ([], (None, 0)),
        (["published"], (None, 0)),
        (["deferred"], (DEFERRAL, 1)),
        (["deferred", "deferred"], (DEFERRAL, 2)),
        (["published", "deferred"], (None, 0)),
        (["deferred", "published", "deferred"], (DEFERRAL, 1)),
        (["cancelled", "deferred"], (DEFERRAL, 1)),
        (["cancelled", "published"], (None, 0)),
        (["invited", "deferred"], (DEFERRAL, 1)),
        (["absent"], (ABSENCE, 0)),
        (["withdrawn"], (ABSENCE, 0)),
        (["absent", "deferred"], (ABSENCE, 0)),
        (["deferred", "absent"], (DEFERRAL, 1)),
        (["declined"], (None, 0)),
    ],
)
def test_what_the_last_rounds_leave_owed(statuses: list[str], owed: tuple[str | None, int]) -> None:
    assert duty_after(Part(status, True, NOTICE) for status in statuses) == owed


def test_a_younger_one_that_stays_away_or_leaves_owes_nothing() -> None:
    assert duty_after([Part("withdrawn", False, NOTICE)]) == (None, 0)


# Properties that hold if the province issues one notice a year

_DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
_IN_YEAR = st.integers(0, 364)
#: The ends of an invited consortium's participation: a published grade (drawn twice as often), a granted deferral, or a cancelled
#: notice.
_ENDS = st.sampled_from(["published", "published", "deferred", "cancelled"])


@given(_DAYS, st.lists(st.tuples(_IN_YEAR, _ENDS), min_size=12, max_size=16))
def test_with_one_notice_a_year_no_grade_obliges_before_its_third_year_and_each_does_then(
    recognised_on: date, years: list[tuple[int, str]]
) -> None:
    of = consortium(recognised_on)
    parts: list[Part] = []
    for place, (days, end) in enumerate(years):
        issued_on = date(recognised_on.year + place, 1, 1) + timedelta(days=days)
        if issued_on < recognised_on:
            continue
        obliged = is_obliged(of, issued_on, RULE)
        deferred = of.owes_round == DEFERRAL
        # A graded consortium must take part from the third year after the year of the notice under which it was graded, and not
        # before, unless its evaluation was deferred.
        if of.graded_under and not deferred:
            assert obliged is (issued_on.year >= of.graded_under.year + 3)
        if of.graded_under is None:
            assert obliged is (add_years(recognised_on, 3) <= issued_on)
        if deferred:
            assert obliged
        due = next_round(of, issued_on)
        assert due.by is None if deferred else due.by is not None and due.by >= issued_on
        if not obliged:
            continue
        parts.insert(0, Part(end, True, issued_on))
        of.owes_round, of.deferrals = duty_after(parts)
        if end == "published":
            of.graded_under, of.next_round_by = issued_on, round_after(issued_on, RULE)
    under = [part.issued_on.year for part in parts if part.status == "published"]
    assert all(later - earlier >= 3 for later, earlier in pairwise(under))
