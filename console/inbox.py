"""The inbox of a bureau: its tabs, the filters that are kept from visit to visit, and its rows by urgency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from console.navigation import PROVINCE

#: The statuses of a case whose end this bureau has seen.
_SETTLED = "passed,rejected,approved,declined,withdrawn,void,handed_over"
#: The tabs, what each asks the API for.
TABS: dict[str, dict[str, str]] = {
    "draft": {"awaiting": "draft", "mine": "true"},
    "signature": {"awaiting": "signature"},
    "scores": {"awaiting": "scores"},
    "decision": {"awaiting": "decision"},
    "returned": {"status": "returned"},
    "overdue": {"status": "open", "overdue": "true"},
    "settled": {"status": _SETTLED, "sort": "newest"},
    "all": {},
}
#: Tabs of the province alone: panels and decisions are its own.
_OF_PROVINCE = ("scores", "decision")
FILTERS = ("q", "kind", "stage", "call", "assigned_to")
#: The cookie that keeps tab and filters until the reader logs out or the browser is closed.
COOKIE, COOKIE_BYTES = "inbox", 1000
#: Working days from which on a due day is no longer close.
SOON = 3


def tabs_of(account: Mapping[str, Any]) -> list[str]:
    """The tabs that the reader has."""
    return [name for name in TABS if name not in _OF_PROVINCE or account["bureau"] in (None, PROVINCE)]


def tab_of(asked: str | None, account: Mapping[str, Any]) -> str:
    """The tab that was asked for; without one of the reader's, what the reader's role has to do."""
    if asked in tabs_of(account):
        return str(asked)
    return "signature" if "chief" in account["roles"] else "draft"


def kept(cookie: str | None, username: str) -> dict[str, str]:
    """Tab and filters of the reader's last visit; nothing of another account's."""
    found = dict(parse_qsl(cookie or ""))
    if found.pop("of", None) != username:
        return {}
    return {name: found[name] for name in ("tab", *FILTERS) if found.get(name)}


def to_keep(tab: str, wanted: Mapping[str, str], username: str) -> str:
    """Tab and filters as a cookie holds them."""
    return urlencode({"of": username, "tab": tab, **{name: value for name, value in wanted.items() if value}})[:COOKIE_BYTES]


def by_urgency(items: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Neighbouring rows under `late`, `soon`, `later`, and `done` for those that wait for nothing here."""
    groups: list[tuple[str, list[dict[str, Any]]]] = []
    for item in items:
        left = item["working_days_left"]
        name = "done" if left is None else "late" if item["overdue"] else "soon" if left <= SOON else "later"
        if not groups or groups[-1][0] != name:
            groups.append((name, []))
        groups[-1][1].append(item)
    return groups
