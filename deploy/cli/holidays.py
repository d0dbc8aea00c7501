"""The functions of `guichuang holidays`: list the years with known public holidays, and check the text of a holiday notice."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, timedelta

from deploy.composition import holidays_of
from services.kernel.clock import local_date, real_now
from services.kernel.settings import Settings
from services.policy.holidays import HolidayCalendar, statutory_holidays

#: The number of years that `guichuang holidays list` shows, beginning with the present one.
SHOWN = 3


def show(settings: Settings) -> int:
    """Print the days off and the working weekend days of this year and the next ones, with the source of each year's list."""
    calendar = holidays_of(settings)
    print(f"announced years are known up to {calendar.known_through}")
    this_year = local_date(real_now()).year
    for year in range(this_year, this_year + SHOWN):
        if calendar.is_known(year):
            print(f"{year}: {_notice_text(calendar, year)}")
        else:
            fixed = " ".join(f"{day:%m-%d}" for day in statutory_holidays(year))
            print(f"{year}: not announced, or not added yet; by the law alone: {fixed}")
    return 0


def check(text: str) -> int:
    """Print a holiday notice in the form that the settings expect. Return exit status 2 if the text is no valid notice."""
    try:
        calendar = holidays_of(Settings(holidays=text))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    written = "; ".join(f"{year}: {_notice_text(calendar, year)}" for year in calendar.added)
    print(f"GUICHUANG_HOLIDAYS={written}")
    return 0


def _notice_text(calendar: HolidayCalendar, year: int) -> str:
    """Return a year's days in the form that `read_notices` reads: every day off that is no weekend day, with the adjacent
    weekends, and the working weekend days."""
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    days = [day for day in days if day.year == year]
    days_off = [day for day in days if not calendar.is_working_day(day)]
    worked_text = " ".join(f"{day:%m-%d}" for day in days if day.weekday() >= 5 and calendar.is_working_day(day))
    holidays = " ".join(_consecutive_days(days_off, year))
    return f"{holidays} work {worked_text}" if worked_text else holidays


def _consecutive_days(days_off: list[date], year: int) -> Iterator[str]:
    """Yield the stretches of consecutive days off that contain a weekday or a statutory holiday. Ordinary weekends are left out,
    because a notice need not list them."""
    law, row = statutory_holidays(year), list[date]()
    for day in [*days_off, date.max]:
        if row and day - row[-1] != timedelta(days=1):
            if any(day_off.weekday() < 5 or day_off in law for day_off in row):
                yield f"{row[0]:%m-%d}" + (f"..{row[-1]:%m-%d}" if len(row) > 1 else "")
            row = []
        row.append(day)
