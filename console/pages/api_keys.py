"""Keys with which programs of portals, bureaus and organisations use the API. The operator creates keys, each of which is shown
once only, and can revoke them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.problems import FormErrors
from console.sending import answered, typed

blueprint = Blueprint("api_keys", __name__, url_prefix="/api-keys")
ROWS = 50
_FIELDS = ("account", "name")
_NAMES = {f"/{name}" for name in (*_FIELDS, "scopes", "expires_at")}


@blueprint.get("")
@signed_in("operator")
def listed() -> str:
    """List the keys (if an account is named, only its keys), with the form for a new key."""
    return _page()


@blueprint.post("")
@signed_in("operator")
def create() -> AnyResponse:
    """Create a key and show it, once only: the platform stores only the key's digest."""
    day = request.form.get("/expires_at", "").strip()
    body: dict[str, Any] = typed(*_FIELDS) | {"scopes": request.form.getlist("scope")}
    body["expires_at"] = f"{day}T23:59:59+08:00" if day else None
    new_key, errors = answered("POST", "/api-keys", body, fields=_NAMES)
    return Response(_page(errors=errors), errors.status) if errors else Response(_page(new_key=new_key))


@blueprint.post("/<id>/revocation")
@signed_in("operator")
def revoke(id: str) -> AnyResponse:
    """Revoke a key with immediate effect."""
    g.api.delete(path_of("api-keys", id))
    return redirect(url_for("api_keys.listed", done=1), 303)


def _page(new_key: Any = None, errors: FormErrors | None = None) -> str:
    account = request.args.get("account", "").strip()
    page = g.api.get("/api-keys", limit=ROWS, cursor=request.args.get("cursor"), account=account)
    return render_template("operations/api_keys.html", page=page, account_wanted=account, made=new_key, errors=errors)
