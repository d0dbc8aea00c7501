"""The pages on which the operator manages accounts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.problems import FormErrors
from console.sending import send, typed

blueprint = Blueprint("operations", __name__, url_prefix="/operations")
ROWS = 50
_FIELDS = ("username", "password", "name", "bureau", "organisation", "phone", "email")


@blueprint.get("/accounts")
@signed_in("operator")
def accounts() -> str:
    """List all accounts or, if a bureau or organisation is chosen, only its accounts."""
    filters = {name: request.args.get(name, "").strip() for name in ("bureau", "organisation")}
    page = g.api.get("/accounts", limit=ROWS, cursor=request.args.get("cursor"), **filters)
    return render_template("operations/accounts.html", page=page, wanted=filters)


@blueprint.route("/accounts/new", methods=["GET", "POST"])
@signed_in("operator")
def new_account() -> Any:
    """Create an account."""
    if request.method == "GET":
        return render_template("operations/account_form.html", errors=None)
    body: dict[str, Any] = {
        **typed(*_FIELDS),
        "password": request.form.get("/password", ""),
        "roles": request.form.getlist("role"),
    }
    errors = send("POST", "/accounts", body, fields={f"/{name}" for name in (*_FIELDS, "roles")})
    if errors:
        return Response(render_template("operations/account_form.html", errors=errors), errors.status)
    return redirect(url_for("operations.account", id=body["username"], done=1), 303)


@blueprint.get("/accounts/<id>")
@signed_in("operator")
def account(id: str) -> str:
    """Show one account."""
    return _account(id)


@blueprint.post("/accounts/<id>")
@signed_in("operator")
def change_account(id: str) -> AnyResponse:
    """Close the account or open it again, set a new password, or remove the account's second factor."""
    action = request.form.get("do")
    if action == "second_factor":
        return _done(id, send("DELETE", path_of("accounts", id, "second-factor")))
    change: dict[str, Any] = (
        {"active": action == "open"} if action in ("close", "open") else {"password": request.form.get("/password", "")}
    )
    return _done(id, send("PATCH", path_of("accounts", id), change, fields=("/password",)))


def _done(id: str, errors: FormErrors | None) -> AnyResponse:
    return (
        Response(_account(id, errors), errors.status) if errors else redirect(url_for("operations.account", id=id, done=1), 303)
    )


def _account(id: str, errors: FormErrors | None = None) -> str:
    return render_template("operations/account.html", one=g.api.get(path_of("accounts", id)), errors=errors)
