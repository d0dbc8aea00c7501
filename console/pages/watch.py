"""The watch list: consortia that no longer meet a condition, and the reports that are required of their leads."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from console.access import signed_in

blueprint = Blueprint("watch", __name__, url_prefix="/watch-list")
ROWS = 50


@blueprint.get("")
@signed_in("officer", "chief", "auditor")
def listed() -> str:
    """List the open entries of the watch list, or the entries in one state, by kind and bureau."""
    filters = {name: request.args.get(name) or None for name in ("status", "kind", "recommender")}
    page = g.api.get("/watch-list", limit=ROWS, cursor=request.args.get("cursor"), **filters)
    return render_template("watch/list.html", page=page, status=filters["status"], wanted=filters)
