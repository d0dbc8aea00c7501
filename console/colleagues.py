"""The officers and chiefs of the reader's bureau, among whom a reader selects by name."""

from __future__ import annotations

from typing import Any

from flask import g

from console.api import path_of
from console.problems import Problem


def of_bureau(*roles: str) -> list[dict[str, Any]]:
    """Return the active accounts of the reader's bureau with one of these roles. The list is empty if the API is of an older
    release, or if the reader has no bureau; the page then asks for a username."""
    bureau = g.session.account["bureau"]
    if bureau is None:
        return []
    try:
        items = g.api.get(path_of("bureaus", bureau, "colleagues"))["items"]
    except Problem as problem:
        if problem.status != 404:
            raise
        return []
    return [person for person in items if set(roles) & set(person["roles"])]
