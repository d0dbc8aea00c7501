"""The province's panels: candidates who can be drawn and those who are excluded, with reasons; the draw; and the progress of
scoring, which shows no names beside scores."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.forms import whole
from console.problems import FormErrors
from console.score_charts import scale_from, totals_of
from console.sending import send

blueprint = Blueprint("panels", __name__, url_prefix="/reviews")


@blueprint.get("/<id>/panel")
@signed_in("officer", "chief", "auditor")
def show(id: str) -> str:
    """Show the panel of a case and the draws that led to it; before the first draw, every candidate and every excluded expert."""
    return _page(id)


@blueprint.post("/<id>/panel")
@signed_in("officer", "chief")
def draw(id: str) -> AnyResponse:
    """Appoint the reviewers of a case: draw a panel by lot, name experts, or commission a third party."""
    body = {
        "size": whole(request.form.get("/size", "").strip() or None),
        "experts": request.form.getlist("expert"),
        "third_party": request.form.get("/third_party") or None,
        "reason": request.form.get("/reason", "").strip() or None,
    }
    if body["third_party"]:
        body |= {"size": None, "experts": []}
    fields = ("/size", "/experts", "/third_party", "/reason")
    return _done(id, send("POST", path_of("reviews", id, "panel"), body, fields=fields), "drawn")


@blueprint.post("/<id>/closing")
@signed_in("officer", "chief")
def close(id: str) -> AnyResponse:
    """End scoring before all reviewers have scored, and record the reason."""
    body = {"reason": request.form.get("/closing_reason", "").strip()}
    path = path_of("reviews", id, "scores", "closing")
    return _done(id, send("POST", path, body, renamed={"/reason": "/closing_reason"}), "closed")


@blueprint.post("/<id>/scores/<seat>/void")
@signed_in("officer", "chief")
def void(id: str, seat: str) -> AnyResponse:
    """Void a score because of a conflict of interest that arose or was discovered."""
    body = {"reason": request.form.get("/void_reason", "").strip()}
    return _done(id, send("POST", path_of("reviews", id, "scores", seat, "void"), body), "voided")


@blueprint.post("/<id>/seats/<seat>/replacement")
@signed_in("officer", "chief")
def replace(id: str, seat: str) -> AnyResponse:
    """Draw a replacement for an expert who left the panel."""
    return _done(id, send("POST", path_of("reviews", id, "seats", seat, "replacement"), {"expert": None}), "replaced")


def _done(id: str, errors: FormErrors | None, what: str) -> AnyResponse:
    return Response(_page(id, errors), errors.status) if errors else redirect(url_for("panels.show", id=id, done=what), 303)


def _page(id: str, errors: FormErrors | None = None) -> str:
    review: dict[str, Any] = g.api.get(path_of("reviews", id))
    ranking = g.api.get(path_of("reviews", id, "ranking"), anonymous="true") if review["panel"] else None
    official = "auditor" not in g.session.account["roles"]
    open_now = official and review["stage"] == "expert_review" and review["status"] == "open"
    candidates = g.api.get(path_of("reviews", id, "panel", "candidates")) if open_now else None
    totals = totals_of(ranking or {})
    return render_template(
        "panels/show.html",
        review=review,
        ranking=ranking,
        totals=totals,
        low=scale_from(totals),
        candidates=candidates,
        errors=errors,
    )
