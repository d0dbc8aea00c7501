"""Where each bureau's review service runs: at the province or in its own deployment, with which release, and how many events
wait."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template

from console.access import signed_in

blueprint = Blueprint("deployments", __name__)
#: If events have waited for this many seconds, the page shows a delay.
LATE = 300


@blueprint.get("/deployments")
@signed_in("officer", "chief", "auditor", "operator")
def listed() -> str:
    """Show every bureau. Those whose service does not answer, or has events that wait too long, come first."""
    items: list[dict[str, Any]] = g.api.get("/bureaus/deployments")["items"]
    for item in items:
        item["state"] = _state(item)
    items.sort(key=lambda item: ("away", "behind", "unknown", "well").index(item["state"]))
    return render_template("deployments/list.html", items=items)


def _state(item: dict[str, Any]) -> str:
    if not item["answers"]:
        return "away"
    if item["version"] is None:
        return "unknown"
    behind = max(item["lag_seconds"], item["publishing_lag_seconds"]) > LATE
    return "behind" if behind or item["parked"] else "well"
