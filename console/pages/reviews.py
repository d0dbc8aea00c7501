"""The cases of a bureau: its inbox, one case, and the opinion that an officer drafts and a chief signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import application_form as form
from console import case_view, colleagues, inbox, opinions, phrases, working_copies
from console.access import signed_in
from console.api import Api, path_of
from console.context import console
from console.files import relay
from console.findings import Verdict
from console.problems import FormErrors, Problem
from console.security import encrypted
from console.sending import send, typed

blueprint = Blueprint("reviews", __name__, url_prefix="/reviews")
ROWS = 50
OFFICIALS = ("officer", "chief", "auditor")


@blueprint.get("")
@signed_in(*OFFICIALS)
def listed() -> AnyResponse:
    """List the bureau's cases by their next step, the most urgent first, with a count on every tab. Tab and filters are part of
    the address; if the address has none, those of the reader's last visit are used."""
    account = g.session.account
    if not request.args and (stored := inbox.stored_filters(request.cookies.get(inbox.COOKIE), account["username"])):
        return redirect(f"{url_for('reviews.listed')}?{urlencode(stored)}", 303)
    tabs = inbox.tabs_of(account)
    tab = inbox.tab_of(request.args.get("tab"), account)
    filters = {name: request.args.get(name, "").strip() for name in inbox.FILTERS}
    page = g.api.get("/reviews", limit=ROWS, cursor=request.args.get("cursor"), **(filters | inbox.TABS[tab]))
    answer = Response(
        render_template(
            "reviews/list.html",
            page=page,
            groups=inbox.by_urgency(page["items"]),
            tab=tab,
            tabs=tabs,
            counts=_counts(),
            calls=_calls(),
            wanted=filters,
            filtered=any(filters.values()),
        )
    )
    cookie = inbox.cookie_value(tab, filters, account["username"])
    answer.set_cookie(inbox.COOKIE, cookie, path="/reviews", secure=encrypted(), httponly=True, samesite="Lax")
    return answer


@blueprint.get("/inbox.xlsx")
@signed_in(*OFFICIALS)
def spreadsheet() -> AnyResponse:
    """Download the cases of one tab of the inbox as a spreadsheet, with the filters of its page."""
    tab = inbox.tab_of(request.args.get("tab"), g.session.account)
    filters = {name: request.args.get(name, "").strip() for name in inbox.FILTERS}
    return relay(g.api.call("GET", "/reviews.xlsx", query=filters | inbox.TABS[tab]))


@blueprint.get("/<id>")
@signed_in(*OFFICIALS)
def show(id: str) -> str:
    """Show one case: its state, its changes, the verdict, documents and opinions, and the form for the next action."""
    return _page(_read(id))


@blueprint.post("/<id>/opinion")
@signed_in("officer", "chief")
def opine(id: str) -> AnyResponse:
    """Handle every button of the opinion form. The typed text is always stored as a working copy (unsent text) first. Then,
    depending on the button, the opinion is sent, its list of sections is changed, or a saved phrase is shown, inserted or
    saved."""
    values, action = opinions.typed(request.form), request.form.get("do", "send")
    form.act(values, action)
    picking = _phrase(values, action)
    working_copies.keep(g.api, opinions.FORM, id, values, request.form.get("about"))
    if action != "send":
        return redirect(url_for("reviews.show", id=id, form="open", phrases=picking, _anchor="opinion"), 303)
    review = _read(id)
    drafts = bool(request.form.get("drafts"))
    signs = "chief" in g.session.account["roles"] and not drafts
    try:
        g.api.post(
            path_of("reviews", id, "opinions"),
            opinions.body(values, review["stage"], signs=signs, drafts=drafts),
            idempotency_key=request.form.get("idempotency_key"),
            if_match=request.form.get("etag") or None,
        )
    except Problem as problem:
        if problem.status not in (409, 412, 422, 428):
            raise
        errors = opinions.errors_of(problem, values, _names(review, values))
        return Response(_page(review, values=values, errors=errors), problem.status)
    working_copies.drop(g.api, opinions.FORM, id)
    return _done(id, "signed" if signs else "drafted")


def _done(id: str, what: str) -> AnyResponse:
    """Show the case that was just drafted or signed, with a link to the most urgent other case of the tab if there is one."""
    tab = inbox.tab_of("draft" if what == "drafted" else "signature", g.session.account)
    items = g.api.get("/reviews", limit=2, **inbox.TABS[tab])["items"]
    following = next((item["id"] for item in items if item["id"] != id), None)
    return redirect(url_for("reviews.show", id=id, done=what, next=following), 303)


def _phrase(values: opinions.Values, action: str) -> str | None:
    """Handle a button of the saved phrases without JavaScript: `phrases:<field>` shows them at a field, `phrase:<field>:<n>`
    inserts one, `remember:<field>` saves the field's text. Return the field at which the page then shows the phrases; None if it
    shows none."""
    verb, _, argument = action.partition(":")
    if verb == "phrase":
        field, _, index = argument.rpartition(":")
        saved = phrases.read(g.api)
        if index.isdigit() and int(index) < len(saved):
            opinions.insert(values, field, saved[int(index)])
    elif verb == "remember":
        phrases.change(g.api, lambda saved: [*saved, request.form.get(argument, "")])
        return argument
    return argument if verb == "phrases" else None


@blueprint.post("/<id>/opinion/keep")
@signed_in("officer", "chief")
def keep(id: str) -> Response:
    """Store the typed text as a working copy (what the account typed and has not sent)."""
    working_copies.keep(g.api, opinions.FORM, id, opinions.typed(request.form), request.form.get("about"))
    return Response(status=204)


