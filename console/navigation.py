"""The menu of each role: groups of links, shown at the side of a wide window and as a drop-down menu in a narrow one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import g, url_for

#: The bureau whose officials manage the pool of reviewers and the integrity register.
PROVINCE = "450000"
#: The states of a consortium of the plan of 2021 that is not in the register.
NOT_ENTERED = ("proposed", "refused")


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the menu. `label` is a key of the labels, `endpoint` names a page. `count` is the name of the number, among
    those that the page `/counts` answers, to show beside the entry."""

    label: str
    endpoint: str
    count: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Menu entries under one heading. The first group of a menu has no heading."""

    links: tuple[Link, ...]
    label: str | None = None


_EVERYBODY = Group((Link("menu.todo", "todo.show", "todo"), Link("menu.messages", "account.messages", "unread")))
_OWN = Group((Link("menu.account", "account.show"),), "menu.mine")
_CALLS = Link("nav.calls", "call_admin.listed")
_CASES = Link("menu.reviews", "reviews.listed")
_REGISTER = Link("nav.register", "consortia.listed")
_WATCH = Link("menu.watch", "watch.listed", "watch")
_FORMATION = Group(
    (
        _CALLS,
        _CASES,
        Link("menu.registrations", "registrations.listed", "registration"),
        Link("menu.verifications", "verifications.listed"),
    ),
    "menu.formation",
)
_AFTER = Group((_REGISTER, _WATCH), "menu.daily")
_PROVINCE = Group(
    (
        Link("menu.special_cases", "special_cases.listed"),
        Link("menu.old_consortia", "old_consortia.listed", "old_consortium"),
        Link("menu.reviewers", "reviewers.listed"),
        Link("menu.integrity", "integrity.listed"),
        Link("menu.policies", "policies.listed"),
        Link("menu.deployments", "deployments.listed"),
    ),
    "menu.province",
)
_BUREAU = Group((Link("menu.acting_chiefs", "acting_chiefs.listed"), Link("phrases.title", "phrases.show")), "menu.bureau")
_ACTING = Group((Link("menu.acting_chiefs", "acting_chiefs.listed"),), "menu.bureau")
_SCORING = Group((Link("menu.scoring", "scoring.listed", "score"),))
_OPERATIONS = Group(
    (
        Link("menu.state", "platform_state.show"),
        Link("menu.parked", "platform_state.parked", "parked_event"),
        Link("menu.deployments", "deployments.listed"),
        Link("menu.accounts", "operations.accounts"),
        Link("menu.api_keys", "api_keys.listed"),
        Link("menu.webhooks", "platform_state.webhooks"),
        Link("menu.letters", "platform_state.letters", "letter"),
    ),
    "menu.operations",
)
_OFFICIALS = (_FORMATION, _AFTER, _PROVINCE, _BUREAU)
_BY_ROLE: dict[str, tuple[Group, ...]] = {
    "officer": _OFFICIALS,
    "chief": _OFFICIALS,
    "auditor": (
        Group((Link("menu.audit", "audit.search"),)),
        Group((_CALLS, _CASES), "menu.formation"),
        _AFTER,
        _PROVINCE,
        _ACTING,
    ),
    "operator": (_OPERATIONS,),
    "portal": (Group((Link("menu.webhooks", "platform_state.webhooks"),), "menu.interfaces"),),
    "expert": (_SCORING,),
    "third_party": (_SCORING,),
    "applicant": (
        Group((Link("menu.applications", "applications.listed"), Link("menu.consortia", "consortia.listed")), "menu.formation"),
        Group((Link("menu.organisation", "organisation.show"), Link("menu.colleagues", "organisation.colleagues")), "menu.unit"),
    ),
}


def menu_of(account: dict[str, Any]) -> Iterator[Group]:
    """Yield the groups that an account sees: first those for all accounts, then those of its roles, in the order of the roles."""
    yield _EVERYBODY
    shown: set[Group] = set()
    for role in account["roles"]:
        for group in _BY_ROLE.get(role, ()):
            elsewhere = group is _PROVINCE and account["bureau"] not in (None, PROVINCE)
            if group not in shown and not elsewhere:
                shown.add(group)
                yield group
    yield _OWN


def page_of(about: dict[str, Any] | None, arguments: dict[str, Any] | None = None, task: str | None = None) -> str | None:
    """Return the page of a subject that the API names by kind and id, according to the reader's roles; None if the console has no
    page for it. `arguments` contains the other ids in its address, `task` says what the reader must do there."""
    if about is None or g.session is None:
        return None
    if task in _OF_GRADES and arguments:
        return url_for("objection_admin.grade", evaluation=arguments["evaluation"], consortium=arguments["consortium"])
    roles = set(g.session.account["roles"])
    for page in _PAGES.get(about["kind"], ()):
        if not page.roles or roles & set(page.roles):
            return url_for(page.endpoint) if page.whole else url_for(page.endpoint, id=about["id"])
    return None


@dataclass(frozen=True, slots=True)
class Page:
    """The page of one kind of subject. `roles`: the page requires one of them. `whole`: the page is a list that contains the
    subject, not a page of the subject alone."""

    endpoint: str
    roles: tuple[str, ...] = ()
    whole: bool = False


#: Tasks that are done on the page with the objections to a grade.
_OF_GRADES = ("grade_objection", "grade_objection_answer")
_PAGES = {
    "review": (Page("reviews.show", ("officer", "chief", "auditor")), Page("scoring.show", ("expert", "third_party"))),
    "registration": (Page("registrations.show", ("officer", "chief")),),
    "call": (Page("call_admin.show", ("officer", "chief", "auditor")), Page("public.call")),
    "consortium": (Page("consortia.show", ("applicant", "officer", "chief", "auditor")),),
    "application": (Page("applications.show", ("applicant",)), Page("objection_admin.show", ("officer", "chief", "auditor"))),
    "organisation": (Page("verifications.show", ("officer", "chief", "auditor")),),
    "reviewer": (Page("reviewers.show", ("officer", "chief")),),
    "account": (Page("operations.account", ("operator",)),),
    "event": (Page("platform_state.parked", ("operator",), whole=True),),
    "letter": (Page("platform_state.letters", ("operator",), whole=True),),
    "watch": (Page("watch.listed", ("officer", "chief", "auditor"), whole=True),),
}
