"""Where each bureau's reviews run: with the province or alone, with which release, and how far behind."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template

from console.access import signed_in

blueprint = Blueprint("deployments", __name__)
#: Seconds from which on events that wait are a delay.
LATE = 300


@blueprint.get("/deployments")
@signed_in("officer", "chief", "auditor", "operator")
def listed() -> str:
    """Every bureau; those that do not answer or are behind come first."""
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
