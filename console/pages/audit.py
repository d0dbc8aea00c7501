"""The auditor's search of the audit log."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request

from console.access import signed_in
from console.problems import Problem

blueprint = Blueprint("audit", __name__, url_prefix="/audit")
ROWS = 100


@blueprint.get("")
@signed_in("auditor")
def search() -> str:
    """All entries about one subject, named by kind and id."""
    wanted = {name: request.args.get(name, "").strip() for name in ("subject", "service", "bureau")}
    page: dict[str, Any] | None = None
    problem: Problem | None = None
    if wanted["subject"]:
        try:
            page = g.api.get("/audit", limit=ROWS, cursor=request.args.get("cursor"), **wanted)
        except Problem as refused:
            if refused.status != 422:
                raise
            problem = refused
    return render_template("audit/search.html", page=page, wanted=wanted, problem=problem)
