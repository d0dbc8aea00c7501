"""The province's calls: publish them with text, files and rubric; extend or cancel them, after a page that states the
consequences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import application_form as form
from console import uploads, working_copies
from console.access import signed_in
from console.api import path_of
from console.body_limits import takes_file
from console.formats import BEIJING
from console.forms import whole, words_of
from console.pages.papers import attached
from console.problems import FormErrors
from console.sending import answered, send, typed

blueprint = Blueprint("call_admin", __name__, url_prefix="/admin/calls")
ROWS = 50
_SECTION = form.Section(
    "call",
    ("title", "kind", "opens_on", "closes_on", "fields", "rubric", "min_reviewers", "places", "budget", "text", "contact"),
)
_CONTACT = ("name", "telephone", "address", "email")
#: The form name and the subject under which the unsent text of a new call (its working copy) is stored.
FORM, NEW = "call", "new"


@blueprint.get("")
@signed_in("officer", "chief", "auditor")
def listed() -> str:
    """List all calls."""
    page = g.api.get("/calls", limit=ROWS, cursor=request.args.get("cursor"), status=request.args.get("status"))
    return render_template("calls/list.html", page=page, status=request.args.get("status", ""))


@blueprint.get("/new")
@signed_in("officer", "chief")
def new() -> str:
    """Show the form of a new call, with the text that the account typed earlier and has not sent (its working copy)."""
    copy = working_copies.read(g.api, FORM, NEW, _typed())
    return _form(copy.values if copy else {"rubric": [{}], "min_reviewers": "5"})


@blueprint.post("/new")
@signed_in("officer", "chief")
def create() -> AnyResponse:
    """Handle the form's buttons: add or remove a list entry, store the typed text, or publish the call."""
    values, action = _typed(), request.form.get("do", "send")
    form.act(values, action)
    working_copies.keep(g.api, FORM, NEW, values, None)
    if action != "send":
        return redirect(url_for("call_admin.new", _anchor="last" if ":" in action else None), 303)
    renamed = {"/opens_at": "/opens_on", "/closes_at": "/closes_on"}
    new_call, errors = answered("POST", "/calls", _body(values), fields=_names(values), renamed=renamed)
    if errors:
        return Response(_form(values, errors), errors.status)
    working_copies.drop(g.api, FORM, NEW)
    return redirect(url_for("call_admin.show", id=new_call["id"], done="announced"), 303)


@blueprint.post("/new/keep")
@signed_in("officer", "chief")
def keep() -> Response:
    """Store the typed text as a working copy (what the account typed and has not sent)."""
    working_copies.keep(g.api, FORM, NEW, _typed(), None)
    return Response(status=204)


@blueprint.get("/<id>")
@signed_in("officer", "chief", "auditor")
def show(id: str) -> str:
    """Show one call with its files and, to officials of the province, the actions that they may take."""
    return _shown(id)


@blueprint.post("/<id>/change")
@signed_in("officer", "chief")
def change(id: str) -> AnyResponse:
    """Change the contact and, until the call opens, its title, text and fields."""
    contact = typed(*(f"contact/{name}" for name in _CONTACT))
    change_body: dict[str, Any] = {"contact": {name: contact[f"contact/{name}"] for name in _CONTACT}}
    if "/title" in request.form:
        change_body |= typed("title", "text") | {"fields": words_of(request.form.get("/fields"))}
    names = {"/title", "/text", "/fields", *(f"/contact/{name}" for name in _CONTACT)}
    return _done(id, send("PATCH", path_of("calls", id), change_body, fields=names, if_match=request.form.get("etag")), "changed")


@blueprint.post("/<id>/file")
@signed_in("officer", "chief")
@takes_file(uploads.LARGEST)
def attach(id: str) -> AnyResponse:
    """Attach a file, which every visitor can read beside the text."""
    _, errors = attached(f"call/{id}", "call_file")
    return _done(id, errors, "attached")


