"""The province's panels: who is drawn or named, who is left out and why, the state of scoring without names beside scores."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.problems import FormErrors, Problem

blueprint = Blueprint("panels", __name__, url_prefix="/reviews")


@blueprint.get("/<id>/panel")
@signed_in("officer", "chief", "auditor")
def show(id: str) -> str:
    """The panel of a case and its draws."""
    return _page(id)


@blueprint.post("/<id>/panel")
@signed_in("officer", "chief")
def draw(id: str) -> AnyResponse:
    """Have a panel drawn, name experts, or ask a third party."""
    names = [name.strip() for name in request.form.get("/experts", "").replace("，", ",").replace("、", ",").split(",")]
    size = request.form.get("/size", "").strip()
    body = {
        "size": int(size) if size.isdigit() else (size or None),
        "experts": [name for name in names if name],
        "third_party": request.form.get("/third_party", "").strip() or None,
        "reason": request.form.get("/reason", "").strip() or None,
    }
    return _send(id, "panel", body, "drawn")


@blueprint.post("/<id>/closing")
@signed_in("officer", "chief")
def close(id: str) -> AnyResponse:
    """End scoring before all have scored, with the reason."""
    return _send(id, "scores/closing", {"reason": request.form.get("/closing_reason", "").strip()}, "closed")


def _send(id: str, what: str, body: dict[str, Any], done: str) -> AnyResponse:
    try:
        g.api.post(path_of("reviews", id) + f"/{what}", body, idempotency_key=request.form.get("idempotency_key"))
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        names = {"/size", "/experts", "/third_party", "/reason"}
        return Response(_page(id, FormErrors.of(problem, names)), problem.status)
    return redirect(url_for("panels.show", id=id, done=done), 303)


def _page(id: str, errors: FormErrors | None = None) -> str:
    review = g.api.get(path_of("reviews", id))
    ranking = g.api.get(path_of("reviews", id, "ranking")) if review["panel"] else None
    return render_template("panels/show.html", review=review, ranking=ranking, errors=errors)
