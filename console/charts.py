"""Figures drawn by the server: the tile map of the 14 cities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: The bureaus of the 14 cities in the reading order of the map, row by row.
CITIES = tuple(f"45{city}00" for city in ["12", "02", "03", "11", "10", "13", "08", "04", "14", "01", "09", "06", "07", "05"])


@dataclass(frozen=True, slots=True)
class Tile:
    """One city. The class `g<code>` sets its place in the map; its shade grows with the count (1 to 4)."""

    code: str
    count: int
    shade: int


def tiles(counts: list[dict[str, Any]]) -> list[Tile]:
    """A tile for each of the 14 cities. `counts` are those of `public/statistics` by city, which leaves out cities without
    consortia. Shades divide the range up to the largest count into four equal parts."""
    by_code = {row["bureau"]: row["consortia"] for row in counts}
    most = max(by_code.values(), default=0)
    return [Tile(code, by_code.get(code, 0), shade(by_code.get(code, 0), most)) for code in CITIES]


def shade(count: int, most: int) -> int:
    """1 for the lowest quarter of the range from 0 to `most`, 4 for the highest quarter."""
    return 1 if most == 0 else min(4, 1 + (4 * count - 1) // most if count else 1)
