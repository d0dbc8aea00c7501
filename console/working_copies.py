"""Working copies: typed values that are not saved yet. The API stores them for this account only (`me/working-copies`).

A copy contains the typed values and the ETag of the version that the reader saw when typing. It never changes the case; only
saving does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from console.api import Api, path_of
from console.problems import Problem


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """The typed values of one form. `base` is the ETag of the version that the reader saw when typing; `kept_at` is the instant
    at which they were last stored."""

    values: dict[str, Any]
    base: str | None
    kept_at: str | None


#: The values of an empty form whose fields are all texts.
TEXTS: Mapping[str, Any] = MappingProxyType({})


def read(api: Api, form: str, subject: str, empty: Mapping[str, Any] = TEXTS) -> WorkingCopy | None:
    """Return the account's working copy of a form; None if there is none.

    `empty` has the fields of the form, with `{}` for objects and `[]` for lists; fields that the working copy lacks are taken
    from `empty`. If another client of the API stored a copy of another shape under the same form and subject, that copy is
    ignored, and the page shows the saved values.
    """
    try:
        answer = api.get(path_of("me", "working-copies", form, subject))
    except Problem as problem:
        if problem.status == 404:
            return None
        raise
    content = answer["content"]
    try:
        values = _completed(content.get("values"), empty)
    except (TypeError, RecursionError):
        return None
    base = content.get("base")
    return WorkingCopy(values, base if isinstance(base, str) else None, answer["saved_at"])


def _completed(values: Any, empty: Any) -> Any:
    """Return the typed values, completed with the fields that they lack. Raises TypeError if they do not have the form's
    shape."""
    if isinstance(empty, Mapping):
        if not isinstance(values, dict):
            raise TypeError
        missing = {name: value for name, value in empty.items() if name not in values}
        return {name: _completed(value, empty.get(name)) for name, value in values.items()} | missing
    if isinstance(empty, list) and not isinstance(values, list):
        raise TypeError
    _require_typed(values)
    return values


def _require_typed(value: Any) -> None:
    """Raise TypeError unless the value consists of what forms contain: texts and yes/no marks, in objects and lists."""
    if isinstance(value, dict | list):
        for element in value.values() if isinstance(value, dict) else value:
            _require_typed(element)
    elif not (value is None or isinstance(value, str | bool)):
        raise TypeError


def keep(api: Api, form: str, subject: str, values: dict[str, Any], base: str | None) -> None:
    """Store the typed values. A later call replaces them without a check for a conflict, because only one account uses the
    copy."""
    api.put(path_of("me", "working-copies", form, subject), {"content": {"values": values, "base": base}})


def drop(api: Api, form: str, subject: str) -> None:
    """Delete the working copy, because its values were saved or discarded."""
    try:
        api.delete(path_of("me", "working-copies", form, subject))
    except Problem as problem:
        if problem.status != 404:
            raise
