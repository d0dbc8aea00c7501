"""Builds what a search answers: of each kind the first entries, and whether there are more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry. `code` is its number or unified social credit code; `subtitle` and `status` are names that people gave, or words
    in both languages; `about` is the subject of a review."""

    id: str
    title: str | None
    code: str | None = None
    subtitle: str | dict[str, str] | None = None
    status: dict[str, str] | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """All entries of one kind. `statement` finds those that the actor may read, the first ones first."""

    kind: str
    statement: Select[Any]
    hit: Callable[[Row[Any]], Hit]


def found(session: Session, searches: Iterable[Search], limit: int) -> dict[str, Any]:
    """Run the statements. Kinds without entries are left out."""
    groups = []
    for search in searches:
        rows = list(session.execute(search.statement.limit(limit + 1)))
        if rows:
            items = [_shown(search.kind, search.hit(row)) for row in rows[:limit]]
            groups.append({"kind": search.kind, "items": items, "more": len(rows) > limit})
    return {"groups": groups}


def _shown(kind: str, hit: Hit) -> dict[str, Any]:
    names = ("title", "code", "subtitle", "status", "about")
    return {"subject": {"kind": kind, "id": hit.id}} | {name: getattr(hit, name) for name in names}
