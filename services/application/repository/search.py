"""Search names by any part of them. Chinese has no word boundaries to index, so pairs of neighbouring characters are indexed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from services.application.tables import terms


def searchable(*texts: str | None) -> str:
    """Return the text that a search looks in: one name or code per line, in lower case."""
    return "\n".join(text for text in texts if text).lower()


def index_text(session: Session, kind: str, id: str, text: str, before: str = "") -> None:
    """Index the pairs of neighbouring characters of a searchable text. `before`: the text that was indexed until now; the pairs
    that only this text contains are deleted."""
    new_pairs, old_pairs = _pairs(text), _pairs(before)
    if old_pairs - new_pairs:
        session.execute(delete(terms).where(terms.c.kind == kind, terms.c.id == id, terms.c.term.in_(old_pairs - new_pairs)))
    if new_pairs - old_pairs:
        session.execute(insert(terms), [{"kind": kind, "term": pair, "id": id} for pair in sorted(new_pairs - old_pairs)])


def matching_text(kind: str, id: Column[Any], text: Column[Any], query: str) -> Iterable[ColumnElement[bool]]:
    """Return the conditions that select rows whose text contains `query` (at least two characters)."""
    query = query.strip().lower()
    yield text.contains(query, autoescape=True)
    for pair in sorted(_pairs(query)):
        yield id.in_(select(terms.c.id).where(terms.c.kind == kind, terms.c.term == pair))


def _pairs(text: str) -> set[str]:
    return {line[index : index + 2] for line in text.split("\n") for index in range(len(line) - 1)}
