"""Special cases (A8): an officer of the province opens a special case with its basis, the lead fills in the application, the
province submits it, and another person decides."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import uploads, working_copies
from console.access import signed_in
from console.api import path_of
from console.body_limits import takes_file
from console.findings import Verdict
from console.forms import typed_fields
from console.pages.papers import attached
from console.problems import FormErrors
from console.sending import send, typed

blueprint = Blueprint("special_cases", __name__, url_prefix="/admin/special-cases")
ROWS = 50
READERS = ("officer", "chief", "auditor")
#: The form name and the subject under which the unsent text of a new special case (its working copy) is stored.
FORM, NEW = "special-case", "new"
_NAMES = ("name", "field", "lead", "recommender")


@blueprint.get("")
@signed_in(*READERS)
def listed() -> str:
    """List the special cases, newest first."""
    page = g.api.get("/applications", limit=ROWS, cursor=request.args.get("cursor"), channel="special_case")
    return render_template("special_cases/list.html", page=page)


@blueprint.get("/new")
@signed_in("officer", "chief")
def new() -> str:
    """Show the form of a new special case, with the text that the account typed earlier and has not sent (its working copy)."""
    copy = working_copies.read(g.api, FORM, NEW)
    return _form(copy.values if copy else {})


@blueprint.post("/new")
@signed_in("officer", "chief")
def start() -> AnyResponse:
    """Open a special case. Its lead is then asked to fill it in, and its members to confirm."""
    values = typed_fields(request.form)
    working_copies.keep(g.api, FORM, NEW, values, None)
    body = {"channel": "special_case", **typed(*_NAMES), "basis": _basis() if values.get("/basis") else None}
    fields = {"/basis", *(f"/{name}" for name in _NAMES)}
    errors = send("POST", "/applications", body, fields=fields, renamed={"/basis/text": "/basis"})
    if errors:
        return Response(_form(values, errors), errors.status)
    working_copies.drop(g.api, FORM, NEW)
    return redirect(url_for("special_cases.listed", done=1), 303)


@blueprint.get("/<id>")
@signed_in(*READERS)
def show(id: str) -> str:
    """Show one special case: its basis, its units and whether each has confirmed, the verdict, and the next action."""
    return _page(id)


@blueprint.post("/<id>/basis")
@signed_in("officer", "chief")
def change(id: str) -> AnyResponse:
    """Change the basis of a special case, and the mandatory rules that it waives."""
    errors = send(
        "PATCH",
        path_of("applications", id),
        {"basis": _basis()},
        renamed={"/basis": "/basis"},
        if_match=request.form.get("etag"),
    )
    return _done(id, errors, "changed")


@blueprint.post("/<id>/paper")
@signed_in("officer", "chief")
@takes_file(uploads.LARGEST)
def hand_in(id: str) -> AnyResponse:
    """Store the document that proves the basis of a special case."""
    _, errors = attached(f"application/{id}", "basis")
    return _done(id, errors, "stored")


@blueprint.post("/<id>/submission")
@signed_in("officer", "chief")
def submit(id: str) -> AnyResponse:
    """Submit a special case for the decision, which another person signs."""
    return _done(id, send("POST", path_of("applications", id, "submission"), {}), "submitted")


def _basis() -> dict[str, Any]:
    return {"text": request.form.get("/basis", "").strip(), "waives_mandatory": request.form.getlist("waives")}


def _done(id: str, errors: FormErrors | None, what: str) -> AnyResponse:
    if errors:
        return Response(_page(id, errors), errors.status)
    return redirect(url_for("special_cases.show", id=id, done=what), 303)


def _form(values: dict[str, str], errors: FormErrors | None = None) -> str:
    return render_template("special_cases/form.html", values=values, errors=errors)


def _page(id: str, errors: FormErrors | None = None) -> str:
    application = g.api.get(path_of("applications", id))
    draft = application["status"] == "draft"
    if draft:  # Auditors may read only submitted applications, so they get no verdict on a draft.
        official = "auditor" not in g.session.account["roles"]
        findings = g.api.get(path_of("applications", id, "eligibility"))["findings"] if official else []
    else:
        findings = application["verdict"]["findings"]
    documents = g.api.get("/documents", subject=f"application/{id}", limit=200)["items"]
    return render_template(
        "special_cases/show.html",
        application=application,
        verdict=Verdict.of(findings),
        rules=sorted({finding["rule"] for finding in findings if finding["severity"] == "mandatory"}),
        documents=documents,
        draft=draft,
        errors=errors,
    )
