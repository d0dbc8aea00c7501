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


def enter(session: Session, kind: str, id: str, text: str, before: str = "") -> None:
    """Index the pairs of a searchable text. `before`: the text that was indexed until now, whose other pairs are deleted."""
    new, old = _pairs(text), _pairs(before)
    if old - new:
        session.execute(delete(terms).where(terms.c.kind == kind, terms.c.id == id, terms.c.term.in_(old - new)))
    if new - old:
        session.execute(insert(terms), [{"kind": kind, "term": pair, "id": id} for pair in sorted(new - old)])


def found(kind: str, id: Column[Any], text: Column[Any], wanted: str) -> Iterable[ColumnElement[bool]]:
    """Return the conditions that select rows whose text contains `wanted` (at least two characters)."""
    wanted = wanted.strip().lower()
    yield text.contains(wanted, autoescape=True)
    for pair in sorted(_pairs(wanted)):
        yield id.in_(select(terms.c.id).where(terms.c.kind == kind, terms.c.term == pair))


def _pairs(text: str) -> set[str]:
    return {line[place : place + 2] for line in text.split("\n") for place in range(len(line) - 1)}
