"""Decisions on several applications of a call as one list: an officer drafts the list, a chief signs it with one signature, and
each row becomes a decision of its own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import working_copies
from console.access import signed_in
from console.api import path_of
from console.forms import typed_fields
from console.pages.decisions import answers_of, places_of
from console.problems import FormErrors
from console.sending import send

blueprint = Blueprint("decision_lists", __name__, url_prefix="/calls")
#: The form name under which the unsent text of a list (its working copy) is stored; its subject is the call's id.
FORM = "decision-list"


@blueprint.get("/<id>/decision-lists")
@signed_in("officer", "chief", "auditor")
def show(id: str) -> str:
    """Show the decision lists of a call and, to officers, the cases that can be put on a list, by rank, with the conditions and
    objections for which an approval must give a reason."""
    return _page(id)


@blueprint.post("/<id>/decision-lists")
@signed_in("officer")
def draft(id: str) -> AnyResponse:
    """Store the typed text, then show each row and the consequences. Send the list after the reader has confirmed it."""
    typed = typed_fields(request.form)
    working_copies.keep(g.api, FORM, id, typed, None)
    if request.form.get("do") == "keep":
        return redirect(url_for("decision_lists.show", id=id), 303)
    chosen_cases = [case for case in _candidates(id) if typed.get(f"/outcome/{case['review']}")]
    rows = [_row(typed, case) for case in chosen_cases]
    if rows and not request.form.get("sure"):
        rows_shown = [_with_objections(case) | row for row, case in zip(rows, chosen_cases, strict=True)]
        call = g.api.get(path_of("calls", id))
        return Response(render_template("decisions/list_check.html", call=call, rows=rows_shown, typed=typed))
    renamed: dict[str, str] = {}
    for index, row in enumerate(rows):
        at, suffix = f"/rows/{index}", f"/{row['review']}"
        renamed |= {at: f"/outcome{suffix}", f"{at}/reason": f"/reason{suffix}"} | places_of(row, at, suffix)
    body = {"title": typed.get("/title", ""), "rows": rows}
    errors = send("POST", path_of("calls", id, "decision-lists"), body, fields=("/title",), renamed=renamed)
    if errors:
        return Response(_page(id, typed, errors), errors.status)
    working_copies.drop(g.api, FORM, id)
    return redirect(url_for("decision_lists.show", id=id, done="drafted"), 303)


@blueprint.get("/<id>/decision-lists/<list>")
@signed_in("officer", "chief", "auditor")
def one(id: str, list: str) -> str:
    """Show one list row by row; to a chief also the consequences of signing it."""
    return _list_page(id, list)


@blueprint.post("/<id>/decision-lists/<list>/signature")
@signed_in("chief")
def sign(id: str, list: str) -> AnyResponse:
    """Sign exactly the list that the page showed."""
    errors = send("POST", path_of("calls", id, "decision-lists", list, "confirmation"), if_match=request.form["etag"])
    if errors:
        return Response(_list_page(id, list, errors), errors.status)
    return redirect(url_for("decision_lists.one", id=id, list=list, done=1), 303)


@blueprint.post("/<id>/decision-lists/<list>/withdrawal")
@signed_in("officer")
def withdraw(id: str, list: str) -> AnyResponse:
    """Withdraw a list that is not signed yet, so that its cases can be put on another list."""
    errors = send("POST", path_of("calls", id, "decision-lists", list, "withdrawal"))
    if errors:
        return Response(_list_page(id, list, errors), errors.status)
    return redirect(url_for("decision_lists.show", id=id, done="withdrawn"), 303)


def _row(typed: dict[str, str], case: dict[str, Any]) -> dict[str, Any]:
    suffix = f"/{case['review']}"
    row = {"review": case["review"], "outcome": typed[f"/outcome{suffix}"], "reason": typed.get(f"/reason{suffix}", "")}
    return (
        row | answers_of(typed, case, suffix) | ({"amount": typed[f"/amount{suffix}"]} if typed.get(f"/amount{suffix}") else {})
    )


def _candidates(id: str) -> list[dict[str, Any]]:
    """Return the cases that can be put on a list. The conditions and objections for which an approval must give a reason have the
    same field names as on the page of a single decision."""
    candidates = g.api.get(path_of("calls", id, "decision-lists", "candidates"))["items"]
    return [_as_case(candidate) for candidate in candidates if candidate["listed"] is None]


def _as_case(candidate: dict[str, Any]) -> dict[str, Any]:
    failing = [finding for finding in candidate["unsatisfied"] if finding["status"] != "waived"]
    return {
        "review": candidate["review"],
        "title": candidate["title"],
        "lead": candidate["lead"],
        "standing": candidate["standing"],
        "waivable": [finding["rule"] for finding in failing if finding["waivable"]],
        "barred": [finding for finding in failing if not finding["waivable"]],
        "unmet": candidate["unmet"],
        "objections": candidate["upheld"],
        "money": candidate["money"],
    }


def _with_objections(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case with the texts of its objections by id, for a row whose fields are still empty."""
    objected = {objection["id"]: objection["reason"] for objection in case["objections"]}
    return case | {"objected": objected, "objections": [], "acknowledgements": []}


def _page(id: str, typed: dict[str, str] | None = None, errors: FormErrors | None = None) -> str:
    lists: list[dict[str, Any]] = g.api.get(path_of("calls", id, "decision-lists"))["items"]
    writes = "officer" in g.session.account["roles"]
    cases = _candidates(id) if writes else []
    copy = working_copies.read(g.api, FORM, id) if cases and typed is None else None
    return render_template(
        "decisions/lists.html",
        lists=lists,
        call_id=id,
        cases=cases,
        writes=bool(cases),
        values=typed or (copy.values if copy else {}),
        copy=copy,
        errors=errors,
    )


def _list_page(id: str, list: str, errors: FormErrors | None = None) -> str:
    decision_list = g.api.get(path_of("calls", id, "decision-lists", list))
    rows = [
        row | {"objected": {objection["id"]: objection["reason"] for objection in row["upheld"]}} for row in decision_list["rows"]
    ]
    return render_template(
        "decisions/list.html", found=decision_list, call=g.api.get(path_of("calls", id)), rows=rows, errors=errors
    )
