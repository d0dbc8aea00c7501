"""The search in the header. It finds, by name, number or code, the objects that the reader may open."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request

from console.access import signed_in
from console.problems import Problem

blueprint = Blueprint("search", __name__)
#: The most results of each kind on the page, and the least number of characters of a search text.
ROWS, SHORTEST = 20, 2


@blueprint.get("/search")
@signed_in("applicant", "officer", "chief", "auditor", "operator")
def show() -> str:
    """Show the results of a search by kind. An application that is also a case of the reader's bureau is listed only as the
    case."""
    q = request.args.get("q", "").strip()
    results: dict[str, Any] | None = None
    problem: Problem | None = None
    if len(q) >= SHORTEST:
        try:
            results = g.api.get("/search", q=q, limit=ROWS)
        except Problem as refused:
            if refused.status not in (422, 429):
                raise
            problem = refused
    return render_template("search/show.html", q=q, found=results, groups=_groups(results), problem=problem, shortest=SHORTEST)


def _groups(results: dict[str, Any] | None) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = results["groups"] if results else []
    reviewed = {item["about"] for group in groups if group["kind"] == "review" for item in group["items"]}
    groups_shown = [
        group
        | {"items": [item for item in group["items"] if f"{item['subject']['kind']}/{item['subject']['id']}" not in reviewed]}
        for group in groups
    ]
    return [group for group in groups_shown if group["items"]]
