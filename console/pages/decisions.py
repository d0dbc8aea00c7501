"""The province's decisions: a call's ranking, and one case with everything that the chief who decides must see before signing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import opinions, working_copies
from console.access import signed_in
from console.api import path_of
from console.files import relay
from console.findings import Verdict
from console.forms import typed_fields
from console.problems import FormErrors
from console.score_charts import scale_from, totals_of
from console.sending import send

blueprint = Blueprint("decisions", __name__)
#: The form name under which the unsent text of a decision (its working copy) is stored; its subject is the case's id.
FORM = "decision"


@blueprint.get("/calls/<id>/ranking")
@signed_in("officer", "chief", "auditor")
def ranking(id: str) -> str:
    """Show the cases of a call by rank, with raw and normalised scores beside each other, and a line after the last case that can
    be approved within the call's number of recognitions."""
    ranking_answer = g.api.get(path_of("calls", id, "ranking"), anonymous="true")
    return render_template(
        "decisions/ranking.html", ranking=ranking_answer, items=by_rank(ranking_answer), low=_lowest(ranking_answer["items"])
    )


def _lowest(cases: list[dict[str, Any]]) -> int:
    return scale_from(total for case in cases for total in case["totals"])


def by_rank(ranking: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cases of a call's ranking in the order of their normalised rank."""
    return sorted(ranking["items"], key=lambda item: (item["normalised_rank"] is None, item["normalised_rank"] or 0))


@blueprint.get("/calls/<id>/ranking.xlsx")
@signed_in("officer", "chief", "auditor")
def spreadsheet(id: str) -> AnyResponse:
    """Download the ranking as a spreadsheet."""
    return relay(g.api.call("GET", path_of("calls", id, "ranking.xlsx")))


@blueprint.get("/reviews/<id>/decision")
@signed_in("officer", "chief")
def show(id: str) -> str:
    """Show a case's rank, panel, verdict, waivers, conditions answered with no, and objections on one page, beside the form."""
    return _page(id)


@blueprint.post("/reviews/<id>/decision")
@signed_in("chief")
def decide(id: str) -> AnyResponse:
    """Store the typed text, then show the consequences of signing. Sign the decision after the reader has confirmed it."""
    typed = typed_fields(request.form)
    working_copies.keep(g.api, FORM, id, typed, request.form.get("etag"))
    if request.form.get("do") == "keep":
        return redirect(url_for("decisions.show", id=id), 303)
    review = g.api.get(path_of("reviews", id))
    body = _body(typed, review)
    if not request.form.get("sure") and body["outcome"] and body["reason"]:
        page = render_template("decisions/confirm.html", review=review, typed=typed, body=body, etag=request.form.get("etag"))
        return Response(page)
    errors = send(
        "POST",
        path_of("reviews", id, "decision"),
        body,
        fields=_names(review),
        renamed=places_of(body),
        if_match=request.form.get("etag") or None,
    )
    if errors:
        return Response(_page(id, typed, errors), errors.status)
    working_copies.drop(g.api, FORM, id)
    return redirect(url_for("reviews.show", id=id, done="decided"), 303)


def _body(typed: dict[str, str], review: dict[str, Any]) -> dict[str, Any]:
    body = answers_of(typed, review, "") | {"outcome": typed.get("/outcome") or None, "reason": typed.get("/reason", "")}
    return body | _granted(typed) | ({"differs_reason": typed["/differs_reason"]} if typed.get("/differs_reason") else {})


def _granted(typed: dict[str, str]) -> dict[str, Any]:
    """Return what an approval contains besides its reason: the amount of support, and the statement that a change is approved
    knowingly."""
    if typed.get("/outcome") != "approve":
        return {}
    amount = {"amount": typed["/amount"]} if typed.get("/amount") else {}
    return amount | ({"knowingly": True} if typed.get("/knowingly") else {})


def answers_of(typed: dict[str, str], case: dict[str, Any], suffix: str) -> dict[str, Any]:
    """Return the decision's reason for each rule that it waives and, if it approves, for each unmet condition; also the upheld
    objections that an approval acknowledges. In the names of the form's fields, `suffix` comes before the rule, the question or
    the objection's id."""

    def given(member: str, ids: list[str]) -> dict[str, str]:
        return {id: text for id in ids if (text := typed.get(f"/{member}{suffix}/{id}", ""))}

    waived = given("waivers", case["waivable"])
    answers: dict[str, Any] = {"waivers": [{"rule": rule, "reason": reason} for rule, reason in waived.items()]}
    if typed.get(f"/outcome{suffix}") == "approve":
        acknowledged = given("acknowledgements", [unmet["question"] for unmet in case["unmet"]])
        answers["acknowledgements"] = [{"question": id, "reason": reason} for id, reason in acknowledged.items()]
        answers["objections"] = list(given("objections", [objection["id"] for objection in case["objections"]]))
    return answers


def places_of(body: dict[str, Any], at: str = "", suffix: str = "") -> dict[str, str]:
    """Return a mapping by which mistakes are shown at their fields: the JSON pointer of each waiver and acknowledgement in the
    sent body (below `at`) → its field in the form."""
    waivers = {f"{at}/waivers/{index}": f"/waivers{suffix}/{entry['rule']}" for index, entry in enumerate(body["waivers"])}
    return waivers | {
        f"{at}/acknowledgements/{index}": f"/acknowledgements{suffix}/{entry['question']}"
        for index, entry in enumerate(body.get("acknowledgements", ()))
    }


def proposed(draft: dict[str, Any]) -> dict[str, str]:
    """Return an officer's draft as values of the decision form's fields, so that the chief signs exactly what was proposed unless
    a field is changed; no values for a draft that proposes a return."""
    outcome = {"pass": "approve", "reject": "decline"}.get(draft["outcome"])
    if outcome is None:
        return {}
    values = {"/outcome": outcome, "/reason": draft["comment"], "/amount": draft.get("amount") or ""}
    values |= {f"/waivers/{entry['rule']}": entry["reason"] for entry in draft["waivers"]}
    values |= {f"/acknowledgements/{entry['question']}": entry["reason"] for entry in draft["acknowledgements"]}
    return values | ({"/knowingly": "yes"} if draft.get("knowingly") else {})


def _names(review: dict[str, Any]) -> set[str]:
    """Return the names of the form's fields."""
    names = {"/outcome", "/reason", "/amount", "/differs_reason", "/acknowledgements", "/objections"}
    names |= {f"/waivers/{rule}" for rule in review["waivable"]}
    return names | {f"/acknowledgements/{unmet['question']}" for unmet in review["unmet"]}


def _page(id: str, typed: dict[str, str] | None = None, errors: FormErrors | None = None) -> str:
    review = g.api.get(path_of("reviews", id))
    copy = working_copies.read(g.api, FORM, id) if typed is None else None
    draft = opinions.draft_of(review)
    return render_template(
        "decisions/show.html",
        review=review,
        verdict=Verdict.of(review["findings"]),
        draft=draft,
        values=typed or (copy.values if copy else proposed(draft) if draft else {}),
        copy=copy,
        errors=errors,
        **_standing(review),
    )


def _standing(review: dict[str, Any]) -> dict[str, Any]:
    """Return the case's own points, its line in the ranking if it has a call, and the open cases with a better rank, which an
    approval would skip."""
    if not review["panel"]:
        return {"ranking": None, "own": None, "ahead": [], "low": scale_from([])}
    if not review["call"]:
        own_ranking = g.api.get(path_of("reviews", review["id"], "ranking"), anonymous="true")
        totals = totals_of(own_ranking)
        return {
            "ranking": None,
            "own": own_ranking | {"totals": totals} if totals else None,
            "ahead": [],
            "low": scale_from(totals),
        }
    call_ranking = g.api.get(path_of("calls", review["call"], "ranking"), anonymous="true")
    own_entry = next((item for item in call_ranking["items"] if item["id"] == review["id"]), None)
    ranked_better = [
        item for item in call_ranking["items"] if own_entry and item["rank"] < own_entry["rank"] and item["status"] == "open"
    ]
    return {
        "ranking": call_ranking,
        "own": own_entry,
        "ahead": sorted(ranked_better, key=lambda item: item["rank"]),
        "low": _lowest(call_ranking["items"]),
    }