@blueprint.post("/<id>/drafts/<draft>/signature")
@signed_in("chief")
def sign(id: str, draft: str) -> AnyResponse:
    """Sign exactly the draft that the page showed. If the draft has changed since, it is not signed."""
    try:
        key = request.form.get("idempotency_key")
        g.api.post(path_of("reviews", id, "opinions", draft, "signature"), if_match=request.form["etag"], idempotency_key=key)
    except Problem as problem:
        if problem.status not in (409, 412, 422):
            raise
        errors = FormErrors(general=[error.message for error in problem.errors] or [problem.detail])
        return Response(_page(_read(id), errors=errors), problem.status)
    working_copies.drop(g.api, opinions.FORM, id)
    return _done(id, "signed")


@blueprint.post("/<id>/correction-extension")
@signed_in("officer", "chief")
def extend(id: str) -> AnyResponse:
    """Set a later last day for the correction of a returned application, once."""
    review = _read(id)
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
    """Assign the chosen cases to one person. A page first names each case for confirmation; then one request assigns the cases
    and returns a result for each."""
    case_ids = request.values.getlist("case")
    results: list[dict[str, Any]] = []
    errors = None
    if request.method == "POST" and request.form.get("sure"):
        account = request.form.get("/account", "").strip()
        try:
            results = g.api.post("/reviews/assignments", {"account": account, "reviews": case_ids}).data["items"]
        except Problem as problem:
            if problem.status not in (409, 422):
                raise
            errors = FormErrors.of(problem, {"/account"})
    cases = _chosen_cases(g.api, case_ids)
    people = [] if results else colleagues.of_bureau("officer", "chief")
    page = render_template("reviews/assign.html", cases=cases, chosen=case_ids, results=results, errors=errors, people=people)
    return Response(page, 422 if errors else 200)


def _chosen_cases(api: Api, case_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return the chosen cases with their titles, even if they are on different pages of the inbox."""
    return list(api.get("/reviews", id=list(case_ids), limit=200)["items"]) if case_ids else []


@blueprint.get("/<id>/process")
@signed_in(*OFFICIALS)
def process(id: str) -> str | AnyResponse:
    """Show every step so far of the subject under review. A bureau's own platform redirects to the province's platform, because
    only that has timelines."""
    review = g.api.get(path_of("reviews", id))
    kind, _, subject = review["subject"].partition("/")
    if kind == "application" and (province := console().province):
        return redirect(f"{province.url}{url_for('applications.process', id=subject)}", 303)
    steps = g.api.get(path_of("applications", subject, "timeline"), limit=200)["items"] if kind == "application" else []
    return render_template("reviews/process.html", review=review, steps=steps)


def _read(id: str) -> dict[str, Any]:
    """Return a case with the changes since the previous round of review."""
    review: dict[str, Any] = g.api.get(path_of("reviews", id), expand="diff")
    return review


def _page(review: dict[str, Any], *, values: opinions.Values | None = None, errors: FormErrors | None = None) -> str:
    account = g.session.account
    kind, _, subject = review["subject"].partition("/")
    application = _application(review, subject) if kind == "application" else None
    diff = review["expanded"]["diff"] if len(review["rounds"]) > 1 else None
    draft = opinions.draft_of(review, account["username"])
    part = case_view.part_of(review, account, draft)
    about = f"{review['round']}-{review['stage']}"
    copy = working_copies.read(g.api, opinions.FORM, review["id"], opinions.typed({})) if values is None and part.writes else None
    if copy and copy.base != about:
        copy = None  # The unsent text was typed for an earlier round or stage.
    picking = request.args.get("phrases")
    return render_template(
        "reviews/show.html",
        review=review,
        application=application,
        diff=diff,
        changed=case_view.changed(review, diff),
        verdict=Verdict.of(review["findings"]),
        draft=draft,
        about=about,
        values=values or opinions.typed({}) | (copy.values if copy else opinions.of_draft(draft) if draft else {}),
        copy=copy,
        errors=errors,
        part=part,
        stage=case_view.stage_of(review),
        section_words=case_view.SECTIONS.get(review["kind"], "application_section"),
        picking=picking,
        phrases=phrases.read(g.api) if picking else [],
    )


def _application(review: dict[str, Any], id: str) -> dict[str, Any] | None:
    """Return the application of a case. If the application service runs elsewhere or does not answer, return the content that is
    stored with the case."""
    if console().province:
        return case_view.frozen(review)
    try:
        application: dict[str, Any] = g.api.get(path_of("applications", id))
    except Problem as problem:
        submitted = case_view.frozen(review)
        if problem.status != 503 or submitted is None:
            raise
        return submitted
    return application


def _calls() -> list[dict[str, Any]]:
    """Return the calls by which the inbox can be filtered; none at a bureau's own platform, which has no calls."""
    return [] if console().province else list(g.api.get("/calls", limit=ROWS)["items"])


def _counts() -> dict[str, int]:
    """Return the number of cases in each tab; empty if the bureau's deployment runs an older release without this query."""
    try:
        counts: dict[str, int] = g.api.get("/reviews/counts")
    except Problem as problem:
        if problem.status != 404:
            raise
        return {}
    return counts


def _names(review: dict[str, Any], values: opinions.Values) -> set[str]:
    """Return the names of the opinion form's fields."""
    names = {"/outcome", "/comment", "/differs_reason", "/sections", "/acknowledgements", "/amount"}
    names |= {f"/sections/{index}/{name}" for index in range(len(values["sections"])) for name in ("section", "comment")}
    names |= {f"/answers/{question['id']}" for question in review["questions"]}
    names |= {f"/acknowledgements/{unmet['question']}" for unmet in review.get("unmet") or ()}
    return names | {f"/waivers/{rule}" for rule in review.get("waivable", [])}
