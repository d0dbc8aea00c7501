"""Objections during publicity: to a proposed recognition, or to a grade."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import working_copies
from console.access import signed_in
from console.api import path_of
from console.problems import FormErrors, Problem

blueprint = Blueprint("objections", __name__, url_prefix="/objections")
FORM = "objection"


@blueprint.route("/recognition/<application>", methods=["GET", "POST"])
@signed_in()
def to_recognition(application: str) -> Any:
    """Object to a recognition; the page also shows the reader's own objections and their answers."""
    item = _publicised("items", "application", application)
    return _page(path_of("applications", application, "objections"), application, item)


@blueprint.route("/grade/<evaluation>/<consortium>", methods=["GET", "POST"])
@signed_in()
def to_grade(evaluation: str, consortium: str) -> Any:
    """Object to a grade."""
    path = path_of("evaluations", evaluation, "participants", consortium, "objections")
    return _page(path, f"{evaluation}-{consortium}", _publicised("grades", "consortium", consortium))


def _publicised(group: str, name: str, id: str) -> dict[str, Any] | None:
    """Return the entry of this recognition or grade in the list of publicity; None if its publicity has ended."""
    for item in g.api.get("/public/publicity", limit=200)[group]:
        if (item[name]["id"] if isinstance(item[name], dict) else item[name]) == id:
            return dict(item)
    return None


def _page(path: str, subject: str, item: dict[str, Any] | None) -> AnyResponse:
    errors, status = None, 200
    if request.method == "POST":
        reason = request.form.get("/reason", "")
        working_copies.keep(g.api, FORM, subject, {"/reason": reason}, None)
        try:
            g.api.post(path, {"reason": reason.strip()}, idempotency_key=request.form.get("idempotency_key"))
        except Problem as problem:
            if problem.status not in (403, 409, 422):
                raise
            errors, status = FormErrors.of(problem, {"/reason"}), problem.status
        else:
            working_copies.drop(g.api, FORM, subject)
            return redirect(url_for(str(request.endpoint), **(request.view_args or {}), done="filed"), 303)
    copy = working_copies.read(g.api, FORM, subject)
    reason = copy.values.get("/reason", "") if copy else ""
    page = render_template("objections/form.html", item=item, own=_own(path), errors=errors, subject=subject, reason=reason)
    return Response(page, status)


def _own(path: str) -> list[dict[str, Any]]:
    """Return the objections to this recognition or grade that the reader may see."""
    try:
        return list(g.api.get(path)["items"])
    except Problem as problem:
        if problem.status not in (403, 404):
            raise
        return []
