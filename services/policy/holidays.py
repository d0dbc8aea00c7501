"""Public holidays: for a year whose holidays the State Council has announced, the announced ones; for later years, those that the
law fixes for every year.

The law is 全国年节及纪念日放假办法 (Regulation on Public Holidays for National Annual Festivals and Memorial Days), article 2, as
amended in 2024. The State Council's yearly announcement adds days off around these holidays, and names the weekend days that are
worked in exchange.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import chinese_calendar
from borax.calendars.lunardate import MAX_LUNAR_YEAR, MIN_LUNAR_YEAR, LunarDate, TermUtils
from chinese_calendar import constants

from services.input.dates import parse_day
from services.input.text import fold

#: The first and the last year whose announcement the package chinesecalendar contains.
_FIRST, _LAST = min(constants.holidays).year, max(constants.holidays).year
_YEAR = re.compile(r"\s*([0-9]{4})\s*:\s*(.*?)\s*", re.DOTALL)
_SATURDAY = 5
_TOMB_SWEEPING = TermUtils.name2index("清明")


@dataclass(frozen=True, slots=True)
class Notice:
    """The State Council's announcement (放假通知) for a year: the days `off`, and the weekend days `worked` in exchange."""

    off: frozenset[date]
    worked: frozenset[date]


class HolidayCalendar:
    """The working days of offices in mainland China. `notices`: year → the State Council's announcement that an operator added;
    it takes precedence over the announcement that the package chinesecalendar contains."""

    def __init__(self, notices: Mapping[int, Notice] | None = None) -> None:
        self._notices = dict(notices or {})
        self._off = frozenset().union(*(notice.off for notice in self._notices.values()))
        self._worked = frozenset().union(*(notice.worked for notice in self._notices.values()))

    def is_working_day(self, day: date) -> bool:
        """Return whether the day is a working day by the announcement for its year. Without an announcement, Monday to Friday are
        working days, except the holidays that the law fixes."""
        if day in self._off or day in self._worked:
            return day in self._worked
        if day.year not in self._notices and _FIRST <= day.year <= _LAST:
            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < _SATURDAY and (day.year in self._notices or day not in statutory_holidays(day.year))

    @property
    def added(self) -> tuple[int, ...]:
        """Return the years whose announcement an operator added."""
        return tuple(sorted(self._notices))

    def is_known(self, year: int) -> bool:
        """Return whether the State Council's announcement for this year is known."""
        return year in self._notices or _FIRST <= year <= _LAST

    @property
    def known_through(self) -> int:
        """Return the last year of those for which, without a gap, the State Council's announcement is known."""
        year: int = _LAST
        while self.is_known(year + 1):
            year += 1
        return year


@cache
def statutory_holidays(year: int) -> Mapping[date, str]:
    """Return day → Chinese name, for the holidays that the law fixes for a year. Holidays of the lunar calendar are known up to
    2100."""
    days = {date(year, 1, 1): "元旦"}
    days |= {date(year, 5, day): "劳动节" for day in (1, 2)}
    days |= {date(year, 10, day): "国庆节" for day in (1, 2, 3)}
    if MIN_LUNAR_YEAR <= year <= MAX_LUNAR_YEAR:
        new_year = _lunar(year, 1, 1)
        days |= {new_year + timedelta(days=offset): "春节" for offset in (-1, 0, 1, 2)}
        days |= {TermUtils.nth_term_day(year, _TOMB_SWEEPING): "清明节"}
        days |= {_lunar(year, 5, 5): "端午节", _lunar(year, 8, 15): "中秋节"}
    return dict(sorted(days.items()))


def _lunar(year: int, month: int, day: int) -> date:
    solar_date: date = LunarDate(year, month, day).to_solar_date()
    return solar_date


def read_notices(text: str) -> dict[int, Notice]:
    """Parse the State Council's announcements as an operator writes them: `2027: 01-01..01-03 02-05..02-11 work 02-14; 2028: …`.
    Days off are before `work`, weekend days worked in exchange after it. Raises ValueError, with the reason, for an impossible
    announcement: a holiday of the law is missing, or a day worked is no weekend day."""
    notices: dict[int, Notice] = {}
    for part in filter(str.strip, fold(text).split(";")):
        match = _YEAR.fullmatch(part)
        if match is None:
            raise ValueError(f"{part.strip()!r} begins with no year; write `2027: 01-01..01-03 … work 02-14 …`")
        year = int(match[1])
        if year in notices:
            raise ValueError(f"{year} is given twice")
        notices[year] = _notice(year, match[2])
    return notices


def _notice(year: int, text: str) -> Notice:
    off_text, _, worked_text = text.partition("work")
    days_off, days_worked = frozenset(_days(year, off_text)), frozenset(_days(year, worked_text))
    if in_both := days_off & days_worked:
        raise ValueError(f"{year}: {min(in_both):%m-%d} is off and worked")
    if weekdays := [day for day in days_worked if day.weekday() < _SATURDAY]:
        raise ValueError(f"{year}: {min(weekdays):%m-%d} is no Saturday or Sunday, so it is not worked in exchange")
    if missing := [f"{day:%m-%d} {name}" for day, name in statutory_holidays(year).items() if day not in days_off]:
        raise ValueError(f"{year}: these holidays are missing among the days off: {', '.join(missing)}")
    return Notice(days_off, days_worked)


def _days(year: int, words: str) -> Iterator[date]:
    for word in words.replace(",", " ").split():
        first, _, last = word.partition("..")
        try:
            day, end = (parse_day(f"{year}-{part}") for part in (first, last or first))
        except ValueError:
            raise ValueError(f"{year}: {word} is no day; write 02-05, or 02-05..02-11") from None
        if day > end:
            raise ValueError(f"{year}: {word} ends before it begins")
        while day <= end:
            yield day
            day += timedelta(days=1)
