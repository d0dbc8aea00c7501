"""The industry of an organisation: a GB/T 4754-2017 code, a section's name, or a bureau's word for a trade for which it is
responsible."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from services.policy.bureaus import BUREAUS

_CODE = re.compile(r"([A-T])(?:([0-9]{2})[0-9]{0,2})?")


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the classification GB/T 4754. `divisions` are the section's first and last two-digit division."""

    letter: str
    name: str
    divisions: tuple[int, int]


def _load() -> dict[str, Section]:
    table = tomllib.loads(Path(__file__).with_name("industries.toml").read_text(encoding="utf-8"))
    return {
        letter: Section(letter, row["name"], (row["divisions"][0], row["divisions"][1]))
        for letter, row in table["sections"].items()
    }


#: All sections by letter.
SECTIONS = _load()


def is_valid_industry(industry: str) -> bool:
    """Return whether the text is a GB/T 4754 code whose division belongs to its section ("C", "C13", "C1340"), or one of
    `industry_words`."""
    code = _CODE.fullmatch(industry)
    if code is None:
        return industry in industry_words()
    first, last = SECTIONS[code[1]].divisions
    return code[2] is None or first <= int(code[2]) <= last


def industry_words() -> tuple[str, ...]:
    """Return the words that stand for an industry: the names of sections, and the bureaus' words for the trades for which they
    are responsible."""
    trades = sorted(trade for bureau in BUREAUS.values() for trade in bureau.trades if len(trade) > 1)
    return tuple(dict.fromkeys((*(section.name for section in SECTIONS.values()), *trades)))
