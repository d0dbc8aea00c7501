"""A recognised consortium as its own units see it: where it stands, its certificate and papers, and a member's leaving."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.problems import FormErrors, Problem

blueprint = Blueprint("consortia", __name__, url_prefix="/consortia")
ROWS = 50


READERS = ("applicant", "officer", "chief", "auditor")


@blueprint.get("")
@signed_in(*READERS)
def listed() -> str:
    """The consortia that the organisation leads or belongs to; for officials the register with its filters."""
    wanted = {name: request.args.get(name, "").strip() for name in ("q", "status", "recommender")}
    page = g.api.get("/consortia", limit=ROWS, cursor=request.args.get("cursor"), **wanted)
    return render_template("consortia/list.html", page=page, wanted=wanted)


@blueprint.get("/register.xlsx")
@signed_in("officer", "chief", "auditor")
def spreadsheet() -> Response:
    """The register as a spreadsheet."""
    answer = g.api.call("GET", "/statistics/consortia.xlsx")
    shown = {name: answer.headers[name] for name in ("content-type", "content-disposition") if name in answer.headers}
    return Response(answer.body, headers=shown)


@blueprint.get("/<id>")
@signed_in(*READERS)
def show(id: str) -> str:
    """One consortium with its units, what its lead was asked to report, and its timeline."""
    return _shown(id)


@blueprint.post("/<id>/departure")
@signed_in("applicant")
def leave(id: str) -> AnyResponse:
    """A member declares that it leaves; the lead then reports the change (A12)."""
    body = {"reason": request.form.get("/reason", "").strip(), "leaves_on": request.form.get("/leaves_on") or None}
    try:
        g.api.post(path_of("consortia", id, "departures"), body, idempotency_key=request.form.get("idempotency_key"))
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return Response(_shown(id, FormErrors.of(problem, {"/reason", "/leaves_on"})), problem.status)
    return redirect(url_for("consortia.show", id=id, done="left"), 303)


@blueprint.get("/<id>/certificate.pdf")
@signed_in()
def certificate(id: str) -> AnyResponse:
    """The certificate of recognition."""
    return redirect(g.api.call("GET", path_of("consortia", id, "certificate.pdf")).headers["location"], 303)


@blueprint.get("/<id>/documents.zip")
@signed_in()
def bundle(id: str) -> AnyResponse:
    """All papers that the reader may see, as one archive."""
    answer = g.api.call("GET", path_of("consortia", id, "documents.zip"))
    if "location" in answer.headers:
        return redirect(answer.headers["location"], 303)
    shown = {name: answer.headers[name] for name in ("content-type", "content-disposition") if name in answer.headers}
    return Response(answer.body, headers=shown)


def _shown(id: str, errors: FormErrors | None = None) -> str:
    consortium = g.api.get(path_of("consortia", id))
    steps = g.api.get(path_of("consortia", id, "timeline"), limit=100)["items"]
    own: Any = g.session.account["organisation"]
    return render_template("consortia/show.html", consortium=consortium, steps=steps, errors=errors, own=own)
