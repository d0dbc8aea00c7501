"""What organisations declare, verified by their city or by the province beside its evidence."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.problems import FormErrors, Problem

blueprint = Blueprint("verifications", __name__, url_prefix="/organisations")
ROWS = 50


@blueprint.get("")
@signed_in("officer", "chief", "auditor")
def listed() -> str:
    """The organisations that declare what no bureau has verified."""
    page = g.api.get("/verifications", limit=ROWS, cursor=request.args.get("cursor"))
    return render_template("verifications/list.html", page=page)


@blueprint.get("/<id>")
@signed_in("officer", "chief", "auditor")
def show(id: str) -> str:
    """One organisation: its data, its papers, and each declared fact with its verification."""
    return _page(id, None)


@blueprint.post("/<id>")
@signed_in("officer", "chief")
def verify(id: str) -> AnyResponse:
    """Verify the chosen facts, each with the evidence that was seen."""
    chosen = request.form.getlist("fact")
    facts = [{"fact": fact, "evidence": request.form.get(f"/evidence/{fact}", "").strip()} for fact in chosen]
    body = {"facts": facts, "documents": request.form.getlist("document")}
    try:
        key, seen = request.form.get("idempotency_key"), request.form.get("etag")
        g.api.post(path_of("organisations", id, "verifications"), body, idempotency_key=key, if_match=seen)
    except Problem as problem:
        if problem.status not in (409, 412, 422):
            raise
        placed = {f"/facts/{place}/evidence": f"/evidence/{fact}" for place, fact in enumerate(chosen)}
        errors = [{"pointer": placed.get(one.pointer, one.pointer), "message": one.message} for one in problem.errors]
        found = FormErrors.of(Problem(problem.status, problem.document | {"errors": errors}), set(placed.values()))
        return Response(_page(id, found), problem.status)
    return redirect(url_for("verifications.show", id=id, done=1), 303)


def _page(uscc: str, errors: FormErrors | None) -> str:
    return render_template(
        "verifications/show.html",
        organisation=g.api.get(path_of("organisations", uscc)),
        documents=g.api.get("/documents", subject=f"organisation/{uscc}", limit=200)["items"],
        errors=errors,
    )
