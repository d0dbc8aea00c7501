"""The operator's pages: accounts, webhooks and their deliveries, letters that failed."""

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
    """Accounts, of one bureau or organisation where one is chosen."""
    wanted = {name: request.args.get(name, "").strip() for name in ("bureau", "organisation")}
    page = g.api.get("/accounts", limit=ROWS, cursor=request.args.get("cursor"), **wanted)
    return render_template("operations/accounts.html", page=page, wanted=wanted)


@blueprint.route("/accounts/new", methods=["GET", "POST"])
@signed_in("operator")
def new_account() -> Any:
    """Make an account."""
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
    """One account."""
    return _account(id)


@blueprint.post("/accounts/<id>")
@signed_in("operator")
def change_account(id: str) -> AnyResponse:
    """Close it or open it again, give a new password, or take the second factor off."""
    do = request.form.get("do")
    if do == "second_factor":
        return _done(id, send("DELETE", path_of("accounts", id, "second-factor")))
    change: dict[str, Any] = (
        {"active": do == "open"} if do in ("close", "open") else {"password": request.form.get("/password", "")}
    )
    return _done(id, send("PATCH", path_of("accounts", id), change, fields=("/password",)))


@blueprint.get("/webhooks")
@signed_in("operator")
def webhooks() -> str:
    """Every webhook and how it stands."""
    return render_template("operations/webhooks.html", page=g.api.get("/webhooks", limit=ROWS, cursor=request.args.get("cursor")))


@blueprint.get("/webhooks/<id>")
@signed_in("operator")
def webhook(id: str) -> str:
    """One webhook with its last deliveries."""
    state = request.args.get("state")
    found = g.api.get(path_of("webhooks", id))
    deliveries = g.api.get(path_of("webhooks", id, "deliveries"), limit=ROWS, cursor=request.args.get("cursor"), state=state)
    return render_template("operations/webhook.html", webhook=found, page=deliveries, state=state)


@blueprint.get("/letters")
@signed_in("operator")
def letters() -> str:
    """E-mails and SMS by state; those that failed by default."""
    state = request.args.get("state", "failed")
    page = g.api.get("/letters", limit=ROWS, cursor=request.args.get("cursor"), state=state)
    return render_template("operations/letters.html", page=page, state=state)


@blueprint.post("/letters/<id>/retry")
@signed_in("operator")
def retry(id: str) -> AnyResponse:
    """Send a failed letter again."""
    g.api.post(path_of("letters", id, "retry"), idempotency_key=request.form.get("idempotency_key"))
    return redirect(url_for("operations.letters", done=1), 303)


def _done(id: str, errors: FormErrors | None) -> AnyResponse:
    return (
        Response(_account(id, errors), errors.status) if errors else redirect(url_for("operations.account", id=id, done=1), 303)
    )


def _account(id: str, errors: FormErrors | None = None) -> str:
    return render_template("operations/account.html", one=g.api.get(path_of("accounts", id)), errors=errors)
