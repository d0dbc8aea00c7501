"""Decisions of a call as one list: an officer draws it up, a chief signs it once, and each row has its own result."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.problems import FormErrors
from console.sending import send

blueprint = Blueprint("decision_lists", __name__, url_prefix="/calls")


@blueprint.get("/<id>/decision-lists")
@signed_in("officer", "chief", "auditor")
def show(id: str) -> str:
    """The lists of a call, and for officers the cases that can be listed, by rank."""
    return _page(id)


@blueprint.post("/<id>/decision-lists")
@signed_in("officer")
def draft(id: str) -> AnyResponse:
    """Draw up a list of the cases for which an outcome was chosen."""
    chosen = [name.removeprefix("/outcome/") for name, value in request.form.items() if name.startswith("/outcome/") and value]
    rows = [
        {"review": case, "outcome": request.form[f"/outcome/{case}"], "reason": request.form.get(f"/reason/{case}", "").strip()}
        for case in chosen
    ]
    renamed = {f"/rows/{place}/reason": f"/reason/{case}" for place, case in enumerate(chosen)}
    body = {"title": request.form.get("/title", "").strip(), "rows": rows}
    errors = send("POST", path_of("calls", id, "decision-lists"), body, fields=("/title",), renamed=renamed)
    return (
        Response(_page(id, errors), errors.status)
        if errors
        else redirect(url_for("decision_lists.show", id=id, done="drafted"), 303)
    )


@blueprint.post("/<id>/decision-lists/signature")
@signed_in("chief")
def sign(id: str) -> AnyResponse:
    """Sign the very list that the page showed."""
    path = path_of("calls", id, "decision-lists", request.form["list"], "confirmation")
    errors = send("POST", path, if_match=request.form["etag"])
    return (
        Response(_page(id, errors), errors.status)
        if errors
        else redirect(url_for("decision_lists.show", id=id, done="signed"), 303)
    )


def _page(id: str, errors: FormErrors | None = None) -> str:
    lists: list[dict[str, Any]] = g.api.get(path_of("calls", id, "decision-lists"))["items"]
    ranking = g.api.get(path_of("calls", id, "ranking"), anonymous="true")
    listed = {row["review"] for one in lists if one["status"] == "draft" for row in one["rows"]}
    open_cases = [one for one in ranking["items"] if one["status"] == "open" and one["id"] not in listed]
    open_cases.sort(key=lambda one: (one["normalised_rank"] is None, one["normalised_rank"] or 0))
    return render_template("decisions/lists.html", lists=lists, ranking=ranking, cases=open_cases, errors=errors)
