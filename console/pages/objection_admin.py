"""The province's work on objections to recognitions and to grades: an officer records objections that arrive in writing, and
answers objections with the same content together; an answer that upholds an objection must be confirmed by another person, a
chief."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import uploads
from console.access import signed_in
from console.api import path_of
from console.body_limits import takes_file
from console.pages.papers import attached
from console.problems import FormErrors
from console.sending import send, typed

blueprint = Blueprint("objection_admin", __name__, url_prefix="/admin")
READERS = ("officer", "chief", "auditor")
_GRADE = "/grade-objections/<evaluation>/<consortium>"


@dataclass(frozen=True, slots=True)
class Matter:
    """The recognition or the grade to which objections are made: its API path, the endpoint and the ids of its pages, and the
    subject under which the letters with written objections are stored."""

    path: str
    endpoint: str
    ids: dict[str, Any]
    letters: str

    def url(self, act: str = "", **more: Any) -> str:
        """Return the address of the page, or of the form for the action `act`."""
        return url_for(f"objection_admin.{self.endpoint}{act}", **self.ids, **more)


def _recognition(id: str) -> Matter:
    return Matter(path_of("applications", id), "show", {"id": id}, f"application/{id}")


def _grade(evaluation: str, consortium: str) -> Matter:
    path = path_of("evaluations", evaluation, "participants", consortium)
    return Matter(path, "grade", {"evaluation": evaluation, "consortium": consortium}, f"consortium/{consortium}")


@blueprint.get("/objections/<id>")
@signed_in(*READERS)
def show(id: str) -> str:
    """Show the objections to one recognition and their answers."""
    return _page(_recognition(id))


@blueprint.get(_GRADE)
@signed_in(*READERS)
def grade(evaluation: str, consortium: str) -> str:
    """Show the objections to one grade and their answers."""
    return _page(_grade(evaluation, consortium))


@blueprint.post("/objections/<id>/answer")
@signed_in("officer", "chief")
def show_answer(id: str) -> AnyResponse:
    """Answer the chosen objections to a recognition together."""
    return _answered(_recognition(id))


@blueprint.post(f"{_GRADE}/answer")
@signed_in("officer", "chief")
def grade_answer(evaluation: str, consortium: str) -> AnyResponse:
    """Answer the chosen objections to a grade together."""
    return _answered(_grade(evaluation, consortium))


@blueprint.post("/objections/<id>/<objection>/confirmation")
@signed_in("chief")
def show_confirm(id: str, objection: str) -> AnyResponse:
    """Confirm exactly the answer that the page showed."""
    return _confirmed(_recognition(id), objection)


@blueprint.post(f"{_GRADE}/<objection>/confirmation")
@signed_in("chief")
def grade_confirm(evaluation: str, consortium: str, objection: str) -> AnyResponse:
    """Confirm exactly the answer that the page showed."""
    return _confirmed(_grade(evaluation, consortium), objection)


@blueprint.post("/objections/<id>/written")
@signed_in("officer", "chief")
@takes_file(uploads.LARGEST)
def show_record(id: str) -> AnyResponse:
    """Record a written objection to a recognition."""
    return _recorded(_recognition(id))


@blueprint.post(f"{_GRADE}/written")
@signed_in("officer", "chief")
@takes_file(uploads.LARGEST)
def grade_record(evaluation: str, consortium: str) -> AnyResponse:
    """Record a written objection to a grade."""
    return _recorded(_grade(evaluation, consortium))


def _answered(matter: Matter) -> AnyResponse:
    first, *also = request.form.getlist("objection") or ["-"]
    body = {"answer": request.form.get("/answer", "").strip(), "outcome": request.form.get("/outcome") or None, "also": also}
    path = f"{matter.path}{path_of('objections', first, 'answer')}"
    errors = send("POST", path, body, fields=("/answer", "/outcome"))
    return Response(_page(matter, errors), errors.status) if errors else redirect(matter.url(done="answered"), 303)


def _confirmed(matter: Matter, objection: str) -> AnyResponse:
    path = f"{matter.path}{path_of('objections', objection, 'confirmation')}"
    errors = send("POST", path, if_match=request.form.get("etag"))
    return Response(_page(matter, errors), errors.status) if errors else redirect(matter.url(done="confirmed"), 303)


def _recorded(matter: Matter) -> AnyResponse:
    """Record a written objection. The letter is stored first: if the API then refuses the objection, the form names the stored
    letter and does not ask for the file again."""
    letter, errors = attached(matter.letters, "written_objection")
    if not errors:
        written = {
            "objector": {"name": request.form.get("/name", "").strip(), **typed("contact")},
            **typed("received_on"),
            "document": letter["id"],
        }
        body = {"reason": request.form.get("/written_reason", "").strip(), "written": written}
        renamed = {
            "/reason": "/written_reason",
            "/written/objector/name": "/name",
            "/written/objector/contact": "/contact",
            "/written/received_on": "/received_on",
            "/written/document": "/file",
        }
        errors = send("POST", f"{matter.path}/objections", body, renamed=renamed)
    return Response(_page(matter, errors, letter), errors.status) if errors else redirect(matter.url(done="recorded"), 303)


def _page(matter: Matter, errors: FormErrors | None = None, letter: dict[str, Any] | None = None) -> str:
    about = g.api.get(matter.path)
    items = g.api.get(f"{matter.path}/objections")["items"]
    return render_template(
        "objection_admin/show.html", matter=matter, about=about, items=items, errors=errors, letter=letter or {}
    )
