"""Objections to grades."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from services.evaluation.tables import grade_objections as table
from services.kernel.errors import NotFound


def file(session: Session, row: dict[str, Any]) -> None:
    session.execute(insert(table), row)


def waiting(session: Session, participation: str, organisation: str) -> bool:
    """Whether an objection of this organisation to this grade waits for its answer."""
    of_it = (table.c.participation == participation, table.c.organisation == organisation, table.c.outcome.is_(None))
    return bool(session.scalar(select(exists().where(*of_it))))


def one(session: Session, participation: str, id: str, *, lock: bool = False) -> Any:
    """Raises NotFound."""
    statement = select(table).where(table.c.id == id, table.c.participation == participation)
    row = session.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound("objection_not_found", "没有这一异议。", "There is no such objection.")
    return row


def answer(session: Session, id: str, given: dict[str, Any]) -> None:
    session.execute(update(table).where(table.c.id == id).values(**given))


def of_participation(session: Session, participation: str) -> Sequence[Any]:
    """All of them, the first first."""
    return session.execute(select(table).where(table.c.participation == participation).order_by(table.c.id)).all()
