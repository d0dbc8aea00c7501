"""The menu of each role: groups of links, shown as the rail on wide windows and as a menu on narrow ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import g, url_for


@dataclass(frozen=True, slots=True)
class Link:
    """One entry: `label` is a key of the labels, `endpoint` a page. `count` names a counter that `/counts` answers."""

    label: str
    endpoint: str
    count: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one heading; the first group of a menu has none."""

    links: tuple[Link, ...]
    label: str | None = None


_EVERYBODY = Group((Link("menu.todo", "todo.show", "todo"), Link("menu.messages", "account.messages", "unread")))
_OWN = Group((Link("menu.account", "account.show"),), "menu.mine")
_CALLS = Link("nav.calls", "call_admin.listed")
_CASES = Link("menu.reviews", "reviews.listed")
_REGISTRATIONS = Link("menu.registrations", "registrations.listed", "registration")
_VERIFICATIONS = Link("menu.verifications", "verifications.listed")
_FORMATION = Group((_CALLS, _CASES, _REGISTRATIONS, _VERIFICATIONS), "menu.formation")
_SCORING = Group((Link("menu.scoring", "scoring.listed", "score"),))
_BY_ROLE: dict[str, tuple[Group, ...]] = {
    "officer": (_FORMATION,),
    "chief": (_FORMATION,),
    "auditor": (Group((_CALLS, _CASES), "menu.formation"),),
    "expert": (_SCORING,),
    "third_party": (_SCORING,),
    "applicant": (
        Group((Link("menu.applications", "applications.listed"), Link("menu.consortia", "consortia.listed")), "menu.formation"),
        Group((Link("menu.organisation", "organisation.show"), Link("menu.colleagues", "organisation.colleagues")), "menu.unit"),
    ),
}


def menu_of(account: dict[str, Any]) -> Iterator[Group]:
    """The groups an account sees: what all see first, then those of its roles in the roles' order."""
    yield _EVERYBODY
    seen: set[Group] = set()
    for role in account["roles"]:
        for group in _BY_ROLE.get(role, ()):
            if group not in seen:
                seen.add(group)
                yield group
    yield _OWN


def page_of(about: dict[str, Any] | None, within: dict[str, Any] | None = None) -> str | None:
    """The page of a subject that the API names by kind and id, for the reader's roles; None where the console has no page for it.
    `within` names the further ids that lead to it."""
    if about is None or g.session is None:
        return None
    roles = set(g.session.account["roles"])
    for page in _PAGES.get(about["kind"], ()):
        if not page.roles or roles & set(page.roles):
            return url_for(page.endpoint, id=about["id"])
    return None


@dataclass(frozen=True, slots=True)
class Page:
    """The page of one kind of subject; `roles` as the page itself demands them."""

    endpoint: str
    roles: tuple[str, ...] = ()


_PAGES = {
    "application": (Page("applications.show", ("applicant",)),),
    "review": (Page("reviews.show", ("officer", "chief", "auditor")), Page("scoring.show", ("expert", "third_party"))),
    "registration": (Page("registrations.show", ("officer", "chief")),),
    "call": (Page("call_admin.show", ("officer", "chief", "auditor")), Page("public.call")),
    "consortium": (Page("consortia.show", ("applicant",)),),
    "organisation": (Page("verifications.show", ("officer", "chief", "auditor")),),
}
