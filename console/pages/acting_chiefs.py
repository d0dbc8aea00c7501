"""Appointments of acting chiefs: list, create, end early."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import colleagues
from console.access import signed_in
from console.api import path_of
from console.problems import FormErrors
from console.sending import send, typed

blueprint = Blueprint("acting_chiefs", __name__, url_prefix="/acting-chiefs")
ROWS = 50
_FIELDS = ("account", "from", "until", "reason")


@blueprint.get("")
@signed_in("officer", "chief", "auditor")
def listed() -> str:
    """List the appointments of acting chiefs in the reader's bureau."""
    return _page()


@blueprint.post("")
@signed_in("chief")
def appoint() -> AnyResponse:
    """Appoint an officer to sign, for some days, in the name of the chief who makes the appointment."""
    errors = send("POST", "/acting-chiefs", typed(*_FIELDS), fields=[f"/{name}" for name in _FIELDS])
    return Response(_page(errors), errors.status) if errors else redirect(url_for("acting_chiefs.listed", done=1), 303)


@blueprint.post("/<id>/ending")
@signed_in("chief")
def end(id: str) -> AnyResponse:
    """End an appointment before its last day."""
    errors = send("POST", path_of("acting-chiefs", id, "ending"), {"reason": request.form.get("reason", "").strip()})
    return Response(_page(errors), errors.status) if errors else redirect(url_for("acting_chiefs.listed", done=1), 303)


def _page(errors: FormErrors | None = None) -> str:
    page = g.api.get("/acting-chiefs", limit=ROWS, cursor=request.args.get("cursor"))
    people = colleagues.of_bureau("officer", "chief")
    return render_template("acting_chiefs/list.html", page=page, errors=errors, people=people)
