"""Login and logout. The API's token is stored in the encrypted session and is never sent to the browser unencrypted."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import public, signed_in
from console.context import console, keep_session
from console.forms import safe_next
from console.interrupted_form import send_kept
from console.labels import translate
from console.login_page import begin, login_page
from console.problems import FormErrors, Problem

blueprint = Blueprint("sign_in", __name__)

NAMES = {"/username": "sign_in.username", "/password": "sign_in.password", "/code": "sign_in.code"}


@blueprint.get("/login")
@public
def form() -> Any:
    """Show the login page; on a demonstration platform, with the accounts of the demonstration."""
    if g.session:
        return redirect(safe_next(request.args.get("next")) or url_for("todo.show"), 303)
    return login_page(ended=bool(request.args.get("ended")))


@blueprint.post("/login")
@public
def enter() -> AnyResponse:
    """Log in with name, password and, if the account requires one, a code."""
    credentials = {"username": request.form.get("/username", ""), "password": request.form.get("/password", "")}
    code = request.form.get("/code", "").strip()
    try:
        answer = g.api.post("/auth/token", credentials | ({"code": code} if code else {})).data
    except Problem as problem:
        return _refused(problem, asked_code="/code" in request.form)
    return _welcome(answer)


@blueprint.post("/login/demonstration")
@public
def demonstrate() -> AnyResponse:
    """Log in as one of the demonstration accounts. The API offers this only on a demonstration platform, and only to a browser on
    the same machine."""
    return _welcome(g.api.post("/auth/demonstration", {"username": request.form.get("account", "")}).data)


@blueprint.post("/login/again")
@public
def again() -> AnyResponse:
    """Log in again from the dialog of a page whose session ended. The page stays open and gets the new session's CSRF secret.
    Only the account to which the page was shown can continue on it. If that account has logged in again in another window, the
    dialog's request contains no password."""
    credentials = {"username": request.form.get("/username", ""), "password": request.form.get("/password", "")}
    code = request.form.get("/code", "").strip()
    if console().sealer.owner_of(request.headers.get("X-CSRF", "")) != credentials["username"]:
        return _told(translate("sign_in.again.other", g.language), 409)
    if not credentials["password"]:
        if g.session is None or g.session.account["username"] != credentials["username"]:
            return _told(translate("sign_in.again.not_yet", g.language), 401)
        return jsonify({"csrf": g.session.csrf})
    try:
        answer = g.api.post("/auth/token", credentials | ({"code": code} if code else {})).data
    except Problem as problem:
        message = problem.errors[0].message if problem.errors else problem.detail
        return _told(message, problem.status, code_wanted=problem.code == "code_required")
    begin(answer)
    return jsonify({"csrf": g.session.csrf})


@blueprint.post("/login/resumption")
@public
def resume() -> AnyResponse:
    """Send the interrupted form after a login in another window."""
    if g.session is None:
        return login_page(ended=True, status=401)
    return send_kept(request.form.get("resume", ""))


@blueprint.post("/logout")
@signed_in()
def leave() -> AnyResponse:
    """End the session in the console and at the API. After a single sign-on the login page offers to log out at the identity
    provider too."""
    at_provider = g.session.account.get("sso")
    try:
        g.api.post("/auth/logout")
    except Problem as problem:
        if problem.status not in (401, 422):
            raise
    keep_session(None)
    response = redirect(url_for("sign_in.form", left=1) if at_provider else url_for("public.home"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.get("/session")
@signed_in()
def seen() -> Response:
    """Keep the session alive. A page sends this request when the reader chooses to stay logged in."""
    return Response(status=204)


def _refused(problem: Problem, *, asked_code: bool) -> AnyResponse:
    """Show the form again. If only the second factor's code is missing, the form gets a field for it. The password must then be
    typed again, because it is never sent back to a browser."""
    if problem.status not in (401, 422, 429):
        raise problem
    if problem.code == "code_required":
        return login_page(asked_code=True, status=200)
    response = login_page(FormErrors.of(problem, set(NAMES)), asked_code=asked_code, status=problem.status)
    if problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _told(message: str, status: int, **more: Any) -> AnyResponse:
    """Return a refusal for the dialog's script, in the reader's language."""
    answer = jsonify({"message": message, **more})
    answer.status_code = status
    return answer


def _welcome(answer: dict[str, Any]) -> AnyResponse:
    """Begin the session, then continue to the requested page, or send the interrupted form."""
    begin(answer)
    if request.form.get("resume"):
        return send_kept(request.form["resume"])
    return redirect(safe_next(request.form.get("next")) or url_for("todo.show"), 303)
