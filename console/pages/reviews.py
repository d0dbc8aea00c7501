"""The cases of a bureau: its inbox, one case, and the opinion that an officer drafts and a chief signs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import application_form as form
from console import opinions, working_copies
from console.access import signed_in
from console.api import Api, path_of
from console.findings import Verdict
from console.navigation import PROVINCE
from console.problems import FormErrors, Problem
from console.sending import send, typed

blueprint = Blueprint("reviews", __name__, url_prefix="/reviews")
ROWS = 50
OFFICIALS = ("officer", "chief", "auditor")
#: The tabs of the inbox, what each asks the API for, and the kind of task in the to-do list that counts it.
TABS: dict[str, tuple[dict[str, Any], str | None]] = {
    "draft": ({"awaiting": "draft"}, "opinion_to_draft"),
    "signature": ({"awaiting": "signature"}, "opinion_to_sign"),
    "scores": ({"awaiting": "scores"}, None),
    "decision": ({"awaiting": "decision"}, "decision"),
    "returned": ({"status": "returned"}, None),
    "overdue": ({"status": "open", "overdue": "true"}, None),
    "all": ({}, None),
}
#: Tabs of the province alone: panels and decisions are its own.
OF_PROVINCE = ("scores", "decision")
FILTERS = ("q", "kind", "stage", "call")


@blueprint.get("")
@signed_in(*OFFICIALS)
def listed() -> str:
    """The bureau's cases by their next step, the most urgent first, with a count on the tabs that wait for the reader."""
    account = g.session.account
    names = [name for name in TABS if name not in OF_PROVINCE or account["bureau"] in (None, PROVINCE)]
    tab = request.args.get("tab") or ("signature" if "chief" in account["roles"] else "draft")
    asked, _ = TABS.get(tab, TABS["all"])
    wanted = {name: request.args.get(name, "").strip() for name in FILTERS}
    page = g.api.get("/reviews", limit=ROWS, cursor=request.args.get("cursor"), **(wanted | asked))
    waiting = {entry["kind"]: entry["count"] for entry in g.api.get("/me/todo")["counts"]}
    counts = {name: waiting.get(TABS[name][1] or "") for name in names} | {tab: page["total"]}
    return render_template("reviews/list.html", page=page, tab=tab, tabs=names, counts=counts, wanted=wanted)


@blueprint.get("/<id>")
@signed_in(*OFFICIALS)
def show(id: str) -> str:
    """One case: where it stands, what changed, the verdict, papers and opinions, and the form of what is to do."""
    return _page(g.api.get(path_of("reviews", id)))


@blueprint.post("/<id>/opinion")
@signed_in("officer", "chief")
def opine(id: str) -> AnyResponse:
    """Every button of the opinion form. What was typed is kept first; then it is sent, or its list of sections changes."""
    values, action = opinions.typed(request.form), request.form.get("do", "send")
    form.act(values, action)
    working_copies.keep(g.api, opinions.FORM, id, values, request.form.get("about"))
    if action != "send":
        return redirect(url_for("reviews.show", id=id, form="open", _anchor="opinion"), 303)
    review = g.api.get(path_of("reviews", id))
    signs = "chief" in g.session.account["roles"]
    try:
        g.api.post(
            path_of("reviews", id, "opinions"),
            opinions.body(values, review["stage"], signs=signs),
            idempotency_key=request.form.get("idempotency_key"),
            if_match=request.form.get("etag") or None,
        )
    except Problem as problem:
        if problem.status not in (409, 412, 422):
            raise
        errors = opinions.errors_of(problem, values, _names(review, values))
        return Response(_page(review, values=values, errors=errors), problem.status)
    working_copies.drop(g.api, opinions.FORM, id)
    return redirect(url_for("reviews.show", id=id, done="signed" if signs else "drafted"), 303)


@blueprint.post("/<id>/opinion/keep")
@signed_in("officer", "chief")
def keep(id: str) -> Response:
    """Keep what is being typed."""
    working_copies.keep(g.api, opinions.FORM, id, opinions.typed(request.form), request.form.get("about"))
    return Response(status=204)


@blueprint.post("/<id>/drafts/<draft>/signature")
@signed_in("chief")
def sign(id: str, draft: str) -> AnyResponse:
    """Sign the very draft that the page showed; a draft that changed meanwhile is not signed."""
    try:
        key = request.form.get("idempotency_key")
        g.api.post(path_of("reviews", id, "opinions", draft, "signature"), if_match=request.form["etag"], idempotency_key=key)
    except Problem as problem:
        if problem.status not in (409, 412, 422):
            raise
        errors = FormErrors(general=[one.message for one in problem.errors] or [problem.detail])
        return Response(_page(g.api.get(path_of("reviews", id)), errors=errors), problem.status)
    working_copies.drop(g.api, opinions.FORM, id)
    return redirect(url_for("reviews.show", id=id, done="signed"), 303)


