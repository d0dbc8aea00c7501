"""Deadlines: working days, months and years as the calendar counts them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.policy import add_days, add_months, add_working_days, add_years, end_of_day, is_working_day, working_days_between


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 3, 2), 5, date(2026, 3, 9)),  # From Monday to Monday.
        (date(2026, 3, 6), 1, date(2026, 3, 9)),  # Friday; the next working day is Monday.
        (date(2026, 3, 7), 1, date(2026, 3, 9)),  # A Saturday.
        (date(2026, 3, 7), 0, date(2026, 3, 7)),  # A period of 0 days ends on the day itself.
        (date(2025, 9, 30), 5, date(2025, 10, 14)),  # 1 to 8 October are off, Saturday 11 October is worked.
        (date(2025, 1, 24), 2, date(2025, 1, 27)),  # Sunday 26 January is worked before the Spring Festival.
    ],
)
def test_working_days_skip_weekends_and_holidays_and_know_the_weekends_worked(start: date, days: int, end: date) -> None:
    assert add_working_days(start, days) == end


def test_years_that_are_not_announced_count_monday_to_friday_save_the_holidays_of_the_law() -> None:
    assert not is_working_day(date(2099, 1, 1))  # A Thursday, and New Year's Day.
    assert not is_working_day(date(2099, 1, 3))
    assert add_working_days(date(2098, 12, 31), 2) == date(2099, 1, 5)


def test_a_negative_period_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_working_days(date(2026, 3, 2), -1)


def test_calendar_days() -> None:
    assert add_days(date(2026, 2, 20), 15) == date(2026, 3, 7)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -3, date(2025, 10, 15)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_end_on_the_last_day_where_there_is_no_such_day(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_three_years_from_the_29th_of_february_are_complete_on_the_28th() -> None:
    assert add_years(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert add_years(date(2024, 3, 1), 3) == date(2027, 3, 1)


def test_a_day_ends_at_midnight_in_shanghai() -> None:
    end = end_of_day(date(2026, 12, 31))

    assert end.utcoffset() is not None
    assert (end + timedelta(microseconds=1)).isoformat() == "2026-12-31T16:00:00+00:00"


def test_the_working_days_up_to_a_deadline_are_counted_and_those_behind_it_negative() -> None:
    friday, monday = date(2026, 3, 6), date(2026, 3, 9)
    assert working_days_between(friday, friday) == 0
    assert working_days_between(friday, date(2026, 3, 8)) == 0
    assert working_days_between(friday, monday) == 1
    assert working_days_between(monday, friday) == -1
    assert all(working_days_between(friday, add_working_days(friday, days)) == days for days in range(30))
