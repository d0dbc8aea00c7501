"""The routes of the OpenAPI document, and how each is asked by somebody who is let in: for rules that hold on all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from werkzeug.test import TestResponse

from deploy.demo.client import API
from tests.contract.conftest import Running
from tests.contract.doors import DOORS, PUBLIC

#: Stands for every id in a path; a review's begins with its bureau.
ID = "450000-0197c0de-0000-7000-8000-000000000000"
#: What stands for the parts of paths that are no ids.
PARTS = {"{username}": "portal", "{version}": "guangxi_trial@1", "{year}": "2026"}
#: What must be asked of a list, where something must.
NEEDED = {"service": "review", "subject": f"application/{ID}", "on": "2026-01-01", "from": "1", "to": "1", "q": "糖业"}
#: The bureau of the account that is asked with, where the role has one.
BUREAU = {"officer": "450000", "chief": "450000"}
METHODS = ("get", "post", "put", "patch", "delete")


def document_of(running: Running) -> dict[str, Any]:
    return dict(running.app.test_client().get(f"{API}/openapi.json").get_json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every route."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method.upper(), path, methods[method]


def parameters(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The query's parameters by name."""
    return {one["name"]: one for one in operation.get("parameters", ()) if one.get("in") == "query"}


def ask(running: Running, method: str, path: str, operation: dict[str, Any], **more: Any) -> TestResponse:
    """Ask a route in the name of somebody who is let in, with what must be asked of it; `parts` are parts of
    its path, `more` is as werkzeug takes it."""
    roles = DOORS[f"{method} {re.sub('{[^}]+}', '{}', path.removeprefix(API))}"]
    headers = dict(more.pop("headers", {}))
    if roles != PUBLIC and "Authorization" not in headers:
        role = roles.split()[0]
        headers["Authorization"] = f"Bearer {running.people.role(role, BUREAU.get(role)).token()}"
    query = {name: NEEDED[name] for name, one in parameters(operation).items() if one.get("required")}
    parts = PARTS | more.pop("parts", {})
    url = re.sub("{[^}]+}", lambda part: parts.get(part[0], ID), path)
    query |= more.pop("query", {})
    return running.app.test_client().open(url, method=method, query_string=query, headers=headers, **more)
