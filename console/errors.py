"""Error pages: what happened in words, and what the reader can do next. Nothing that was typed is lost."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from console.context import console, keep_session
from console.labels import labels
from console.problems import Problem

log = logging.getLogger(__name__)

#: Fields of a form that are the console's own and not the reader's words.
OWN_FIELDS = ("csrf", "idempotency_key")


def register(app: Flask) -> None:
    """Show every refusal and every failure as a page."""
    app.register_error_handler(Problem, _of_problem)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_failure)


def _of_problem(problem: Problem) -> AnyResponse:
    if problem.status == 401 or (problem.code == "stale_form" and g.ended):
        return _log_in_again()
    return _page(problem.status, problem.code, problem.detail, problem.retry_after)


def _log_in_again() -> AnyResponse:
    """The session is over. A form that was being sent goes along, sealed, and is sent after the login by the same account."""
    whose = g.session or g.ended
    if request.headers.get("X-CSRF"):
        return Response(status=401)  # a script asked: its page shows the dialog and keeps what was typed
    keep_session(None)
    if request.method == "GET":
        return redirect(url_for("sign_in.form", next=request.full_path.rstrip("?"), ended=1), 303)
    fields = [[name, value] for name, value in request.form.items(multi=True) if name not in OWN_FIELDS]
    kept = {"path": request.path, "fields": fields, "username": whose.account["username"] if whose else None}
    page = render_template(
        "sign_in/form.html", resume=console().sealer.seal("resume", kept), ended=True, next="", errors=None, accounts={}
    )
    return Response(page, 401)


def refusal(status: int, code: str, retry_after: int | None = None) -> AnyResponse:
    """The page of a refusal by whoever runs the console, such as a server that is too busy."""
    return _page(status, code, "", retry_after)


def _of_http(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    return _page(error.code, "", "")


def _of_failure(error: Exception) -> AnyResponse:
    log.exception("the page %s failed", request.path, exc_info=error)
    return _page(500, "", "")


def _page(status: int, code: str, detail: str, retry_after: int | None = None) -> AnyResponse:
    """A label `problem.<code>` words the console's own refusals; the API words its own; the status words the rest."""
    key = next((key for key in (f"problem.{code}", f"problem.s{status}") if f"{key}.title" in labels()), "problem.s500")
    page = render_template("error.html", key=key, detail=detail, status=status, retry_after=retry_after)
    response = Response(page, status)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response
