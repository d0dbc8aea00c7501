"""The pages of experts and third parties: the cases that they score, their declaration, the score sheet, and recusal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import viewer, working_copies
from console.access import signed_in
from console.api import path_of
from console.forms import decimal, typed_fields
from console.problems import FormErrors, Problem

blueprint = Blueprint("scoring", __name__, url_prefix="/scoring")
ROWS = 50
REVIEWERS = ("expert", "third_party")
#: The promises that a reviewer makes before the documents become readable.
PROMISES = ("no_interest", "confidentiality")
#: The form name under which the unsent values of a score sheet (its working copy) are stored; its subject is the case's id.
FORM = "scores"


@blueprint.get("")
@signed_in(*REVIEWERS)
def listed() -> str:
    """List the cases assigned to the reviewer. Cases that wait for the reviewer's scores show the number of days that remain."""
    page = g.api.get("/reviews", limit=ROWS, cursor=request.args.get("cursor"))
    return render_template("scoring/list.html", page=page, waiting=_waiting())


@blueprint.get("/next")
@signed_in(*REVIEWERS)
def following() -> AnyResponse:
    """Redirect to the next case that waits for the reviewer's scores, after the case that the reviewer just left: after the last
    case, to the first; if no other case waits, to the list. A page's script gets the link instead of a redirect."""
    following = _next(request.args.get("after", ""))
    if request.headers.get("HX-Request") == "true":
        return Response(render_template("scoring/next.html", following=following))
    return redirect(url_for("scoring.show", id=following) if following else url_for("scoring.listed"), 303)


@blueprint.get("/<id>")
@signed_in(*REVIEWERS)
def show(id: str) -> str:
    """Show one case with its documents beside the score sheet, which shows the values typed earlier and not sent."""
    return _page(g.api.get(path_of("reviews", id)))


@blueprint.post("/<id>")
@signed_in(*REVIEWERS)
def submit(id: str) -> AnyResponse:
    """Store the typed score sheet and, if requested, submit its scores. Submitted scores can be changed until scoring closes."""
    typed = typed_fields(request.form)
    working_copies.keep(g.api, FORM, id, typed, None)
    if request.form.get("do") == "keep":
        return redirect(url_for("scoring.show", id=id, kept=1), 303)
    review = g.api.get(path_of("reviews", id))
    scores = {
        criterion["criterion"]: decimal(typed.get(_field(index)) or None) for index, criterion in enumerate(review["rubric"])
    }
    body = {"scores": scores, "comment": typed.get("/comment", "")}
    try:
        g.api.post(path_of("reviews", id, "scores"), body, idempotency_key=request.form.get("idempotency_key"))
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return Response(_page(review, typed, _errors(problem, review)), problem.status)
    working_copies.drop(g.api, FORM, id)
    following = _next(id)
    return redirect(url_for("scoring.show", id=following, done=1) if following else url_for("scoring.listed", done=1), 303)


@blueprint.post("/<id>/declaration")
@signed_in(*REVIEWERS)
def declare(id: str) -> AnyResponse:
    """Declare no interest in the units and promise confidentiality. After that the documents and the score sheet become
    available."""
    body = {name: request.form.get(f"/{name}") == "yes" for name in PROMISES}
    try:
        g.api.post(path_of("reviews", id, "declarations"), body, idempotency_key=request.form.get("idempotency_key"))
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        errors = FormErrors.of(problem, {f"/{name}" for name in PROMISES})
        return Response(_page(g.api.get(path_of("reviews", id)), None, errors), problem.status)
    return redirect(url_for("scoring.show", id=id), 303)


@blueprint.post("/<id>/recusal")
@signed_in(*REVIEWERS)
def recuse(id: str) -> AnyResponse:
    """Record that the reviewer withdraws from the case, with the reason. Another reviewer is drawn."""
    body = {"reason": request.form.get("/reason", "").strip()}
    try:
        g.api.post(path_of("reviews", id, "recusals"), body, idempotency_key=request.form.get("idempotency_key"))
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        errors = FormErrors.of(problem, {"/reason"})
        return Response(_page(g.api.get(path_of("reviews", id)), None, errors), problem.status)
    return redirect(url_for("scoring.listed", done=2), 303)


def _page(review: dict[str, Any], typed: dict[str, str] | None = None, errors: FormErrors | None = None) -> str:
    copy = working_copies.read(g.api, FORM, review["id"]) if typed is None else None
    values = typed or (copy.values if copy else _submitted_values(review))
    opened = viewer.first(review["documents"])
    paper = viewer.open_paper(g.api, opened["id"], 1, review["documents"]) if opened else None
    return render_template(
        "scoring/show.html",
        review=review,
        documents=review["documents"],
        paper=paper,
        values=values,
        errors=errors,
        copy=copy,
        field=_field,
    )


def _submitted_values(review: dict[str, Any]) -> dict[str, str]:
    """Return the submitted scores as values of the sheet's fields; empty fields if no scores were submitted."""
    own_score = review.get("own_score") or {}
    scores = own_score.get("scores") or {}
    values = {_field(index): _plain(scores.get(criterion["criterion"])) for index, criterion in enumerate(review["rubric"])}
    return values | {"/comment": own_score.get("comment") or ""}


def _field(index: int) -> str:
    return f"/scores/{index}"


def _plain(value: Any) -> str:
    return "" if value is None else f"{Decimal(str(value)).normalize():f}"


def _errors(problem: Problem, review: dict[str, Any]) -> FormErrors:
    """Assign the mistakes that the API reports to the form's fields. The API identifies a score by its criterion, the form by its
    position in the rubric."""
    fields = {f"/scores/{criterion['criterion']}": _field(index) for index, criterion in enumerate(review["rubric"])}
    errors = [{"pointer": fields.get(error.pointer, error.pointer), "message": error.message} for error in problem.errors]
    return FormErrors.of(Problem(problem.status, problem.document | {"errors": errors}), {*fields.values(), "/comment"})


def _waiting() -> list[str]:
    """Return the assigned cases that this reviewer has not scored yet, the most urgent first."""
    return [item["subject"]["id"] for item in g.api.get("/me/todo")["items"] if item["kind"] == "score"]


def _next(id: str) -> str | None:
    """Return the case after this one that waits for the reviewer's scores; after the last such case, the first. None if no other
    case waits."""
    waiting = _waiting()
    following = waiting.index(id) + 1 if id in waiting else 0
    remaining = [case for case in (*waiting[following:], *waiting[:following]) if case != id]
    return remaining[0] if remaining else None
