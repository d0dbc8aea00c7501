"""Build the answer to a search: the first entries of each kind, and whether there are more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session

from services.contracts.search import SearchGroupDict, SearchItemDict, SearchResults


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry of the answer. `code` is the entry's number or unified social credit code; `subtitle` and `status` are names
    entered by people, or words in both languages; `about` is the subject of the case, if the entry is a case of the review
    service."""

    id: str
    title: str | None
    code: str | None = None
    subtitle: str | dict[str, str] | None = None
    status: dict[str, str] | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """The search for one kind of object. `statement` selects the objects that the actor may read, in the order in which they are
    shown."""

    kind: str
    statement: Select[Any]
    hit: Callable[[Row[Any]], Hit]


def run_searches(session: Session, searches: Iterable[Search], limit: int) -> SearchResults:
    """Run the statements and return their entries by kind. Kinds without entries are left out."""
    groups: list[SearchGroupDict] = []
    for search in searches:
        rows = list(session.execute(search.statement.limit(limit + 1)))
        if rows:
            items = [_item(search.kind, search.hit(row)) for row in rows[:limit]]
            groups.append({"kind": search.kind, "items": items, "more": len(rows) > limit})
    return {"groups": groups}


def _item(kind: str, hit: Hit) -> SearchItemDict:
    return {
        "subject": {"kind": kind, "id": hit.id},
        "title": hit.title,
        "code": hit.code,
        "subtitle": hit.subtitle,
        "status": hit.status,
        "about": hit.about,
    }
