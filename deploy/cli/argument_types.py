"""The types of command-line arguments. If an argument is invalid, the error message shows the expected form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.input.dates import parse_day, parse_moment
from services.kernel.clock import start_of_day
from services.kernel.settings import SERVICES
from services.policy.bureaus import BUREAUS, PROVINCE

#: The services that have a database.
DATABASES = (*SERVICES, "gateway")


class Parsed(click.ParamType[Any]):
    """An argument that a function parses. If the function raises ValueError, its message is shown to the operator."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):  # click converts default values too, which are not text.
            return value
        try:
            return self._parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _service(name: str) -> str:
    if name not in DATABASES:
        raise ValueError(f"{name} is none of {', '.join(DATABASES)}")
    return name


def _bureau(code: str) -> str:
    """Check that this is the code of a city's bureau: the province's own cases cannot move."""
    if code not in BUREAUS or code == PROVINCE:
        cities = ", ".join(sorted(set(BUREAUS) - {PROVINCE})[:3])
        raise ValueError(f"{code} is the code of no city's bureau; such are {cities} …")
    return code


def _event(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise ValueError(f"{text} is no event's id; `guichuang events dead-letters list` has those of parked ones") from None


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError:
        raise ValueError(f"{text} is no day; write it as 2026-11-25") from None


def _instant(text: str) -> datetime:
    """Parse a day or a time. A day begins at midnight in Guangxi. A time must have a zone, because it is compared with times that
    have one."""
    try:
        return start_of_day(parse_day(text)) if len(text) == 10 else parse_moment(text)
    except ValueError:
        raise ValueError(f"{text} is no time; write it as 2026-11-25 or 2026-11-25T08:00:00+08:00") from None


def _archive(text: str) -> Path:
    if not Path(text).is_dir():
        raise ValueError(f"{text} is no folder; name that of an archive: `guichuang backup list` has them")
    return Path(text)


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"{text} is no number of archives; 0 keeps none of these")
    return int(text)


SERVICE = Parsed("service", _service)
BUREAU = Parsed("code", _bureau)
EVENT = Parsed("event", _event)
DAY = Parsed("date", _day)
INSTANT = Parsed("time", _instant)
ARCHIVE = Parsed("archive", _archive)
COUNT = Parsed("number", _count)
