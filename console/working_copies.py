"""Typed values that are not saved yet, kept at the API for this account alone (`me/working-copies`).

A copy holds the typed values and the ETag of the version they were typed on. It never changes the case: only saving does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from console.api import Api, path_of
from console.problems import Problem


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """Typed values of one form; `base` is the ETag of the version on which they were typed, `kept_at` an instant."""

    values: dict[str, Any]
    base: str | None
    kept_at: str | None


def read(api: Api, form: str, subject: str) -> WorkingCopy | None:
    """The account's copy of a form, or None."""
    try:
        answer = api.get(path_of("me", "working-copies", form, subject))
    except Problem as problem:
        if problem.status == 404:
            return None
        raise
    content = answer["content"]
    return WorkingCopy(content["values"], content.get("base"), answer["saved_at"])


def keep(api: Api, form: str, subject: str, values: dict[str, Any], base: str | None) -> None:
    """Keep what was typed. The last write wins: the copy is the account's own."""
    api.put(path_of("me", "working-copies", form, subject), {"content": {"values": values, "base": base}})


def drop(api: Api, form: str, subject: str) -> None:
    """Forget the copy, because its values are saved or were discarded."""
    try:
        api.delete(path_of("me", "working-copies", form, subject))
    except Problem as problem:
        if problem.status != 404:
            raise
