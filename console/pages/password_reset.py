"""A forgotten password: the reader requests a link by e-mail and sets a new password with it, which ends every session."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for

from console.access import public
from console.problems import FormErrors, Problem
from console.sending import send

blueprint = Blueprint("password_reset", __name__, url_prefix="/login")


@blueprint.route("/forgotten", methods=["GET", "POST"])
@public
def ask() -> Any:
    """Request the link by e-mail. The answer is the same for every name, so that it does not reveal which accounts exist."""
    if request.method == "GET":
        return render_template("sign_in/forgotten.html", errors=None, minutes=None)
    try:
        answer = g.api.post("/auth/password-reset", {"username": request.form.get("/username", "").strip()}).data
    except Problem as problem:
        if problem.status not in (422, 429):
            raise
        errors = FormErrors.of(problem, {"/username"})
        return Response(render_template("sign_in/forgotten.html", errors=errors, minutes=None), problem.status)
    return render_template("sign_in/forgotten.html", errors=None, minutes=answer["minutes"])


@blueprint.route("/reset", methods=["GET", "POST"])
@public
def confirm() -> Any:
    """Set the new password with the link from the e-mail."""
    token, errors = request.values.get("token", ""), None
    if request.method == "POST":
        body = {"token": token, "password": request.form.get("/password", "")}
        errors = send("POST", "/auth/password-reset/confirmation", body, fields=("/password",))
        if errors is None:
            return redirect(url_for("sign_in.form", reset=1), 303)
    page = render_template("sign_in/reset.html", token=token, errors=errors)
    return Response(page, errors.status if errors else 200)
