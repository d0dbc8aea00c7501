"""Compare two versions of an application: which sections differ, and which values differ within a section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.contracts.application.application_responses import SectionChanges, ValueChange


def changed_sections(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of the sections that differ, in the order of the content."""
    return [name for name in _names(before, after) if before.get(name) != after.get(name)]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[SectionChanges]:
    """Return each section that differs, with its changes. Members and documents are identified by their code or id."""
    return [
        {"section": name, "changes": list(_changes("", before.get(name), after.get(name)))}
        for name in changed_sections(before, after)
    ]


def _names(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys([*before, *after]))


def _changes(path: str, before: Any, after: Any) -> Iterator[ValueChange]:
    if before == after:
        return
    left, right = _parts_by_name(before), _parts_by_name(after)
    if left is None or right is None:
        change = "added" if before in (None, "") else "removed" if after in (None, "") else "changed"
        yield {"path": path, "change": change, "before": before, "after": after}
        return
    for name in _names(left, right):
        here = f"{path}/{str(name).replace('~', '~0').replace('/', '~1')}"
        if name not in right:
            yield {"path": here, "change": "removed", "before": left[name], "after": None}
        elif name not in left:
            yield {"path": here, "change": "added", "before": None, "after": right[name]}
        else:
            yield from _changes(here, left[name], right[name])


def _parts_by_name(value: Any) -> Mapping[str, Any] | None:
    """Return the parts of a mapping or list by name, so that two can be compared part by part; None for a value without named
    parts."""
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, list):
        return None
    names = [_item_name(item, index) for index, item in enumerate(value)]
    if len(set(names)) < len(names):
        names = [str(index) for index in range(len(value))]
    return dict(zip(names, value, strict=True))


def _item_name(item: Any, index: int) -> str:
    if isinstance(item, Mapping):
        return str(item.get("organisation") or item.get("id") or index)
    return item if isinstance(item, str) else str(index)
