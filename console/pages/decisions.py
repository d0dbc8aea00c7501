"""The province's decisions: a call's ranking, and one case with all that the decider must see before signing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import opinions, working_copies
from console.access import signed_in
from console.api import path_of
from console.context import console
from console.findings import Verdict
from console.problems import FormErrors, Problem

blueprint = Blueprint("decisions", __name__)
#: The working copy of a decision, by the case's id.
FORM = "decision"


@blueprint.get("/calls/<id>/ranking")
@signed_in("officer", "chief", "auditor")
def ranking(id: str) -> str:
    """The cases of a call by rank, raw and normalised beside each other, with the line of places."""
    found = g.api.get(path_of("calls", id, "ranking"), anonymous="true")
    items = sorted(found["items"], key=lambda one: (one["normalised_rank"] is None, one["normalised_rank"] or 0))
    return render_template("decisions/ranking.html", ranking=found, items=items)


@blueprint.get("/reviews/<id>/decision")
@signed_in("officer", "chief")
def show(id: str) -> str:
    """Rank, verdict, waivers, answers that are not met and objections on one page, beside the form."""
    return _page(id)


@blueprint.post("/reviews/<id>/decision")
@signed_in("chief")
def decide(id: str) -> AnyResponse:
    """Keep what was typed; show what the signature sets in motion; sign when that was confirmed."""
    typed = {name: value.strip() for name, value in request.form.items() if name.startswith("/")}
    working_copies.keep(g.api, FORM, id, typed, request.form.get("etag"))
    if request.form.get("do") == "keep":
        return redirect(url_for("decisions.show", id=id), 303)
    review = g.api.get(path_of("reviews", id))
    body = _body(typed, review)
    if not request.form.get("sure") and body["outcome"] and body["reason"]:
        call = console().calls.of(g.api, review["call"])
        page = render_template(
            "decisions/confirm.html", review=review, typed=typed, body=body, call=call, etag=request.form.get("etag")
        )
        return Response(page)
    try:
        key, read = request.form.get("idempotency_key"), request.form.get("etag") or None
        g.api.post(path_of("reviews", id, "decision"), body, idempotency_key=key, if_match=read)
    except Problem as problem:
        if problem.status not in (409, 412, 422):
            raise
        return Response(_page(id, typed, _errors(problem, typed, review)), problem.status)
    working_copies.drop(g.api, FORM, id)
    return redirect(url_for("reviews.show", id=id, done="decided"), 303)


def _body(typed: dict[str, str], review: dict[str, Any]) -> dict[str, Any]:
    given = {rule: typed.get(f"/waivers/{rule}", "") for rule in review["waivable"]}
    body: dict[str, Any] = {
        "outcome": typed.get("/outcome") or None,
        "reason": typed.get("/reason", ""),
        "waivers": [{"rule": rule, "reason": reason} for rule, reason in given.items() if reason],
    }
    if body["outcome"] == "approve":
        told = {one["question"]: typed.get(f"/acknowledgements/{one['question']}", "") for one in review.get("unmet") or []}
        upheld = [one["id"] for one in review.get("objections") or []]
        body["objections"] = [id for id in upheld if typed.get(f"/objections/{id}")]
        body["acknowledgements"] = [{"question": id, "reason": reason} for id, reason in told.items() if reason]
    return body | {name: typed[f"/{name}"] for name in ("amount", "differs_reason") if typed.get(f"/{name}")}


def _errors(problem: Problem, typed: dict[str, str], review: dict[str, Any]) -> FormErrors:
    waivers = {rule: typed.get(f"/waivers/{rule}") for rule in review["waivable"]}
    names = {"/outcome", "/reason", "/amount", "/differs_reason", *(f"/waivers/{rule}" for rule in review["waivable"])}
    unmet = [one["question"] for one in review.get("unmet") or []]
    given = [id for id in unmet if typed.get(f"/acknowledgements/{id}")]
    placed = {f"/acknowledgements/{place}/reason": f"/acknowledgements/{id}" for place, id in enumerate(given)}
    errors = [{"pointer": placed.get(one.pointer, one.pointer), "message": one.message} for one in problem.errors]
    names |= {f"/acknowledgements/{id}" for id in unmet} | {"/acknowledgements", "/objections"}
    return opinions.errors_of(Problem(problem.status, problem.document | {"errors": errors}), {"waivers": waivers}, names)


def _page(id: str, typed: dict[str, str] | None = None, errors: FormErrors | None = None) -> str:
    review = g.api.get(path_of("reviews", id))
    ranked = g.api.get(path_of("reviews", id, "ranking"), anonymous="true") if review["panel"] else None
    copy = working_copies.read(g.api, FORM, id) if typed is None else None
    return render_template(
        "decisions/show.html",
        review=review,
        ranking=ranked,
        verdict=Verdict.of(review["findings"]),
        draft=opinions.draft_of(review),
        values=typed or (copy.values if copy else {}),
        copy=copy,
        errors=errors,
    )
