"""The applicant's own organisation: its data and figures, where it stands, and its colleagues' accounts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import application_form as form
from console.access import signed_in
from console.api import path_of
from console.labels import translate
from console.problems import FormErrors, Problem

blueprint = Blueprint("organisation", __name__, url_prefix="/organisation")
ROWS = 50
#: Members of the organisation's data that the form fills, and those that are yes or no.
MEMBERS = ("name", "kind", "region", "industry", "rd_staff", "founded_on", "figures", "platforms")
FLAGS = ("legal_person", "public_institution", "state_owned")
_SECTION = form.Section("organisation", MEMBERS)


@blueprint.get("")
@signed_in("applicant")
def show() -> str:
    """The data, and how many consortia the organisation leads and joins."""
    own = g.session.account["organisation"]
    return render_template(
        "organisation/show.html",
        organisation=g.api.get(path_of("organisations", own)),
        standing=g.api.get(path_of("organisations", own, "standing")),
    )


@blueprint.get("/data")
@signed_in("applicant")
def edit() -> str:
    """The form of the data, three fiscal years and the innovation platforms included."""
    found = g.api.get(path_of("organisations", g.session.account["organisation"]))
    return _form({name: found[name] for name in (*MEMBERS, *FLAGS)}, found["etag"])


@blueprint.post("/data")
@signed_in("applicant")
def save() -> AnyResponse:
    """Every button of the form: entries come and go without losing what was typed; saving replaces the data whole."""
    values = form.read(request.form, _SECTION) | {name: _flag(request.form.get(f"/{name}")) for name in FLAGS}
    values |= {name: values[name] or [] for name in ("figures", "platforms")}
    action = request.form.get("do", "save")
    if action in ("add:/figures", "add:/platforms"):
        values[action.partition("/")[2]].append({})
        return Response(_form(values, request.form.get("etag", "")))
    if action.startswith("remove:"):
        form.act(values, action)
        return Response(_form(values, request.form.get("etag", "")))
    body = _body(values)
    try:
        g.api.put(path_of("organisations", g.session.account["organisation"]), body, if_match=request.form.get("etag"))
    except Problem as problem:
        if problem.status not in (409, 412, 422):
            raise
        return Response(_form(values, request.form.get("etag", ""), FormErrors.of(problem, _names(values))), problem.status)
    return redirect(url_for("organisation.show", saved=1), 303)


@blueprint.get("/name")
@signed_in()
def name() -> Response:
    """The name of an organisation by its code, for the member form's script."""
    try:
        found = g.api.get(path_of("organisations", request.args.get("uscc", "").strip() or "-", "name"))
    except Problem as problem:
        return jsonify({"message": problem.errors[0].message if problem.errors else problem.detail})
    text = found["name"] or translate("organisation.unregistered", g.language)
    return jsonify({"message": text})


@blueprint.get("/colleagues")
@signed_in("applicant")
def colleagues() -> str:
    """Accounts that act for the organisation."""
    return _colleagues(FormErrors())


@blueprint.post("/colleagues")
@signed_in("applicant")
def invite() -> AnyResponse:
    """Make an account for a colleague, with or without the right to sign."""
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


def _form(values: dict[str, Any], etag: str, errors: FormErrors | None = None) -> str:
    return render_template("organisation/edit.html", values=values, etag=etag, errors=errors)


def _colleagues(errors: FormErrors) -> str:
    page = g.api.get("/delegations", limit=ROWS, cursor=request.args.get("cursor"))
    return render_template("organisation/colleagues.html", page=page, errors=errors, typed=request.form)


def _flag(text: str | None) -> bool | None:
    return {"yes": True, "no": False}.get(text or "")


def _body(values: dict[str, Any]) -> dict[str, Any]:
    """What PUT sends: numbers as numbers, entries that say nothing left out, a legal person unless it says no."""
    body = {name: value for name, value in values.items() if value is not None}
    body["legal_person"] = values["legal_person"] is not False
    body["figures"] = [row | {"year": _number(row.get("year"))} for row in values["figures"] if any(row.values())]
    body["platforms"] = [row | {"evidence": row.get("evidence") or ""} for row in values["platforms"] if any(row.values())]
    body["rd_staff"] = _number(values.get("rd_staff"))
    return body


def _number(text: Any) -> Any:
    return int(text) if isinstance(text, str) and text.isdigit() else text


def _names(values: dict[str, Any]) -> set[str]:
    names = {f"/{name}" for name in values}
    for listed in ("figures", "platforms"):
        for place, row in enumerate(values[listed]):
            names |= {f"/{listed}/{place}/{member}" for member in row}
    return names
