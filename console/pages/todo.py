"""The start page of everybody who is logged in: what waits for the account, by its last day."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template, request

from console.access import signed_in

blueprint = Blueprint("todo", __name__)
#: Working days from which on a due day is no longer close.
SOON = 3


@blueprint.get("/todo")
@signed_in()
def show() -> str:
    """Everything that waits, or one kind of it; what is late comes first."""
    todo = g.api.get("/me/todo")
    kind = request.args.get("kind")
    items = [item for item in todo["items"] if not kind or item["kind"] == kind]
    return render_template("todo/show.html", todo=todo, kind=kind, groups=_by_urgency(items), soon=SOON)


@blueprint.get("/counts")
@signed_in()
def counts() -> Response:
    """Count the tasks and the unread messages, for the numbers in the menu."""
    todo, unread = g.api.get("/me/todo/counts"), g.api.get("/notifications/unread-count")
    by_kind = {entry["kind"]: entry["count"] for entry in todo["counts"]}
    return jsonify({"todo": sum(by_kind.values()), "unread": unread["unread"], **by_kind})


def _by_urgency(items: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The items under `late`, `soon`, `later` and `undated`; empty groups are left out."""
    groups: dict[str, list[dict[str, Any]]] = {"late": [], "soon": [], "later": [], "undated": []}
    for item in items:
        left = item["working_days_left"]
        name = "undated" if left is None else "late" if item["overdue"] else "soon" if left <= SOON else "later"
        groups[name].append(item)
    return [(name, entries) for name, entries in groups.items() if entries]
