"""The watch list: consortia that no longer meet a condition, and what was asked of whom."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from console.access import signed_in

blueprint = Blueprint("watch", __name__, url_prefix="/watch-list")
ROWS = 50


@blueprint.get("")
@signed_in("officer", "chief", "auditor")
def listed() -> str:
    """The entries that are not settled, or those of one state."""
    status = request.args.get("status")
    page = g.api.get("/watch-list", limit=ROWS, cursor=request.args.get("cursor"), status=status)
    return render_template("watch/list.html", page=page, status=status)
