"""Prepare the points of scored cases for charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: The lowest point of a chart's scale, unless an expert's total is lower.
USUAL_LOWEST = 60


def totals_of(ranking: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the reviewers' totals in the ranking of one case, each with its points and whether it is an outlier, in the form
    that a call's ranking has."""
    return [{"points": score["total"], "outlier": score["outlier"]} for score in ranking.get("scores", ())]


def scale_from(totals: Iterable[Mapping[str, Any]]) -> int:
    """Return the lower end of the scale of points: 60 or, if a total is below 60, the lowest total rounded down to a multiple of
    ten."""
    lowest = min((total["points"] for total in totals), default=USUAL_LOWEST)
    return min(USUAL_LOWEST, int(lowest // 10 * 10))
