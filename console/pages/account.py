"""The pages of an account's own data: to-do list, messages, data, sessions, password, second factor."""

from __future__ import annotations

import io
import json
from typing import Any

import segno
from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.context import keep_session
from console.problems import FormErrors, Problem

blueprint = Blueprint("account", __name__)
ROWS = 50


@blueprint.get("/messages")
@signed_in()
def messages() -> str:
    unread = request.args.get("unread") == "yes"
    page = g.api.get("/notifications", limit=ROWS, cursor=request.args.get("cursor"), unread="true" if unread else None)
    return render_template("account/messages.html", page=page, unread=unread)


@blueprint.post("/messages/<id>/read")
@signed_in()
def read(id: str) -> AnyResponse:
    g.api.post(path_of("notifications", id, "read"))
    return redirect(url_for("account.messages"), 303)


@blueprint.get("/account")
@signed_in()
def show() -> str:
    """Show the account's own data, its open sessions, and whether its second factor is on."""
    return render_template("account/show.html", **_page_values())


@blueprint.post("/account/password")
@signed_in()
def change_password() -> AnyResponse:
    body = {"current": request.form.get("/current", ""), "new": request.form.get("/new", "")}
    try:
        g.api.put("/me/password", body)
    except Problem as problem:
        return _page_with_errors("password", problem, {"/current", "/new"})
    return redirect(url_for("account.show", done="password"), 303)


@blueprint.post("/account/contact")
@signed_in()
def change_contact() -> AnyResponse:
    """Change the e-mail address or telephone number; a code is sent to each new one."""
    body: dict[str, Any] = {"password": request.form.get("/password", "")}
    account = g.api.get("/me")
    for name in ("email", "phone"):
        new_value = request.form.get(f"/{name}", "").strip() or None
        if new_value != account[name]:
            body[name] = new_value
    try:
        g.api.call("PATCH", "/me", body=body)
    except Problem as problem:
        return _page_with_errors("contact", problem, {"/password", "/email", "/phone"})
    return redirect(url_for("account.show", done="contact"), 303)


@blueprint.post("/account/contact/confirmation")
@signed_in()
def confirm_contact() -> AnyResponse:
    """Confirm a new address with the code that was sent to it."""
    try:
        g.api.post("/me/contact-confirmation", {"code": request.form.get("/code", "")})
    except Problem as problem:
        return _page_with_errors("contact_code", problem, {"/code"})
    return redirect(url_for("account.show", done="confirmed"), 303)


@blueprint.post("/account/sessions/<id>/end")
@signed_in()
def end_session(id: str) -> AnyResponse:
    g.api.delete(path_of("me", "sessions", id))
    return redirect(url_for("account.show", done="session"), 303)


@blueprint.post("/account/sessions/end-others")
@signed_in()
def end_other_sessions() -> AnyResponse:
    g.api.delete("/me/sessions")
    return redirect(url_for("account.show", done="sessions"), 303)


@blueprint.post("/account/second-factor")
@signed_in()
def start_second_factor() -> AnyResponse:
    """Show the secret as a QR code, only once, with the field for the first code."""
    try:
        secret = g.api.post("/me/second-factor", {"password": request.form.get("/password", "")}).data
    except Problem as problem:
        return _page_with_errors("second_factor", problem, {"/password"})
    return Response(render_template("account/second_factor.html", secret=secret, code=_qr(secret["uri"]), errors=None))


@blueprint.post("/account/second-factor/confirmation")
@signed_in()
def confirm_second_factor() -> AnyResponse:
    """Switch the second factor on; the recovery codes are shown once only."""
    try:
        codes = g.api.post("/me/second-factor/confirmation", {"code": request.form.get("/code", "")}).data
    except Problem as problem:
        return _page_with_errors("second_factor", problem, {"/code"})
    return Response(render_template("account/recovery_codes.html", codes=codes["recovery_codes"]))


@blueprint.post("/account/second-factor/removal")
@signed_in()
def remove_second_factor() -> AnyResponse:
    try:
        g.api.post("/me/second-factor/removal", {"password": request.form.get("/password", "")})
    except Problem as problem:
        return _page_with_errors("second_factor", problem, {"/password"})
    return redirect(url_for("account.show", done="second_factor"), 303)


@blueprint.get("/account/data")
@signed_in()
def data() -> Response:
    """Download all data that the platform stores about the person, as a file."""
    text = json.dumps(g.api.get("/me/data"), ensure_ascii=False, indent=2)
    return Response(text, content_type="application/json", headers={"Content-Disposition": 'attachment; filename="my-data.json"'})


@blueprint.get("/account/access-log")
@signed_in()
def access_log() -> str:
    page = g.api.get("/me/access-log", limit=ROWS, cursor=request.args.get("cursor"))
    return render_template("account/access_log.html", page=page)


@blueprint.post("/account/erasure")
@signed_in()
def erase() -> AnyResponse:
    """Close the account permanently. The page before this step says what is lost."""
    try:
        g.api.post("/me/erasure", {"password": request.form.get("/password", "")})
    except Problem as problem:
        return _page_with_errors("erasure", problem, {"/password"})
    keep_session(None)
    return redirect(url_for("public.home"), 303)


@blueprint.route("/account/preferences", methods=["GET", "POST"])
@signed_in()
def preferences() -> Any:
    """Show and change the channels on which the account gets each kind of message."""
    if request.method == "POST":
        channels = {"email": "email" in request.form, "sms": "sms" in request.form}
        settings: dict[str, Any] = {"channels": channels, "digest": request.form.get("digest", "none")}
        g.api.put("/notification-preferences", g.api.get("/notification-preferences") | settings)
        return redirect(url_for("account.preferences", done="preferences"), 303)
    return render_template("account/preferences.html", preferences=g.api.get("/notification-preferences"))


def _page_values() -> dict[str, Any]:
    return {"own": g.api.get("/me"), "logins": g.api.get("/me/sessions")["items"], "errors": None, "form": None}


def _page_with_errors(form: str, problem: Problem, names: set[str]) -> AnyResponse:
    if problem.status not in (409, 422, 429):
        raise problem
    values = _page_values() | {"errors": FormErrors.of(problem, names), "form": form}
    return Response(render_template("account/show.html", **values), problem.status)


def _qr(uri: str) -> Markup:
    """Return a QR code as an SVG element without inline styles."""
    buffer = io.BytesIO()
    segno.make(uri, error="m").save(buffer, kind="svg", xmldecl=False, svgns=True, scale=5, border=2)
    return Markup(buffer.getvalue().decode())
