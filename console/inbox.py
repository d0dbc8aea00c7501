"""The inbox of a bureau: its tabs, its rows by urgency, and its filters, which are stored between visits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from console.navigation import PROVINCE

#: The statuses of a case on which this bureau has finished its work.
_SETTLED = "passed,rejected,approved,declined,withdrawn,void,handed_over"
#: The tabs of the inbox → the query by which the API selects the cases of the tab.
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
#: Tabs that only the province has, because only the province has panels and decisions.
_OF_PROVINCE = ("scores", "decision")
FILTERS = ("q", "kind", "stage", "call", "assigned_to")
#: The name and the largest size in bytes of the cookie that stores tab and filters until the reader logs out or the browser
#: closes.
COOKIE, COOKIE_BYTES = "inbox", 1000
#: A case with at most this many working days left is shown as due soon.
SOON = 3


def tabs_of(account: Mapping[str, Any]) -> list[str]:
    """Return the tabs that the reader's inbox has."""
    return [name for name in TABS if name not in _OF_PROVINCE or account["bureau"] in (None, PROVINCE)]


def tab_of(requested: str | None, account: Mapping[str, Any]) -> str:
    """Return the requested tab or, if the reader's inbox does not have it, the tab with the usual work of the reader's role."""
    if requested in tabs_of(account):
        return str(requested)
    return "signature" if "chief" in account["roles"] else "draft"


def stored_filters(cookie: str | None, username: str) -> dict[str, str]:
    """Return tab and filters of the reader's last visit; empty if the cookie belongs to another account."""
    values = dict(parse_qsl(cookie or ""))
    if values.pop("of", None) != username:
        return {}
    return {name: values[name] for name in ("tab", *FILTERS) if values.get(name)}


def cookie_value(tab: str, values: Mapping[str, str], username: str) -> str:
    """Return tab and filters in the form in which the cookie stores them. A filter that does not fit into the cookie is left out,
    because a shortened one would be a different filter."""
    content = urlencode({"of": username, "tab": tab})
    for name, value in values.items():
        longer = f"{content}&{urlencode({name: value})}"
        if value and len(longer) <= COOKIE_BYTES:
            content = longer
    return content


def by_urgency(items: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Group consecutive rows by urgency: `late`, `soon`, `later`, and `done` for cases that need no action of this bureau."""
    groups: list[tuple[str, list[dict[str, Any]]]] = []
    for item in items:
        days_left = item["working_days_left"]
        name = "done" if days_left is None else "late" if item["overdue"] else "soon" if days_left <= SOON else "later"
        if not groups or groups[-1][0] != name:
            groups.append((name, []))
        groups[-1][1].append(item)
    return groups
