"""Error pages. They say what happened and what the reader can do next. The typed input is kept, so that the form can be sent
again."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from flask import Flask, Response, g, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from console.context import console, keep_session
from console.interrupted_form import SECRET, seal_form
from console.labels import labels
from console.login_page import login_page
from console.problems import Problem

log = logging.getLogger(__name__)

#: Statuses that may be temporary, so that the same request may succeed later.
TEMPORARY = (429, 500, 502, 503, 504)
#: HTTP status of a gateway or proxy that cannot reach the platform → the label with the text of the error page. All these
#: statuses use the text for 503.
AWAY = {502: "s503", 504: "s503"}
#: The largest form, in characters, whose fields an error page keeps.
MOST_KEPT = 512 * 1024


def register(app: Flask) -> None:
    """Make the application show every refusal and every failure as a page."""
    app.register_error_handler(Problem, _of_problem)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_failure)


def _of_problem(problem: Problem) -> AnyResponse:
    if problem.status == 401 or (problem.code == "stale_form" and g.ended):
        return _log_in_again()
    messages = [error.message for error in problem.errors]
    if problem.code == "stale_form" and _of_earlier_login():
        return _page(problem.status, "older_form", "")
    elsewhere = f"{console().settings.province_url}{request.full_path.rstrip('?')}" if problem.code == "at_the_province" else None
    return _page(problem.status, problem.code, problem.detail, problem.retry_after, messages, elsewhere)


def _of_earlier_login() -> bool:
    """Return whether this form was shown to the same account in an earlier session. It may then be sent again unchanged."""
    owner = console().sealer.owner_of(request.form.get("csrf", ""))
    return owner is not None and owner == g.session.account["username"] and bool(_kept_fields())


def _log_in_again() -> AnyResponse:
    """Return the login page, because the session has ended. A form that was being sent is kept, encrypted, in that page, and is
    sent after a login by the same account."""
    if request.headers.get("X-CSRF"):
        # A script of an open page sent the request: that page itself shows the login dialog and keeps the typed text.
        return Response(status=401)
    keep_session(None)
    if request.method == "GET":
        return redirect(url_for("sign_in.form", next=request.full_path.rstrip("?"), ended=1), 303)
    return login_page(ended=True, resume=seal_form(), next="", status=401)


def refusal(status: int, code: str, retry_after: int | None = None) -> AnyResponse:
    """Return the error page for a refusal by the server that runs the console, for example if it is too busy."""
    return _page(status, code, "", retry_after)


def _of_http(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    return _page(error.code, "", "")


def _of_failure(error: Exception) -> AnyResponse:
    log.exception("the page %s failed", request.path, exc_info=error)
    return _page(500, "", "")


def _page(
    status: int,
    code: str,
    detail: str,
    retry_after: int | None = None,
    messages: Iterable[str] = (),
    elsewhere: str | None = None,
) -> AnyResponse:
    """Return an error page. `messages` describe the mistakes in the sent data, for which this page has no fields. `elsewhere` is
    the requested page's address at the province's platform, if that platform has the page. The text is the label `problem.<code>`
    if the console itself refused, the API's `detail` if the API refused, otherwise the label of the status."""
    g.problem = code
    names = (f"problem.{code}", f"problem.{AWAY.get(status, f's{status}')}")
    key = next((key for key in names if f"{key}.title" in labels()), "problem.s500" if status >= 500 else "problem.s400")
    fields_kept = _kept_fields() if request.method == "POST" and (status in TEMPORARY or code == "older_form") else []
    can_retry = status in TEMPORARY and request.method == "GET" and not code.startswith("at_the_")
    # The mistake may be in the query (a filter, a cursor or an id), so the page offers a link to the same address without its
    # query.
    path_without_query = request.path if status == 422 and request.method == "GET" and request.query_string else None
    page = render_template(
        "error.html",
        key=key,
        detail=detail,
        messages=[message for message in messages if message != detail],
        retry_after=retry_after,
        kept=fields_kept,
        again=can_retry,
        bare=path_without_query,
        elsewhere=elsewhere if request.method == "GET" else None,
    )
    response = Response(page, status)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _kept_fields() -> list[tuple[str, str]]:
    """Return the fields of the form that was being sent, with its Idempotency-Key, so that it can be sent again unchanged. The
    list is empty if a field is secret, if the form is longer than `MOST_KEPT`, or if it contained a file, which must be chosen
    again on the form's own page."""
    try:
        fields = list(request.form.items(multi=True))
        if request.files or any(secret in name for name, _ in fields for secret in SECRET):
            return []
    except HTTPException:
        return []
    if sum(len(name) + len(value) for name, value in fields) > MOST_KEPT:
        return []
    csrf = [("csrf", g.session.csrf)] if g.session else []
    return csrf + [(name, value) for name, value in fields if name != "csrf"]
