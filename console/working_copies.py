"""Typed values that are not saved yet, stored at the API for this account only (`me/working-copies`).

A copy contains the typed values and the ETag of the version on which they were typed. It never changes the case: only saving
does.
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
    """Typed values of one form. `base` is the ETag of the version on which they were typed; `kept_at` is an instant."""

    values: dict[str, Any]
    base: str | None
    kept_at: str | None


#: The empty values of a form whose fields are all texts.
TEXTS: Mapping[str, Any] = MappingProxyType({})


def read(api: Api, form: str, subject: str, empty: Mapping[str, Any] = TEXTS) -> WorkingCopy | None:
    """The account's copy of a form; None if there is none.

    `empty` has the members of the form, with `{}` for objects and `[]` for lists. Members that the copy lacks are filled from it.
    A copy that another client of the API stored under this name in another shape is ignored: the page shows the saved values.
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
    """The typed values with the members that they lack. Raises TypeError if they do not have the form's shape."""
    if isinstance(empty, Mapping):
        if not isinstance(values, dict):
            raise TypeError
        missing = {name: one for name, one in empty.items() if name not in values}
        return {name: _completed(one, empty.get(name)) for name, one in values.items()} | missing
    if isinstance(empty, list) and not isinstance(values, list):
        raise TypeError
    _require_typed(values)
    return values


def _require_typed(value: Any) -> None:
    """Raise TypeError unless the value consists of what forms contain: texts and marks, in objects and lists."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            _require_typed(one)
    elif not (value is None or isinstance(value, str | bool)):
        raise TypeError


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
