"""The page that lists, for each bureau, where its review service runs: at the province or in its own deployment, with which
release, and how many events wait."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, g, render_template

from console.access import signed_in

blueprint = Blueprint("deployments", __name__)
#: If events have waited for this many seconds, the page shows a delay.
LATE = 300
#: Seconds after which a bureau with a broker of its own, which reports every 15 minutes, counts as silent if no report has
#: arrived.
SILENT = 40 * 60
#: The states of a bureau's deployment, in the order in which the page lists them.
STATES = ("away", "too_far", "silent", "behind", "unknown", "well")


@blueprint.get("/deployments")
@signed_in("officer", "chief", "auditor", "operator")
def listed() -> str:
    """Show every bureau. Bureaus whose review service does not answer, or whose events have waited too long, come first."""
    items: list[dict[str, Any]] = g.api.get("/bureaus/deployments")["items"]
    for item in items:
        item["state"] = _state(item)
    items.sort(key=lambda item: STATES.index(item["state"]))
    return render_template("deployments/list.html", items=items)


def _age(reported_at: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(reported_at)).total_seconds()


def _state(item: dict[str, Any]) -> str:
    if not item["answers"]:
        return "away"
    if item.get("release") == "too_far":
        return "too_far"
    if item.get("reported_at") and _age(item["reported_at"]) > SILENT:
        return "silent"
    if item["version"] is None:
        return "unknown"
    is_behind = max(item["lag_seconds"], item["publishing_lag_seconds"]) > LATE
    return "behind" if is_behind or item["parked"] else "well"
