"""The province answers objections to a recognition: one answer for all that say the same; an upheld one needs a second chief."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.problems import FormErrors
from console.sending import send

blueprint = Blueprint("objection_admin", __name__, url_prefix="/admin/objections")


@blueprint.get("/<id>")
@signed_in("officer", "chief", "auditor")
def show(id: str) -> str:
    """The objections to one application and their answers."""
    return _page(id)


@blueprint.post("/<id>/answer")
@signed_in("officer", "chief")
def answer(id: str) -> AnyResponse:
    """Answer the chosen objections together."""
    first, *also = request.form.getlist("objection") or ["-"]
    body = {"answer": request.form.get("/answer", "").strip(), "outcome": request.form.get("outcome") or None, "also": also}
    errors = send("POST", path_of("applications", id, "objections", first, "answer"), body, fields=("/answer",))
    return Response(_page(id, errors), errors.status) if errors else redirect(url_for("objection_admin.show", id=id, done=1), 303)


@blueprint.post("/<id>/<objection>/confirmation")
@signed_in("chief")
def confirm(id: str, objection: str) -> AnyResponse:
    """Confirm the very answer that the page showed."""
    path = path_of("applications", id, "objections", objection, "confirmation")
    errors = send("POST", path, if_match=request.form.get("etag"))
    return Response(_page(id, errors), errors.status) if errors else redirect(url_for("objection_admin.show", id=id, done=2), 303)


def _page(id: str, errors: FormErrors | None = None) -> str:
    application = g.api.get(path_of("applications", id))
    items = g.api.get(path_of("applications", id, "objections"))["items"]
    return render_template("objection_admin/show.html", application=application, items=items, errors=errors)
