"""A recognised consortium as its own units see it: its state, its certificate and documents, and a member's departure."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.files import relay
from console.navigation import NOT_ENTERED
from console.problems import FormErrors
from console.sending import send, typed

blueprint = Blueprint("consortia", __name__, url_prefix="/consortia")
ROWS = 50
FILTERS = ("q", "status", "recommender", "field")


READERS = ("applicant", "officer", "chief", "auditor")


@blueprint.get("")
@signed_in(*READERS)
def listed() -> str:
    """List the consortia that the organisation leads or belongs to; for officials, the register with its filters."""
    filters = {name: request.args.get(name, "").strip() for name in FILTERS}
    page = g.api.get("/consortia", limit=ROWS, cursor=request.args.get("cursor"), **filters)
    return render_template("consortia/list.html", page=page, wanted=filters)


@blueprint.get("/register.xlsx")
@signed_in("officer", "chief", "auditor")
def spreadsheet() -> AnyResponse:
    """Download the register as a spreadsheet, with the filters of its page."""
    filters = {name: request.args.get(name, "").strip() for name in FILTERS}
    return relay(g.api.call("GET", "/consortia.xlsx", query=filters))


@blueprint.get("/<id>")
@signed_in(*READERS)
def show(id: str) -> Any:
    """Show one consortium with its units, the reports requested from its lead, and its timeline. A consortium that is only
    proposed for the register has a separate page."""
    return _shown(id)


@blueprint.post("/<id>/departure")
@signed_in("applicant")
def leave(id: str) -> AnyResponse:
    """Declare that a member leaves. The lead must then report the change (A12)."""
    errors = send("POST", path_of("consortia", id, "departures"), typed("reason", "leaves_on"), fields=("/reason", "/leaves_on"))
    if errors:
        return Response(_shown(id, errors), errors.status)
    return redirect(url_for("consortia.show", id=id, done="left"), 303)


@blueprint.get("/<id>/certificate.pdf")
@signed_in()
def certificate(id: str) -> AnyResponse:
    """Download the certificate of recognition."""
    return relay(g.api.call("GET", path_of("consortia", id, "certificate.pdf")))


@blueprint.get("/<id>/documents.zip")
@signed_in()
def bundle(id: str) -> AnyResponse:
    """Download all documents that the reader may see, as one archive."""
    return relay(g.api.call("GET", path_of("consortia", id, "documents.zip")))


def _shown(id: str, errors: FormErrors | None = None) -> Any:
    consortium = g.api.get(path_of("consortia", id))
    if consortium["status"] in NOT_ENTERED:
        return redirect(url_for("old_consortia.show", id=id), 303)
    steps = g.api.get(path_of("consortia", id, "timeline"), limit=100)["items"]
    own_code: Any = g.session.account["organisation"]
    return render_template("consortia/show.html", consortium=consortium, steps=steps, errors=errors, own=own_code)
