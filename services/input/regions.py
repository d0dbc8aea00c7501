"""Codes of administrative divisions (GB/T 2260)."""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum import numdb

_FORM = re.compile(r"[1-9][0-9]{5}")
#: The pattern of an ended period, which the table of codes writes in brackets before a name: "[1983-2003]". A code in force has
#: "[2004-]", which does not match.
_ENDED = re.compile(r"\[\d*-\d+\]")


def is_region(code: str) -> bool:
    """Return whether this is the code of a division that exists today: a province, a city, a county or a district. The code of a
    division that was abolished or got a new code, such as 450127, does not count."""
    if not _FORM.fullmatch(code):
        return False
    divisions_found = dict(entry for _, entries in numdb.get("cn/loc").info(code) for entry in entries.items())
    names = divisions_found["county"].split(",") if "county" in divisions_found else []
    return any(not _ENDED.match(name) for name in names)


@lru_cache(maxsize=1024)
def was_prefecture(code: str) -> bool:
    """Return whether divisions with these first four digits exist or ever existed: a city, a prefecture, districts of a
    municipality, counties that a province governs itself, or (with 00) the province. A credit code keeps the division of the
    authority that issued it, even after the division was renamed."""
    divisions = numdb.get("cn/loc")
    return any("county" in entry for suffix in range(100) for _, entry in divisions.info(f"{code}{suffix:02}"))
