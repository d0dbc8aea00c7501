"""Days and instants in API bodies: ISO 8601 in its common extended form, within the years that the platform supports."""

from __future__ import annotations

import re
from datetime import date, datetime

#: The first and the last year of any entered day or instant. Deadlines are computed from entered days; the bounds keep every
#: result within the range of databases and Python.
FIRST_YEAR, LAST_YEAR = 1900, 2199

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
#: The pattern of a day as Chinese offices write it: 2026/1/5, 2026-1-5, 2026.1.5, 2026年1月5日. A time of midnight, which
#: spreadsheets append, is accepted and ignored.
_WRITTEN_DAY = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?(?:[ T]0{1,2}:00(?::00)?)?")


class OutOfRange(ValueError):
    """A day or instant before `FIRST_YEAR` or after `LAST_YEAR`."""


def parse_day(text: str) -> date:
    """Parse a day written YYYY-MM-DD. Raises ValueError for anything else, OutOfRange outside the supported years."""
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no day; write it as 2026-11-25")
    return _day(match)


def rewrite_day(text: str) -> str:
    """Rewrite a day from a spreadsheet, such as 2026/1/5, as YYYY-MM-DD. Return any other text unchanged, such as a day whose
    parts could be in another order; `parse_day` then reports the mistake."""
    match = _WRITTEN_DAY.fullmatch(text)
    return f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}" if match else text


def parse_moment(text: str) -> datetime:
    """Parse an instant with its zone (RFC 3339; seconds may be left out). Raises ValueError for anything else, OutOfRange outside
    the supported years."""
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"{text!r} is no moment; write it as 2026-11-25T08:00:00+08:00")
    if not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        raise OutOfRange(text)
    return datetime.fromisoformat(text.upper())


def _day(match: re.Match[str]) -> date:
    year, month, day = (int(part) for part in match.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutOfRange(match[0])
    return date(year, month, day)
