"""Consortia of the plan of 2021 (A16): an officer of the province proposes to enter one in the register with its history; another
person compares the proposal with the documents and confirms or refuses it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import application_form as form
from console import uploads, working_copies
from console.access import signed_in
from console.api import path_of
from console.body_limits import takes_file
from console.navigation import NOT_ENTERED
from console.pages.papers import attached
from console.problems import FormErrors
from console.sending import send

blueprint = Blueprint("old_consortia", __name__, url_prefix="/admin/old-consortia")
ROWS = 50
READERS = ("officer", "chief", "auditor")
#: The form name and the subject under which the unsent text of a new proposal (its working copy) is stored.
FORM, NEW = "old-consortium", "new"
_PLAIN = ("name", "field", "research_direction", "recognised_on", "recommender", "lead", "lead_name")
_HISTORY = ("grades", "deferrals", "support", "outcomes")
_SECTION = form.Section("old_consortium", (*_PLAIN, "members", "history"))


@blueprint.get("")
@signed_in(*READERS)
def listed() -> str:
    """List the proposals that a second person has not confirmed or refused yet."""
    page = g.api.get("/consortia", limit=ROWS, cursor=request.args.get("cursor"), status="proposed")
    return render_template("old_consortia/list.html", page=page)


@blueprint.get("/new")
@signed_in("officer", "chief")
def new() -> str:
    """Show the form of a proposal, with the text that the account typed earlier and has not sent (its working copy)."""
    copy = working_copies.read(g.api, FORM, NEW, _typed({}))
    return _form(copy.values if copy else _typed({"/members/0/organisation": ""}))


@blueprint.post("/new")
@signed_in("officer", "chief")
def propose() -> AnyResponse:
    """Handle the form's buttons: add or remove a list entry, store the typed text, or send the proposal."""
    values, action = _typed(request.form), request.form.get("do", "send")
    form.act(values, action)
    if action == "send":
        values = _without_blanks(values)
    working_copies.keep(g.api, FORM, NEW, values, None)
    if action != "send":
        anchor = action.partition(":")[2].strip("/").split("/")
        return redirect(url_for("old_consortia.new", _anchor=anchor[-1] if anchor[-1] in (*_HISTORY, "members") else None), 303)
    errors = send("POST", "/consortia", _body(values), fields=_names(values))
    if errors:
        return Response(_form(values, errors), errors.status)
    working_copies.drop(g.api, FORM, NEW)
    return redirect(url_for("old_consortia.listed", done=1), 303)


@blueprint.post("/new/keep")
@signed_in("officer", "chief")
def keep() -> Response:
    """Store the typed text as a working copy (what the account typed and has not sent)."""
    working_copies.keep(g.api, FORM, NEW, _typed(request.form), None)
    return Response(status=204)


@blueprint.get("/<id>")
@signed_in(*READERS)
def show(id: str) -> Any:
    """Show a proposal with its history and documents; for a confirmed proposal, redirect to the consortium's page."""
    return _page(id)


@blueprint.post("/<id>/paper")
@signed_in("officer", "chief")
@takes_file(uploads.LARGEST)
def hand_in(id: str) -> AnyResponse:
    """Store a document that proves the recognition under the plan of 2021."""
    _, errors = attached(f"consortium/{id}", "basis")
    if errors:
        return Response(_page(id, errors), errors.status)
    return redirect(url_for("old_consortia.show", id=id, done="stored"), 303)


@blueprint.post("/<id>/confirmation")
@signed_in("chief")
def answer(id: str) -> AnyResponse:
    """Confirm the proposal that the page showed, naming the documents that were read, or refuse it with a reason."""
    confirms = request.form.get("/outcome") == "confirm"
    body = {
        "outcome": request.form.get("/outcome") or None,
        "documents": request.form.getlist("document") if confirms else [],
        "reason": request.form.get("/reason", "").strip() or None,
    }
    path = path_of("consortia", id, "confirmation")
    errors = send("POST", path, body, fields=("/outcome", "/reason", "/documents"), if_match=request.form.get("etag"))
    if errors:
        return Response(_page(id, errors), errors.status)
    if confirms:
        return redirect(url_for("consortia.show", id=id), 303)
    return redirect(url_for("old_consortia.show", id=id, done="refused"), 303)


def _typed(fields: Any) -> form.Values:
    """Return the values typed in the form; all four lists of the consortium's history are present, even if empty."""
    values = form.read(fields, _SECTION)
    history = values["history"] or {}
    return values | {"members": values["members"] or [], "history": {name: history.get(name) or [] for name in _HISTORY}}


def _without_blanks(values: form.Values) -> form.Values:
    """Return the values without empty entries, so that the position that the API reports for a mistake is that of the entry on
    the page."""
    history = {name: [entry for entry in values["history"][name] if not form.blank(entry)] for name in _HISTORY}
    return values | {"members": [entry for entry in values["members"] if not form.blank(entry)], "history": history}


def _body(values: form.Values) -> dict[str, Any]:
    """Return the body to send. An empty text stays empty, so that the API reports it as missing; a use of a support measure for
    which no person is typed contains no person."""
    uses = [
        {**entry, "person": None if form.blank(entry.get("person")) else entry["person"]}
        for entry in values["history"]["support"]
    ]
    return values | {"history": values["history"] | {"support": uses}}


def _names(values: form.Values) -> set[str]:
    entries = {f"/members/{index}/{name}" for index in range(len(values["members"])) for name in ("organisation", "name", "tier")}
    for name, fields in FIELDS.items():
        entries |= {f"/history/{name}/{index}/{entry}" for index in range(len(values["history"][name])) for entry in fields}
    return entries | {f"/{name}" for name in (*_PLAIN, "members")}


#: List in the consortium's history → the fields of one entry of the list.
FIELDS = {
    "grades": ("grade", "issued_on", "published_on"),
    "deferrals": ("issued_on", "reason"),
    "support": ("measure", "used_on", "amount", "round", "unit", "person/name", "person/organisation"),
    "outcomes": ("kind", "identifier", "title", "issuer"),
}


def _form(values: form.Values, errors: FormErrors | None = None) -> str:
    return render_template("old_consortia/form.html", values=values, errors=errors)


def _page(id: str, errors: FormErrors | None = None) -> Any:
    consortium = g.api.get(path_of("consortia", id))
    if consortium["status"] not in NOT_ENTERED:
        return redirect(url_for("consortia.show", id=id), 303)
    documents = g.api.get("/documents", subject=f"consortium/{id}", limit=200)["items"]
    return render_template(
        "old_consortia/show.html", one=consortium, said=consortium["proposal"], documents=documents, errors=errors
    )
