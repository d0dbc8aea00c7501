"""Bureaus verify the declarations of organisations; a page shows each declaration beside its evidence."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.problems import FormErrors
from console.sending import send

blueprint = Blueprint("verifications", __name__, url_prefix="/organisations")
ROWS = 50


@blueprint.get("")
@signed_in("officer", "chief", "auditor")
def listed() -> str:
    """List the organisations with declarations that no bureau has verified."""
    page = g.api.get("/verifications", limit=ROWS, cursor=request.args.get("cursor"))
    return render_template("verifications/list.html", page=page)


@blueprint.get("/<id>")
@signed_in("officer", "chief", "auditor")
def show(id: str) -> str:
    """Show one organisation: its data, its documents, and each declared fact with its verification."""
    return _page(id, None)


@blueprint.post("/<id>")
@signed_in("officer", "chief")
def verify(id: str) -> AnyResponse:
    """Verify the chosen facts, each with the evidence that the bureau has seen, or refuse their verification with a reason."""
    chosen, refused = request.form.getlist("fact"), request.form.get("outcome") == "refused"
    details: dict[str, str | None] = (
        {"outcome": "refused", "reason": request.form.get("/reason", "").strip() or None} if refused else {}
    )
    facts = [{"fact": fact, "evidence": request.form.get(f"/evidence/{fact}", "").strip(), **details} for fact in chosen]
    body = {"facts": facts, "documents": request.form.getlist("document")}
    renamed = {f"/facts/{index}/evidence": f"/evidence/{fact}" for index, fact in enumerate(chosen)}
    renamed |= {f"/facts/{index}/reason": "/reason" for index in range(len(chosen))}
    etag = request.form.get("etag")
    errors = send("POST", path_of("organisations", id, "verifications"), body, renamed=renamed, if_match=etag)
    if errors:
        return Response(_page(id, errors), errors.status)
    return redirect(url_for("verifications.show", id=id, done=1), 303)


def _page(id: str, errors: FormErrors | None) -> str:
    return render_template(
        "verifications/show.html",
        organisation=g.api.get(path_of("organisations", id)),
        documents=g.api.get("/documents", subject=f"organisation/{id}", limit=200)["items"],
        errors=errors,
    )
