"""Login and logout. The API's token is stored in the encrypted session and is never sent to the browser in clear."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, redirect, render_template, request, url_for
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response as AnyResponse

from console import security
from console.access import public, signed_in
from console.api import path_of
from console.context import console, keep_session
from console.forms import safe_next
from console.labels import translate
from console.problems import FormErrors, Problem
from console.session import Session

blueprint = Blueprint("sign_in", __name__)

NAMES = {"/username": "sign_in.username", "/password": "sign_in.password", "/code": "sign_in.code"}


@blueprint.get("/login")
@public
def form() -> Any:
    """Show the login page; in a demonstration with its accounts."""
    if g.session:
        return redirect(safe_next(request.args.get("next")) or url_for("todo.show"), 303)
    return _form(ended=bool(request.args.get("ended")))


@blueprint.post("/login")
@public
def enter() -> AnyResponse:
    """Log in with name, password and, if the account requires one, a code."""
    sent = {"username": request.form.get("/username", ""), "password": request.form.get("/password", "")}
    code = request.form.get("/code", "").strip()
    try:
        answer = g.api.post("/auth/token", sent | ({"code": code} if code else {})).data
    except Problem as problem:
        return _refused(problem, asked_code="/code" in request.form)
    return _welcome(answer)


@blueprint.post("/login/demonstration")
@public
def demonstrate() -> AnyResponse:
    """Log in as one of the demonstration accounts. The API offers this only on a demonstration platform, and only to its own
    machine."""
    return _welcome(g.api.post("/auth/demonstration", {"username": request.form.get("account", "")}).data)


@blueprint.post("/login/again")
@public
def again() -> AnyResponse:
    """Log in again from the dialog on a page whose session has ended. The page stays open and gets the new session's CSRF secret.
    Only the account that opened the page can continue on it."""
    sent = {"username": request.form.get("/username", ""), "password": request.form.get("/password", "")}
    code = request.form.get("/code", "").strip()
    whose = g.session or g.ended
    if whose and whose.account["username"] != sent["username"]:
        return _told(translate("sign_in.again.other", g.language), 409)
    try:
        answer = g.api.post("/auth/token", sent | ({"code": code} if code else {})).data
    except Problem as problem:
        message = problem.errors[0].message if problem.errors else problem.detail
        return _told(message, problem.status, code_wanted=problem.code == "code_required")
    _begin(answer)
    return jsonify({"csrf": g.session.csrf})


@blueprint.post("/logout")
@signed_in()
def leave() -> AnyResponse:
    """End the session in the console and at the API."""
    try:
        g.api.post("/auth/logout")
    except Problem as problem:
        if problem.status not in (401, 422):
            raise
    keep_session(None)
    response = redirect(url_for("public.home"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.get("/session")
@signed_in()
def seen() -> Response:
    """Keep the session alive. The page sends this request if the reader chose to stay logged in."""
    return Response(status=204)


def _form(errors: FormErrors | None = None, *, ended: bool = False, asked_code: bool = False, status: int = 200) -> AnyResponse:
    methods = _methods()
    page = render_template(
        "sign_in/form.html",
        errors=errors,
        ended=ended,
        asked_code=asked_code,
        username=request.form.get("/username", ""),
        resume=request.form.get("resume", ""),
        next=request.values.get("next", ""),
        names=NAMES,
        accounts=_by_role(methods.get("accounts", [])),
        sso=bool(methods.get("sso")),
    )
    return Response(page, status)


def _by_role(accounts: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Group the demonstration accounts by their first role, in the API's order."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for account in accounts:
        groups.setdefault(account["roles"][0], []).append(account)
    return groups


def _methods() -> dict[str, Any]:
    try:
        return dict(g.api.get("/auth/methods"))
    except Problem:
        return {}


def _refused(problem: Problem, *, asked_code: bool) -> AnyResponse:
    """Show the form again. If only the code is missing, the form gets a field for it. The password must then be typed again,
    because it is never sent back to a browser."""
    if problem.status not in (401, 422, 429):
        raise problem
    if problem.code == "code_required":
        return _form(asked_code=True, status=200)
    response = _form(FormErrors.of(problem, set(NAMES)), asked_code=asked_code, status=problem.status)
    if problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _told(message: str, status: int, **more: Any) -> AnyResponse:
    """Return a refusal for the dialog's script, in the reader's language."""
    answer = jsonify({"message": message, **more})
    answer.status_code = status
    return answer


def _begin(answer: dict[str, Any]) -> None:
    """Begin a session with the token and the account data that pages show."""
    keep_session(Session.begin(answer["access_token"], answer["expires_in"], {}))
    account = g.api.get("/me")
    names = ("username", "name", "roles", "bureau", "organisation", "acting_for")
    summary = {name: account[name] for name in names} | {"unit": _unit(account), "may_sign": _may_sign(account)}
    keep_session(Session.begin(answer["access_token"], answer["expires_in"], summary))


def _welcome(answer: dict[str, Any]) -> AnyResponse:
    """Begin the session, then continue to the requested page, or send the interrupted form."""
    _begin(answer)
    if request.form.get("resume"):
        return _resumed(request.form["resume"])
    return redirect(safe_next(request.form.get("next")) or url_for("todo.show"), 303)


def _may_sign(account: dict[str, Any]) -> bool:
    return not account["delegation"] or bool(account["delegation"]["may_sign"])


def _unit(account: dict[str, Any]) -> str:
    """Return the name of the account's bureau or organisation, for the top bar."""
    if account["bureau"]:
        return console().vocabulary.of(g.api)["bureau"].get(account["bureau"], "")
    if account["organisation"]:
        try:
            return str(g.api.get(path_of("organisations", account["organisation"]))["name"])
        except Problem:
            return ""
    return ""


def _resumed(sealed: str) -> AnyResponse:
    """Send the interrupted form in the new session if it belongs to the same account; otherwise drop its fields."""
    kept = console().sealer.open("resume", sealed)
    session: Session = g.session
    if not kept or kept["username"] not in (None, session.account["username"]):
        return redirect(url_for("todo.show"), 303)
    fields: dict[str, list[str]] = {}
    for name, value in kept["fields"]:
        fields.setdefault(name, []).append(value)
    fields["csrf"] = [session.csrf]
    cookie = f"{security.cookie_name()}={console().sealer.seal_session(session)}; lang={g.language}"
    headers = [("Cookie", cookie), ("Sec-Fetch-Site", "same-origin"), ("User-Agent", request.user_agent.string)]
    builder = EnvironBuilder(kept["path"], base_url=request.host_url, method="POST", data=fields, headers=headers)
    environ = builder.get_environ()
    environ["REMOTE_ADDR"] = request.remote_addr
    answer = Response.from_app(current_app.wsgi_app, environ)
    keep_session(session)  # The inner request changed `g`, so set the session again.
    return answer
