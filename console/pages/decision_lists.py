"""Decisions of a call as one list: an officer draws it up, a chief signs it once, and each row has its own result."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import working_copies
from console.access import signed_in
from console.api import path_of
from console.pages.decisions import answers_of, by_rank, places_of
from console.problems import FormErrors
from console.sending import send

blueprint = Blueprint("decision_lists", __name__, url_prefix="/calls")
#: The working copy of a list that is drawn up, by the call's id.
FORM = "decision-list"


@blueprint.get("/<id>/decision-lists")
@signed_in("officer", "chief", "auditor")
def show(id: str) -> str:
    """Show the lists of a call, and to officers the cases that can be listed, by rank, with what an approval has to answer."""
    return _page(id)


@blueprint.post("/<id>/decision-lists")
@signed_in("officer")
def draft(id: str) -> AnyResponse:
    """Keep what was typed; show each row and what follows; send the list when that was confirmed."""
    typed = {name: value.strip() for name, value in request.form.items() if name.startswith("/")}
    working_copies.keep(g.api, FORM, id, typed, None)
    if request.form.get("do") == "keep":
        return redirect(url_for("decision_lists.show", id=id), 303)
    ranking = _ranking(id)
    chosen = [case for case in by_rank(ranking) if case["status"] == "open" and typed.get(f"/outcome/{case['id']}")]
    rows = [_row(typed, case) for case in chosen]
    if rows and not request.form.get("sure"):
        shown = [row | {"rank": case["normalised_rank"]} | _named(case) for row, case in zip(rows, chosen, strict=True)]
        return Response(render_template("decisions/list_check.html", ranking=ranking, rows=shown, typed=typed))
    renamed: dict[str, str] = {}
    for place, row in enumerate(rows):
        at, of = f"/rows/{place}", f"/{row['review']}"
        renamed |= {at: f"/outcome{of}", f"{at}/reason": f"/reason{of}"} | places_of(row, at, of)
    body = {"title": typed.get("/title", ""), "rows": rows}
    errors = send("POST", path_of("calls", id, "decision-lists"), body, fields=("/title",), renamed=renamed)
    if errors:
        return Response(_page(id, typed, errors), errors.status)
    working_copies.drop(g.api, FORM, id)
    return redirect(url_for("decision_lists.show", id=id, done=1), 303)


@blueprint.get("/<id>/decision-lists/<list>")
@signed_in("officer", "chief", "auditor")
def one(id: str, list: str) -> str:
    """Show one list row by row; to a chief with what the signature sets in motion."""
    return _one(id, list)


@blueprint.post("/<id>/decision-lists/<list>/signature")
@signed_in("chief")
def sign(id: str, list: str) -> AnyResponse:
    """Sign the very list that the page showed."""
    errors = send("POST", path_of("calls", id, "decision-lists", list, "confirmation"), if_match=request.form["etag"])
    if errors:
        return Response(_one(id, list, errors), errors.status)
    return redirect(url_for("decision_lists.one", id=id, list=list, done=1), 303)


def _row(typed: dict[str, str], case: dict[str, Any]) -> dict[str, Any]:
    of = f"/{case['id']}"
    said = {"review": case["id"], "outcome": typed[f"/outcome{of}"], "reason": typed.get(f"/reason{of}", "")}
    return said | answers_of(typed, case, of)


def _ranking(id: str) -> dict[str, Any]:
    found: dict[str, Any] = g.api.get(path_of("calls", id, "ranking"), anonymous="true")
    return found


def _named(case: dict[str, Any]) -> dict[str, Any]:
    """A case's names and the texts of what its row answers."""
    texts = {one["question"]: one["text"] for one in case["unmet"]}
    objections = {one["id"]: one["reason"] for one in case["objections"]}
    return {"title": case["title"], "lead": case["lead"]["name"], "texts": texts, "objected": objections}


def _page(id: str, typed: dict[str, str] | None = None, errors: FormErrors | None = None) -> str:
    lists: list[dict[str, Any]] = g.api.get(path_of("calls", id, "decision-lists"))["items"]
    ranking = _ranking(id)
    listed = {row["review"] for one in lists if one["status"] == "draft" for row in one["rows"]}
    cases = [one for one in by_rank(ranking) if one["status"] == "open" and one["id"] not in listed]
    writes = "officer" in g.session.account["roles"] and bool(cases)
    copy = working_copies.read(g.api, FORM, id) if writes and typed is None else None
    return render_template(
        "decisions/lists.html",
        lists=lists,
        ranking=ranking,
        cases=cases,
        writes=writes,
        values=typed or (copy.values if copy else {}),
        copy=copy,
        errors=errors,
    )


def _one(id: str, list: str, errors: FormErrors | None = None) -> str:
    found = g.api.get(path_of("calls", id, "decision-lists", list))
    ranking = _ranking(id)
    known = {case["id"]: case for case in ranking["items"]}
    rows = []
    for row in found["rows"]:
        case = known.get(row["review"])
        rows.append((row | {"rank": case["normalised_rank"]} | _named(case)) if case else row | {"texts": {}, "objected": {}})
    return render_template("decisions/list.html", found=found, ranking=ranking, rows=rows, errors=errors)
