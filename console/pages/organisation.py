"""The applicant's own organisation: its data and figures, its participation, and its colleagues' accounts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import application_form as form
from console import uploads, working_copies
from console.access import signed_in
from console.api import path_of
from console.body_limits import takes_file
from console.forms import whole
from console.labels import translate
from console.pages.papers import announced, store_file
from console.problems import FormErrors, Problem
from console.working_copies import WorkingCopy

blueprint = Blueprint("organisation", __name__, url_prefix="/organisation")
ROWS = 50
#: The fields of the organisation's data that the form fills (`MEMBERS`), and those that are answered by yes or no (`FLAGS`).
MEMBERS = ("name", "kind", "region", "industry", "rd_staff", "founded_on", "operating_period", "figures", "platforms")
FLAGS = ("legal_person", "public_institution", "state_owned")
_SECTION = form.Section("organisation", MEMBERS)
#: The form name under which the unsaved input of this form (its working copy) is stored; its subject is the organisation's code.
FORM = "organisation"
#: The kinds of document with which an organisation proves its declarations.
PAPERS = ("platform_evidence", "figures_evidence", "attachment")


@blueprint.get("")
@signed_in("applicant")
def show() -> str:
    """Show the organisation's data, and how many consortia it leads and has joined."""
    own_code = g.session.account["organisation"]
    return render_template(
        "organisation/show.html",
        organisation=g.api.get(path_of("organisations", own_code)),
        standing=g.api.get(path_of("organisations", own_code, "standing")),
    )


@blueprint.get("/data")
@signed_in("applicant")
def edit() -> str:
    """Show the form of the organisation's data, including three fiscal years and the innovation platforms, with the text that was
    typed earlier and is not saved yet."""
    own_code = g.session.account["organisation"]
    organisation = g.api.get(path_of("organisations", own_code))
    copy = working_copies.read(g.api, FORM, own_code, _typed())
    values = copy.values if copy else {name: organisation[name] for name in (*MEMBERS, *FLAGS)}
    return _form(values, copy.base or organisation["etag"] if copy else organisation["etag"], copy=copy)


@blueprint.post("/data")
@signed_in("applicant")
def save() -> AnyResponse:
    """Handle every button of the form. Adding or removing an entry keeps the typed input; saving replaces all data."""
    values, own_code, action = _typed(), g.session.account["organisation"], request.form.get("do", "save")
    form.act(values, action)
    working_copies.keep(g.api, FORM, own_code, values, request.form.get("etag"))
    if action == "discard":
        working_copies.drop(g.api, FORM, own_code)
    if action != "save":
        return redirect(url_for("organisation.edit"), 303)
    try:
        g.api.put(path_of("organisations", own_code), _body(values), if_match=request.form.get("etag"))
    except Problem as problem:
        if problem.status not in (409, 412, 422):
            raise
        return Response(_form(values, request.form.get("etag", ""), FormErrors.of(problem, _names(values))), problem.status)
    working_copies.drop(g.api, FORM, own_code)
    return redirect(url_for("organisation.show", saved=1), 303)


@blueprint.post("/data/keep")
@signed_in("applicant")
def keep() -> Response:
    """Store the typed text as a working copy (what the account typed and has not saved)."""
    working_copies.keep(g.api, FORM, g.session.account["organisation"], _typed(), request.form.get("etag"))
    return Response(status=204)


@blueprint.get("/papers")
@signed_in("applicant")
def papers() -> str:
    """Show the organisation's own documents: the evidence by which a bureau verifies its declarations."""
    subject = f"organisation/{g.session.account['organisation']}"
    documents = g.api.get("/documents", subject=subject, limit=200)["items"]
    return render_template("organisation/papers.html", documents=documents, kinds=PAPERS)