@blueprint.post("/<id>/correction-extension")
@signed_in("officer", "chief")
def extend(id: str) -> AnyResponse:
    """Give a returned application a later last day, once."""
    review = g.api.get(path_of("reviews", id))
    path = path_of("applications", review["subject"].partition("/")[2], "correction-extension")
    errors = send("POST", path, typed("until", "reason"), fields=("/until", "/reason"))
    return (
        Response(_page(review, errors=errors), errors.status)
        if errors
        else redirect(url_for("reviews.show", id=id, done="extended"), 303)
    )


@blueprint.route("/assignment", methods=["GET", "POST"])
@signed_in("officer", "chief")
def assign() -> Any:
    """Give the chosen cases to one person: a page names each, then one request answers each by itself."""
    chosen = request.values.getlist("case")
    results: list[dict[str, Any]] = []
    errors = None
    if request.method == "POST" and request.form.get("sure"):
        account = request.form.get("/account", "").strip()
        try:
            results = g.api.post("/reviews/assignments", {"account": account, "reviews": chosen}).data["items"]
        except Problem as problem:
            if problem.status not in (409, 422):
                raise
            errors = FormErrors.of(problem, {"/account"})
    cases = [g.api.get(path_of("reviews", id)) for id in chosen] if len(chosen) == 1 else open_cases(g.api, chosen)
    page = render_template("reviews/assign.html", cases=cases, chosen=chosen, results=results, errors=errors)
    return Response(page, 422 if errors else 200)


def open_cases(api: Api, chosen: Iterable[str]) -> list[dict[str, Any]]:
    """The chosen cases among the bureau's open ones, however many those are, with their titles."""
    missing, found, cursor = set(chosen), [], None
    while missing:
        page = api.get("/reviews", status="open", limit=200, cursor=cursor)
        found += [one for one in page["items"] if one["id"] in missing]
        missing -= {one["id"] for one in page["items"]}
        if (cursor := page["next_cursor"]) is None:
            break
    return found


@blueprint.get("/<id>/process")
@signed_in(*OFFICIALS)
def process(id: str) -> str:
    """Every step of the subject's way so far."""
    review = g.api.get(path_of("reviews", id))
    kind, _, subject = review["subject"].partition("/")
    steps = g.api.get(path_of("applications", subject, "timeline"), limit=200)["items"] if kind == "application" else []
    return render_template("reviews/process.html", review=review, steps=steps)


def _page(review: dict[str, Any], *, values: opinions.Values | None = None, errors: FormErrors | None = None) -> str:
    kind, _, subject = review["subject"].partition("/")
    application = g.api.get(path_of("applications", subject)) if kind == "application" else None
    diff = None
    if application and review["round"] > 1 and review["version"] > 1:
        diff = g.api.get(path_of("applications", subject, "diff"), **{"from": review["version"] - 1, "to": review["version"]})
    draft = opinions.draft_of(review)
    about = f"{review['round']}-{review['stage']}"
    copy = working_copies.read(g.api, opinions.FORM, review["id"]) if values is None and _writes(review) else None
    if copy and copy.base != about:
        copy = None  # typed for an earlier round or stage
    return render_template(
        "reviews/show.html",
        review=review,
        application=application,
        diff=diff,
        verdict=Verdict.of(review["findings"]),
        draft=draft,
        about=about,
        values=values or (copy.values if copy else opinions.of_draft(draft) if draft else opinions.typed({})),
        copy=copy,
        errors=errors,
        writes=_writes(review),
        stage=_stage(review),
    )


def _stage(review: dict[str, Any]) -> dict[str, Any]:
    """The present stage as the policy sets it."""
    return next((one for one in review.get("stages", []) if one["stage"] == review["stage"]), {})


def _writes(review: dict[str, Any]) -> bool:
    """Whether the reader may give an opinion at the present stage."""
    account = g.session.account
    official = set(account["roles"]) & {"officer", "chief"}
    by_opinion = review["stage"] not in ("expert_review", "decision")
    return bool(official) and review["bureau"] == account["bureau"] and review["status"] == "open" and by_opinion


def _names(review: dict[str, Any], values: opinions.Values) -> set[str]:
    """The fields of the opinion form."""
    names = {"/outcome", "/comment", "/differs_reason", "/sections"}
    names |= {f"/sections/{place}/{name}" for place in range(len(values["sections"])) for name in ("section", "comment")}
    names |= {f"/answers/{question['id']}" for question in review["questions"]}
    return names | {f"/waivers/{rule}" for rule in review.get("waivable", [])}
