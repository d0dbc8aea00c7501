"""The province's own pool of experts and third parties."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.forms import words_of
from console.problems import FormErrors
from console.sending import send, typed

blueprint = Blueprint("reviewers", __name__, url_prefix="/reviewers")
ROWS = 50
_FIELDS = ("kind", "username", "password", "name", "phone", "email", "organisation", "until", "reason")


@blueprint.get("")
@signed_in("officer", "chief", "auditor")
def listed() -> str:
    """List the pool by kind and state."""
    filters = {name: request.args.get(name) for name in ("kind", "state", "q")}
    page = g.api.get("/reviewers", limit=ROWS, cursor=request.args.get("cursor"), **filters)
    return render_template("reviewers/list.html", page=page, wanted=filters)


@blueprint.route("/new", methods=["GET", "POST"])
@signed_in("officer", "chief")
def new() -> Any:
    """Add a reviewer, with an account."""
    if request.method == "GET":
        return render_template("reviewers/form.html", errors=None)
    body: dict[str, Any] = {**typed(*_FIELDS), "password": request.form.get("/password", "")}
    if body["kind"] == "expert":
        body["expert"] = _expert()
    errors = send("POST", "/reviewers", body, fields=_names())
    if errors:
        return Response(render_template("reviewers/form.html", errors=errors), errors.status)
    return redirect(url_for("reviewers.listed", done=1), 303)


@blueprint.get("/<id>")
@signed_in("officer", "chief")
def show(id: str) -> str:
    """Show one reviewer with complete contact details. The platform records who has seen them."""
    return _page(id)


@blueprint.post("/<id>/renewal")
@signed_in("officer", "chief")
def renew(id: str) -> AnyResponse:
    """Set a new term."""
    return _done(id, send("POST", path_of("reviewers", id, "renewal"), typed("until", "reason"), fields=("/until", "/reason")))


@blueprint.post("/<id>/closing")
@signed_in("officer", "chief")
def close(id: str) -> AnyResponse:
    """Remove a reviewer from the pool; the reviewer's earlier scores stay valid."""
    body = {"reason": request.form.get("/closing_reason", "").strip()}
    renamed = {"/reason": "/closing_reason"}
    return _done(id, send("POST", path_of("reviewers", id, "closing"), body, renamed=renamed))


def _expert() -> dict[str, Any]:
    fields = words_of(request.form.get("/expert/fields"))
    return {"employer": request.form.get("/expert/employer", "").strip() or None, "fields": fields}


def _names() -> set[str]:
    return {f"/{name}" for name in _FIELDS} | {"/expert/employer", "/expert/fields"}


def _done(id: str, errors: FormErrors | None) -> AnyResponse:
    return Response(_page(id, errors), errors.status) if errors else redirect(url_for("reviewers.show", id=id, done=1), 303)


def _page(id: str, errors: FormErrors | None = None) -> str:
    return render_template("reviewers/show.html", one=g.api.get(path_of("reviewers", id)), errors=errors)