@blueprint.post("/papers/<kind>")
@signed_in("applicant")
@takes_file(uploads.LARGEST)
def upload(kind: str) -> AnyResponse:
    """Receive a file from a browser without JavaScript."""
    store_file(f"organisation/{g.session.account['organisation']}", kind)
    return redirect(url_for("organisation.papers"), 303)


@blueprint.post("/papers/<kind>/announcement")
@signed_in("applicant")
def announce(kind: str) -> Response:
    """Announce to the API a file whose digest the browser has computed."""
    return announced(f"organisation/{g.session.account['organisation']}", kind)


def _typed() -> dict[str, Any]:
    """Return the values typed in the form; for a list without entries, an empty list."""
    values = form.read(request.form, _SECTION) | {name: _flag(request.form.get(f"/{name}")) for name in FLAGS}
    return values | {name: values[name] or [] for name in ("figures", "platforms")}


@blueprint.get("/name")
@signed_in()
def name() -> Response:
    """Return the name of the organisation with a code, for the script of the form in which members are entered."""
    try:
        named = g.api.get(path_of("organisations", request.args.get("uscc", "").strip() or "-", "name"))
    except Problem as problem:
        return jsonify({"message": problem.errors[0].message if problem.errors else problem.detail})
    text = named["name"] or translate("organisation.unregistered", g.language)
    return jsonify({"message": text})


@blueprint.get("/colleagues")
@signed_in("applicant")
def colleagues() -> str:
    """List the accounts that act for the organisation."""
    return _colleagues(FormErrors())


@blueprint.post("/colleagues")
@signed_in("applicant")
def invite() -> AnyResponse:
    """Create an account for a colleague, with or without the right to sign."""
    names = ("username", "password", "name", "phone", "email", "until")
    body: dict[str, Any] = {name: request.form.get(f"/{name}", "").strip() or None for name in names}
    body["may_sign"] = request.form.get("/may_sign") == "yes"
    try:
        g.api.post("/delegations", body, idempotency_key=request.form.get("idempotency_key"))
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return Response(_colleagues(FormErrors.of(problem, {f"/{name}" for name in names})), problem.status)
    return redirect(url_for("organisation.colleagues"), 303)


@blueprint.post("/colleagues/<username>/end")
@signed_in("applicant")
def end(username: str) -> AnyResponse:
    """End a colleague's account."""
    g.api.patch(path_of("delegations", username), {"active": False})
    return redirect(url_for("organisation.colleagues"), 303)


def _form(values: dict[str, Any], etag: str, errors: FormErrors | None = None, copy: WorkingCopy | None = None) -> str:
    return render_template("organisation/edit.html", values=values, etag=etag, errors=errors, copy=copy)


def _colleagues(errors: FormErrors) -> str:
    page = g.api.get("/delegations", limit=ROWS, cursor=request.args.get("cursor"))
    return render_template("organisation/colleagues.html", page=page, errors=errors, typed=request.form)


def _flag(text: str | None) -> bool | None:
    return {"yes": True, "no": False}.get(text or "")


def _body(values: dict[str, Any]) -> dict[str, Any]:
    """Return the body of the PUT request: figures are numbers, empty entries are left out, and the organisation is a legal person
    unless the form says no."""
    body = {name: value for name, value in values.items() if value is not None}
    body["legal_person"] = values["legal_person"] is not False
    body["figures"] = [row | {"year": whole(row.get("year"))} for row in values["figures"] if any(row.values())]
    body["platforms"] = [row | {"evidence": row.get("evidence") or ""} for row in values["platforms"] if any(row.values())]
    if not any((values.get("operating_period") or {}).values()):
        body.pop("operating_period", None)
    body["rd_staff"] = whole(values.get("rd_staff"))
    return body


def _names(values: dict[str, Any]) -> set[str]:
    names = {f"/{name}" for name in values}
    for listed in ("figures", "platforms"):
        for index, row in enumerate(values[listed]):
            names |= {f"/{listed}/{index}/{member}" for member in row}
    return names
