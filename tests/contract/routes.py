"""The routes of the OpenAPI document, and a valid request to each route by an account that the route admits. The tests of rules
that apply to all routes use this module."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from deploy.demo.client import API
from gateway.app import create_app
from services.kernel.messaging.signing import Signer, Verifier, new_key
from services.kernel.settings import Settings
from services.kernel.vault import Vault, new_vault_key
from tests.contract.access_table import PUBLIC, ROUTE_ROLES
from tests.contract.conftest import Running

#: The value for every id in a path. It begins with a bureau's code, because the id of a review case does.
ID = "450000-0197c0de-0000-7000-8000-000000000000"
#: Parameter in a path that is no id → its value.
PARTS = {"{username}": "portal", "{version}": "guangxi_trial@1", "{year}": "2026"}
#: Required query parameter → its value.
NEEDED = {"service": "review", "subject": f"application/{ID}", "on": "2026-01-01", "from": "1", "to": "1", "q": "糖业"}
#: Role → the bureau of the account that sends the request; other roles have no bureau.
BUREAU = {"officer": "450000", "chief": "450000"}
METHODS = ("get", "post", "put", "patch", "delete")


def gateway_without_services() -> Flask:
    """Return a gateway without services, which can be inspected but answers no request that needs a service."""
    keys = {"signer": Signer("gateway", new_key()), "verifier": Verifier({}), "vault": Vault(new_vault_key())}
    return create_app(None, Settings(), identity=None, store=None, **keys)  # type: ignore[arg-type]


def document_of(running: Running) -> dict[str, Any]:
    return dict(running.app.test_client().get(f"{API}/openapi.json").get_json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the HTTP method, the path and the OpenAPI description of every operation."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method.upper(), path, methods[method]


def parameters(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the query parameters of an operation, keyed by name."""
    return {one["name"]: one for one in operation.get("parameters", ()) if one.get("in") == "query"}


def ask(running: Running, method: str, path: str, operation: dict[str, Any], **more: Any) -> TestResponse:
    """Send a request to a route, with the required query parameters, as an account that the route admits. In `more`, `headers`,
    `query` and `parts` (values for the path) replace the default values; werkzeug's client gets the rest."""
    roles = ROUTE_ROLES[f"{method} {re.sub('{[^}]+}', '{}', path.removeprefix(API))}"]
    headers = dict(more.pop("headers", {}))
    if roles != PUBLIC and "Authorization" not in headers:
        role = roles.split()[0]
        headers["Authorization"] = f"Bearer {running.people.role(role, BUREAU.get(role)).token()}"
    query = {name: NEEDED[name] for name, one in parameters(operation).items() if one.get("required")}
    parts = PARTS | more.pop("parts", {})
    url = re.sub("{[^}]+}", lambda part: parts.get(part[0], ID), path)
    query |= more.pop("query", {})
    return running.app.test_client().open(url, method=method, query_string=query, headers=headers, **more)
