"""Decisions of a call as one list: an officer drafts it, a chief signs it once, and each row has its own result."""

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
#: The form name of the working copy of a draft list; the copy's subject is the call's id.
FORM = "decision-list"


@blueprint.get("/<id>/decision-lists")
@signed_in("officer", "chief", "auditor")
def show(id: str) -> str:
    """Show the decision lists of a call and, to officers, the cases that can be listed, by rank, with the points that an approval
    must answer."""
    return _page(id)


@blueprint.post("/<id>/decision-lists")
@signed_in("officer")
def draft(id: str) -> AnyResponse:
    """Store the input, then show each row and the consequences. Send the list after the reader has confirmed."""
    typed = typed_fields(request.form)
    working_copies.keep(g.api, FORM, id, typed, None)
    if request.form.get("do") == "keep":
        return redirect(url_for("decision_lists.show", id=id), 303)
    chosen = [case for case in _candidates(id) if typed.get(f"/outcome/{case['review']}")]
    rows = [_row(typed, case) for case in chosen]
    if rows and not request.form.get("sure"):
        shown = [_named(case) | row for row, case in zip(rows, chosen, strict=True)]
        call = g.api.get(path_of("calls", id))
        return Response(render_template("decisions/list_check.html", call=call, rows=shown, typed=typed))
    renamed: dict[str, str] = {}
    for place, row in enumerate(rows):
        at, of = f"/rows/{place}", f"/{row['review']}"
        renamed |= {at: f"/outcome{of}", f"{at}/reason": f"/reason{of}"} | places_of(row, at, of)
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
    return _one(id, list)


@blueprint.post("/<id>/decision-lists/<list>/signature")
@signed_in("chief")
def sign(id: str, list: str) -> AnyResponse:
    """Sign exactly the list that the page showed."""
    errors = send("POST", path_of("calls", id, "decision-lists", list, "confirmation"), if_match=request.form["etag"])
    if errors:
        return Response(_one(id, list, errors), errors.status)
    return redirect(url_for("decision_lists.one", id=id, list=list, done=1), 303)


@blueprint.post("/<id>/decision-lists/<list>/withdrawal")
@signed_in("officer")
def withdraw(id: str, list: str) -> AnyResponse:
    """Withdraw a list that is not signed yet, so that its cases can be listed again."""
    errors = send("POST", path_of("calls", id, "decision-lists", list, "withdrawal"))
    if errors:
        return Response(_one(id, list, errors), errors.status)
    return redirect(url_for("decision_lists.show", id=id, done="withdrawn"), 303)


def _row(typed: dict[str, str], case: dict[str, Any]) -> dict[str, Any]:
    of = f"/{case['review']}"
    said = {"review": case["review"], "outcome": typed[f"/outcome{of}"], "reason": typed.get(f"/reason{of}", "")}
    return said | answers_of(typed, case, of) | ({"amount": typed[f"/amount{of}"]} if typed.get(f"/amount{of}") else {})


def _candidates(id: str) -> list[dict[str, Any]]:
    """Return the cases that can be listed. The conditions and objections that an approval must answer have the same names as on
    the page of a single decision."""
    found = g.api.get(path_of("calls", id, "decision-lists", "candidates"))["items"]
    return [_as_case(one) for one in found if one["listed"] is None]


def _as_case(found: dict[str, Any]) -> dict[str, Any]:
    failing = [one for one in found["unsatisfied"] if one["status"] != "waived"]
    return {
        "review": found["review"],
        "title": found["title"],
        "lead": found["lead"],
        "standing": found["standing"],
        "waivable": [one["rule"] for one in failing if one["waivable"]],
        "barred": [one for one in failing if not one["waivable"]],
        "unmet": found["unmet"],
        "objections": found["upheld"],
        "money": found["money"],
    }


def _named(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case with the texts of its objections by id, for a row whose fields are still empty."""
    objected = {one["id"]: one["reason"] for one in case["objections"]}
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


def _one(id: str, list: str, errors: FormErrors | None = None) -> str:
    found = g.api.get(path_of("calls", id, "decision-lists", list))
    rows = [row | {"objected": {one["id"]: one["reason"] for one in row["upheld"]}} for row in found["rows"]]
    return render_template("decisions/list.html", found=found, call=g.api.get(path_of("calls", id)), rows=rows, errors=errors)
