"""The province's calls: announced, extended, cancelled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import application_form as form
from console import working_copies
from console.access import signed_in
from console.api import path_of
from console.formats import BEIJING
from console.forms import whole
from console.problems import FormErrors, Problem

blueprint = Blueprint("call_admin", __name__, url_prefix="/admin/calls")
ROWS = 50
_SECTION = form.Section(
    "call",
    ("title", "kind", "opens_on", "closes_on", "fields", "rubric", "min_reviewers", "places", "budget", "text", "contact"),
)
#: The working copy of a call that is being written.
FORM, NEW = "call", "new"


@blueprint.get("")
@signed_in("officer", "chief", "auditor")
def listed() -> str:
    """All calls with what can be done about each."""
    page = g.api.get("/calls", limit=ROWS, cursor=request.args.get("cursor"), status=request.args.get("status"))
    return render_template("calls/list.html", page=page, status=request.args.get("status", ""))


@blueprint.get("/new")
@signed_in("officer", "chief")
def new() -> str:
    """The form of a new call, with what was typed before."""
    copy = working_copies.read(g.api, FORM, NEW)
    return _form(copy.values if copy else {"rubric": [{}], "min_reviewers": "5"})


@blueprint.post("/new")
@signed_in("officer", "chief")
def create() -> AnyResponse:
    """Every button of the form; announcing sends it."""
    values, action = form.read(request.form, _SECTION), request.form.get("do", "send")
    values["rubric"] = values["rubric"] or []
    form.act(values, action)
    working_copies.keep(g.api, FORM, NEW, values, None)
    if action != "send":
        return redirect(url_for("call_admin.new", _anchor="last"), 303)
    try:
        answer = g.api.post("/calls", _body(values), idempotency_key=request.form.get("idempotency_key"))
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return Response(_form(values, _errors(problem, values)), problem.status)
    working_copies.drop(g.api, FORM, NEW)
    return redirect(url_for("call_admin.show", id=answer.data["id"], done="announced"), 303)


@blueprint.post("/new/keep")
@signed_in("officer", "chief")
def keep() -> Response:
    """Keep what is being typed."""
    working_copies.keep(g.api, FORM, NEW, form.read(request.form, _SECTION), None)
    return Response(status=204)


@blueprint.get("/<id>")
@signed_in("officer", "chief", "auditor")
def show(id: str) -> str:
    """One call, with extending and cancelling."""
    return render_template("calls/show.html", call=g.api.get(path_of("calls", id)), errors=None)


@blueprint.post("/<id>/extension")
@signed_in("officer", "chief")
def extend(id: str) -> AnyResponse:
    """Give the call a later last day."""
    closes = _end_of(request.form.get("/closes_on", ""))
    return _changed(
        id, "extended", lambda: g.api.patch(path_of("calls", id), {"closes_at": closes}, if_match=request.form.get("etag"))
    )


@blueprint.post("/<id>/cancellation")
@signed_in("officer", "chief")
def cancel(id: str) -> AnyResponse:
    """Cancel the call; its applications are withdrawn."""
    body, key = {"reason": request.form.get("/reason", "").strip()}, request.form.get("idempotency_key")
    return _changed(id, "cancelled", lambda: g.api.post(path_of("calls", id, "cancellation"), body, idempotency_key=key))


def _changed(id: str, done: str, act: Any) -> AnyResponse:
    try:
        act()
    except Problem as problem:
        if problem.status not in (409, 412, 422):
            raise
        errors = FormErrors.of(problem, {"/reason"})
        return Response(render_template("calls/show.html", call=g.api.get(path_of("calls", id)), errors=errors), problem.status)
    return redirect(url_for("call_admin.show", id=id, done=done), 303)


def _body(values: dict[str, Any]) -> dict[str, Any]:
    """The body of a new call. It opens at the start of its first day and closes at the end of its last one, in Beijing."""
    named = ("title", "kind", "places", "budget", "text", "min_reviewers")
    body = {name: values[name] for name in named if values[name]}
    body |= {"opens_at": _start_of(values["opens_on"]), "closes_at": _end_of(values["closes_on"])}
    body |= {"fields": [one.strip() for one in (values["fields"] or "").replace("，", "、").split("、") if one.strip()]}
    body |= {name: whole(body[name]) for name in ("places", "min_reviewers") if name in body}
    rubric = [one for one in values["rubric"] if any(one.values())]
    body["rubric"] = [one | {name: whole(one.get(name)) for name in ("weight", "max")} for one in rubric]
    if any((values["contact"] or {}).values()):
        body["contact"] = values["contact"]
    return body


def _start_of(day: str | None) -> str | None:
    return f"{day}T00:00:00+08:00" if day else None


def _end_of(day: str | None) -> str | None:
    """The last instant of a day in Beijing, or the text as it is, which the API then refuses with its words."""
    try:
        first = datetime.fromisoformat(day or "").replace(tzinfo=BEIJING)
    except ValueError:
        return day or None
    return first.replace(hour=23, minute=59, second=59).isoformat()


def _errors(problem: Problem, values: dict[str, Any]) -> FormErrors:
    renamed = {"/opens_at": "/opens_on", "/closes_at": "/closes_on"}
    errors = [{"pointer": renamed.get(one.pointer, one.pointer), "message": one.message} for one in problem.errors]
    names = {f"/{name}" for name in _SECTION.members} | {f"/contact/{name}" for name in ("name", "telephone", "address", "email")}
    names |= {f"/rubric/{place}/{name}" for place in range(len(values["rubric"])) for name in ("criterion", "weight", "max")}
    return FormErrors.of(Problem(problem.status, problem.document | {"errors": errors}), names)


def _form(values: dict[str, Any], errors: FormErrors | None = None) -> str:
    return render_template("calls/form.html", values=values, errors=errors)
