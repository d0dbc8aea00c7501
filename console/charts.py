"""Charts drawn by the server: the map of the 14 cities as tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: The bureaus of the 14 cities in the reading order of the map, row by row.
CITIES = tuple(f"45{city}00" for city in ["12", "02", "03", "11", "10", "13", "08", "04", "14", "01", "09", "06", "07", "05"])


@dataclass(frozen=True, slots=True)
class Tile:
    """One city on the map. The CSS class `g<code>` sets the tile's place on the map; its shade (1 to 4) is darker for a greater
    `count`."""

    code: str
    count: int
    shade: int


def tiles(counts: list[dict[str, Any]]) -> list[Tile]:
    """Return a tile for each of the 14 cities. `counts` are those of `public/statistics` by city, where cities without consortia
    are missing. The four shades divide the range up to the largest count into equal parts."""
    by_code = {row["bureau"]: row["consortia"] for row in counts}
    maximum = max(by_code.values(), default=0)
    return [Tile(code, by_code.get(code, 0), shade(by_code.get(code, 0), maximum)) for code in CITIES]


def shade(count: int, maximum: int) -> int:
    """Return the shade of a count: 1 in the lowest quarter of the range from 0 to `maximum`, 4 in the highest."""
    return 1 if maximum == 0 else min(4, 1 + (4 * count - 1) // maximum if count else 1)
