"""The start page of every logged-in account: the account's tasks by due date."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template, request

from console.access import signed_in
from console.context import console

blueprint = Blueprint("todo", __name__)
#: A task with at most this many working days left is shown as due soon.
SOON = 3


@blueprint.get("/todo")
@signed_in()
def show() -> str:
    """Show all tasks of the account, or its tasks of one kind; overdue tasks come first."""
    todo = g.api.get("/me/todo")
    kind = request.args.get("kind")
    items = [item for item in todo["items"] if not kind or item["kind"] == kind]
    return render_template("todo/show.html", todo=todo, kind=kind, groups=_by_urgency(items), soon=SOON)


@blueprint.get("/counts")
@signed_in()
def counts() -> Response:
    """Return the number of tasks and of unread messages, for the menu."""
    todo = g.api.get("/me/todo/counts")
    unread = {"unread": 0} if console().province else g.api.get("/notifications/unread-count")
    by_kind = {entry["kind"]: entry["count"] for entry in todo["counts"]}
    return jsonify({"todo": sum(by_kind.values()), "unread": unread["unread"], **by_kind})


def _by_urgency(items: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Group the tasks as `late`, `soon`, `later` and `undated`; empty groups are left out."""
    groups: dict[str, list[dict[str, Any]]] = {"late": [], "soon": [], "later": [], "undated": []}
    for item in items:
        days_left = item["working_days_left"]
        name = "undated" if days_left is None else "late" if item["overdue"] else "soon" if days_left <= SOON else "later"
        groups[name].append(item)
    return [(name, entries) for name, entries in groups.items() if entries]
