"""The login page, and the session that a login begins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, g, render_template, request

from console.api import Api, path_of
from console.context import console, keep_session
from console.problems import FormErrors, Problem


def login_page(
    errors: FormErrors | None = None,
    *,
    ended: bool = False,
    asked_code: bool = False,
    resume: str | None = None,
    next: str | None = None,
    status: int = 200,
) -> Response:
    """Return the login page with every method of login that the platform offers. `ended`: a session has just ended. `resume` is
    the encrypted form that is sent after the login."""
    methods = _methods()
    page = render_template(
        "sign_in/form.html",
        errors=errors,
        ended=ended,
        asked_code=asked_code,
        username=request.form.get("/username", ""),
        resume=request.form.get("resume", "") if resume is None else resume,
        next=request.values.get("next", "") if next is None else next,
        accounts=_by_role(methods.get("accounts", [])),
        sso="client_id" in (methods.get("sso") or {}),
        left=request.args.get("left"),
    )
    return Response(page, status)


def begin(answer: dict[str, Any], *, sso: bool = False) -> None:
    """Begin a session with a token of the API and the account data that pages show. `sso`: the identity provider confirmed the
    login, and the browser is still logged in there."""
    token, seconds = answer["access_token"], answer["expires_in"]
    api = replace(g.api, token=token)  # The session begins after these calls: if one fails, the reader is not logged in.
    account = api.get("/me")
    names = ("username", "name", "roles", "bureau", "organisation", "acting_for")
    summary = {name: account[name] for name in names} | {"unit": _unit(api, account), "may_sign": _may_sign(account)}
    keep_session(console().sealer.begin_session(token, seconds, summary | ({"sso": True} if sso else {})))


def _by_role(accounts: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the demonstration accounts grouped by their first role, in the API's order."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for account in accounts:
        groups.setdefault(account["roles"][0], []).append(account)
    return groups


def _methods() -> dict[str, Any]:
    try:
        return dict(g.api.get("/auth/methods"))
    except Problem:
        return {}


def _may_sign(account: dict[str, Any]) -> bool:
    return not account["delegation"] or bool(account["delegation"]["may_sign"])


def _unit(api: Api, account: dict[str, Any]) -> str:
    """Return the name of the account's bureau or organisation, which the top bar shows."""
    if account["bureau"]:
        return console().vocabulary.of(api)["bureau"].get(account["bureau"], "")
    if account["organisation"]:
        try:
            return str(api.get(path_of("organisations", account["organisation"]))["name"])
        except Problem:
            return ""
    return ""
