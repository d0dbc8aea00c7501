"""Calendar arithmetic of the deadlines. Every date is a calendar date in Asia/Shanghai."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from services.policy.holidays import HolidayCalendar

#: The holidays this process knows. `use_holidays` replaces it when the process starts.
_calendar = HolidayCalendar()


def use_holidays(calendar: HolidayCalendar) -> None:
    """Compute working days by this calendar from now on, in the whole process."""
    global _calendar
    _calendar = calendar


def holidays_known_through() -> int:
    """The last year whose holidays the State Council has announced, as far as this process knows."""
    return _calendar.known_through


def is_working_day(day: date) -> bool:
    """Return whether mainland offices work: weekends, public holidays and the weekends worked in exchange are known.

    The State Council announces each year's holidays late in the year before; for a year whose notice is not known yet, Monday to
    Friday are working days, save the holidays that the law fixes for every year.
    """
    return _calendar.is_working_day(day)


def add_working_days(start: date, days: int) -> date:
    """The last day of a period of working days; the day of the event itself is not counted, and 0 ends on it.

    Raises ValueError for a negative period.
    """
    if days < 0:
        raise ValueError("a period of working days cannot be negative")
    day = start
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """The number of working days after `start` up to and including `end`; negative if `end` is before `start`."""
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=days)) for days in range(1, (end - start).days + 1))


def add_days(start: date, days: int) -> date:
    """The date this number of calendar days later (earlier if negative)."""
    return start + timedelta(days=days)


def add_months(start: date, months: int) -> date:
    """The same day of the month this number of months later; the month's last day if it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def add_years(start: date, years: int) -> date:
    """The same day this number of years later: three years from 2024-02-29 end on 2027-02-28."""
    return add_months(start, 12 * years)


def not_past(due: date, today: date) -> date:
    """The day itself, or the last day of this year if the day has passed: an overdue duty is to be done within the year."""
    return due if due >= today else date(today.year, 12, 31)