@blueprint.post("/<id>/extension")
@signed_in("officer", "chief")
def extend(id: str) -> AnyResponse:
    """Set a later last day of the call, after a page that states the consequences."""
    if not request.form.get("sure"):
        return Response(_confirm(id, "extend"))
    body = {"closes_at": _end_of(request.form.get("/closes_on", ""))}
    renamed = {"/closes_at": "/closes_on"}
    return _done(id, send("PATCH", path_of("calls", id), body, renamed=renamed, if_match=request.form.get("etag")), "extended")


@blueprint.post("/<id>/cancellation")
@signed_in("officer", "chief")
def cancel(id: str) -> AnyResponse:
    """Cancel the call, after a page that states the consequences; its applications are withdrawn."""
    if not request.form.get("sure"):
        return Response(_confirm(id, "cancel"))
    body = {"reason": request.form.get("/reason", "").strip()}
    return _done(id, send("POST", path_of("calls", id, "cancellation"), body, fields=("/reason",)), "cancelled")


def _confirm(id: str, act: str) -> str:
    """Render the page that states the consequences of an extension or a cancellation. The template gets as `cases` the
    number of the call's applications that have reached the province."""
    cases = g.api.get("/applications", call=id, limit=1)["total"] if act == "cancel" else 0
    return render_template("calls/confirm.html", call=g.api.get(path_of("calls", id)), act=act, cases=cases)


def _done(id: str, errors: FormErrors | None, what: str) -> AnyResponse:
    if errors:
        return Response(_shown(id, errors), errors.status)
    return redirect(url_for("call_admin.show", id=id, done=what), 303)


def _shown(id: str, errors: FormErrors | None = None) -> str:
    return render_template("calls/show.html", call=g.api.get(path_of("calls", id)), errors=errors)


def _typed() -> dict[str, Any]:
    values = form.read(request.form, _SECTION)
    lists = {name: request.form.getlist(name) for name in ("industry_bureaus", "attachments")}
    return values | lists | {"rubric": values["rubric"] or []}


def _body(values: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a new call. It opens at the start of its first day and closes at the end of its last one, in Beijing
    time."""
    fields = ("title", "kind", "places", "budget", "text", "min_reviewers")
    body = {name: values[name] for name in fields if values[name]}
    body |= {"opens_at": _start_of(values["opens_on"]), "closes_at": _end_of(values["closes_on"])}
    body |= {"fields": words_of(values["fields"]), **{name: values[name] for name in ("industry_bureaus", "attachments")}}
    body |= {name: whole(body[name]) for name in ("places", "min_reviewers") if name in body}
    rubric = [criterion for criterion in values["rubric"] if any(criterion.values())]
    body["rubric"] = [criterion | {name: whole(criterion.get(name)) for name in ("weight", "max")} for criterion in rubric]
    if any((values["contact"] or {}).values()):
        body["contact"] = values["contact"]
    return body


def _start_of(day: str | None) -> str | None:
    return f"{day}T00:00:00+08:00" if day else None


def _end_of(day: str | None) -> str | None:
    """Return the last instant of a day in Beijing. A text that is no day is returned unchanged, so that the API refuses it with
    its own message."""
    try:
        first = datetime.fromisoformat(day or "").replace(tzinfo=BEIJING)
    except ValueError:
        return day or None
    return first.replace(hour=23, minute=59, second=59).isoformat()


def _names(values: dict[str, Any]) -> set[str]:
    names = {f"/{name}" for name in (*_SECTION.members, "industry_bureaus", "attachments")}
    names |= {f"/contact/{name}" for name in _CONTACT}
    return names | {
        f"/rubric/{index}/{name}" for index in range(len(values["rubric"])) for name in ("criterion", "weight", "max")
    }


def _form(values: dict[str, Any], errors: FormErrors | None = None) -> str:
    return render_template("calls/form.html", values=values, errors=errors)
