"""Calendar arithmetic for deadlines. Every date is a calendar date in Asia/Shanghai."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from services.policy.holidays import HolidayCalendar

#: The public holidays that this process knows. `use_holidays` replaces them when the process starts.
_calendar = HolidayCalendar()


def use_holidays(calendar: HolidayCalendar) -> None:
    """Use this calendar for working days from now on, in the whole process."""
    global _calendar
    _calendar = calendar


def holidays_known_through() -> int:
    """Return the last year whose holidays this process knows from the State Council's announcement."""
    return _calendar.known_through


def is_working_day(day: date) -> bool:
    """Return whether offices in mainland China work on this day. Weekends, public holidays, and weekend days that are worked in
    exchange for a day off are taken into account. The State Council announces each year's holidays late in the year before. For a
    year whose announcement is not known yet, Monday to Friday are working days, except the holidays that the law fixes for every
    year.
    """
    return _calendar.is_working_day(day)


def add_working_days(start: date, days: int) -> date:
    """Return the last day of a period of working days. The day of the event itself is not counted, so 0 days end on it. Raises
    ValueError for a negative period."""
    if days < 0:
        raise ValueError("a period of working days cannot be negative")
    day = start
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """Return the number of working days after `start` up to and including `end`; negative if `end` is before `start`."""
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=days)) for days in range(1, (end - start).days + 1))


def add_days(start: date, days: int) -> date:
    """Return the date this number of calendar days later; an earlier date if the number is negative."""
    return start + timedelta(days=days)


def add_months(start: date, months: int) -> date:
    """Return the same day of the month this number of months later; the last day of that month if the month has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def add_years(start: date, years: int) -> date:
    """Return the same day this number of years later: three years after 2024-02-29 is 2027-02-28."""
    return add_months(start, 12 * years)


def not_past(due: date, today: date) -> date:
    """Return `due`, or the last day of this year if `due` has passed: an overdue duty must be fulfilled within the year."""
    return due if due >= today else date(today.year, 12, 31)
