"""Login to a demonstration platform without a password. Only a browser on the same machine may use it."""

from __future__ import annotations

import json
from functools import cache
from ipaddress import ip_address

from flask import request

from gateway.context import gateway_context
from gateway.identity.seed import SeededAccount, cast
from services.contracts.gateway.answers import DemonstrationAccountDict
from services.kernel.errors import NotFound
from services.policy.bureaus import BUREAUS

#: Headers that show that a proxy is between the client and the gateway.
_PROXIED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


def is_offered() -> bool:
    """Return whether this client may use the demonstration accounts. GUICHUANG_SEED must be demo, and the request must come from
    the same machine, to a loopback name, without a proxy. The check of the name protects against DNS rebinding."""
    settings = gateway_context().settings
    if settings.seed != "demo" or int(settings.proxies) or any(name in request.headers for name in _PROXIED):
        return False
    host = request.host.rpartition(":")[0] if not request.host.endswith("]") and ":" in request.host else request.host
    return _is_loopback(request.remote_addr or "") and (host == "localhost" or _is_loopback(host.strip("[]")))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def accounts() -> list[DemonstrationAccountDict]:
    """Return the demonstration's accounts, each with the bureau or organisation for which it acts; empty if this client may not
    use them."""
    if not is_offered():
        return []
    names, organisations = _people_and_organisations()
    return [
        {
            "username": username,
            "name": names[username],
            "roles": entry["roles"],
            "bureau": entry["bureau"],
            "bureau_name": BUREAUS[entry["bureau"]].name.to_dict() if entry["bureau"] else None,
            "organisation": entry["organisation"],
            "organisation_name": organisations.get(entry["organisation"] or ""),
        }
        for username, entry in _seeded().items()
        if username in names
    ]


def password_of(username: str) -> str:
    """Return the password that the demonstration's seed gave an account. Raises NotFound if the account is not one of the
    demonstration's accounts, or if this client may not use them."""
    entry = _seeded().get(username) if is_offered() else None
    if entry is None:
        raise NotFound("no_demonstration", "没有这个演示账号。", "There is no such demonstration account.")
    return entry["password"]


def _seeded() -> dict[str, SeededAccount]:
    path = gateway_context().settings.folder / "accounts.json"
    if not path.is_file():
        return {}
    return {entry["username"]: entry for entry in json.loads(path.read_text(encoding="utf-8"))}


@cache
def _people_and_organisations() -> tuple[dict[str, str], dict[str, str]]:
    people, organisations = cast()
    return {person["username"]: person["name"] for person in people}, {row["uscc"]: row["name"] for row in organisations}
