"""The auditor's pages: search the audit log, and see whether its hash chains are intact."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request

from console.access import signed_in
from console.problems import Problem

blueprint = Blueprint("audit", __name__, url_prefix="/audit")
ROWS = 100
FILTERS = ("subject", "actor", "action", "from", "until", "service", "bureau")
#: Filters that only choose which log to search; a search needs at least one further filter.
PLACES = ("service", "bureau")


@blueprint.get("")
@signed_in("auditor")
def search() -> str:
    """Show the entries of all logs that match subject, account, action and day, and say of each entry whether it is unchanged."""
    filters = {name: request.args.get(name, "").strip() for name in FILTERS}
    page: dict[str, Any] | None = None
    problem: Problem | None = None
    if any(value for name, value in filters.items() if name not in PLACES):
        try:
            page = g.api.get("/audit", limit=ROWS, cursor=request.args.get("cursor"), **filters)
        except Problem as refused:
            if refused.status != 422:
                raise
            problem = refused
    return render_template("audit/search.html", page=page, wanted=filters, problem=problem)


@blueprint.get("/verification")
@signed_in("auditor")
def verification() -> str:
    """Show every hash chain of the audit log: its number of entries, the number of entries not yet added to it, and its flaws."""
    return render_template("audit/verification.html", state=g.api.get("/audit/verification"))
