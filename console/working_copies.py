"""Typed values that are not saved yet, stored at the API for this account only (`me/working-copies`).

A copy contains the typed values and the ETag of the version on which they were typed. It never changes the case: only saving
does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from console.api import Api, path_of
from console.problems import Problem


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """Typed values of one form. `base` is the ETag of the version on which they were typed; `kept_at` is an instant."""

    values: dict[str, Any]
    base: str | None
    kept_at: str | None


def read(api: Api, form: str, subject: str) -> WorkingCopy | None:
    """The account's copy of a form; None if there is none."""
    try:
        answer = api.get(path_of("me", "working-copies", form, subject))
    except Problem as problem:
        if problem.status == 404:
            return None
        raise
    content = answer["content"]
    return WorkingCopy(content["values"], content.get("base"), answer["saved_at"])


def keep(api: Api, form: str, subject: str, values: dict[str, Any], base: str | None) -> None:
    """Store the typed values. The last write wins, because the copy belongs to the account alone."""
    api.put(path_of("me", "working-copies", form, subject), {"content": {"values": values, "base": base}})


def drop(api: Api, form: str, subject: str) -> None:
    """Delete the copy, because its values were saved or discarded."""
    try:
        api.delete(path_of("me", "working-copies", form, subject))
    except Problem as problem:
        if problem.status != 404:
            raise
