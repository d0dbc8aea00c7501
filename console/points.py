"""The points of scored cases as charts show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: Where the scale of points begins unless a total is lower.
USUAL_LOWEST = 60


def totals_of(ranking: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The totals of a case's ranking, each with its points and whether it is an outlier, as a call's ranking has them."""
    return [{"points": score["total"], "outlier": score["outlier"]} for score in ranking.get("scores", ())]


def scale_from(totals: Iterable[Mapping[str, Any]]) -> int:
    """Where the scale of points begins: at 60, or at the ten below the lowest total."""
    lowest = min((one["points"] for one in totals), default=USUAL_LOWEST)
    return min(USUAL_LOWEST, int(lowest // 10 * 10))
