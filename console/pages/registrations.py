"""Registrations of organisations, decided by the bureau of their region."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.sending import send, typed

blueprint = Blueprint("registrations", __name__, url_prefix="/registrations")
ROWS = 50


@blueprint.get("")
@signed_in("officer", "chief")
def listed() -> str:
    """List the registrations in one state; by default those that are not decided yet."""
    status = request.args.get("status", "pending")
    page = g.api.get("/registrations", limit=ROWS, cursor=request.args.get("cursor"), status=status)
    return render_template("registrations/list.html", page=page, status=status)


@blueprint.get("/<id>")
@signed_in("officer", "chief")
def show(id: str) -> str:
    """Show one registration with its complete contact details. The platform records who has seen them."""
    return render_template("registrations/show.html", one=g.api.get(path_of("registrations", id)), errors=None)


@blueprint.post("/<id>")
@signed_in("officer", "chief")
def decide(id: str) -> AnyResponse:
    """Approve the registration, with another username if the requested one is used already, or refuse it with a reason."""
    body = {"decision": request.form.get("decision"), **typed("reason", "username")}
    errors = send("POST", path_of("registrations", id, "approval"), body, fields=("/reason", "/username"))
    if errors:
        registration = g.api.get(path_of("registrations", id))
        return Response(render_template("registrations/show.html", one=registration, errors=errors), errors.status)
    return redirect(url_for("registrations.listed", done=1), 303)
