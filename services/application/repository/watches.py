"""Load and store the entries of the watch list."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application.domain.watch import Watch
from services.application.repository.legal_holds import watch_held
from services.application.tables import watches as table
from services.kernel.errors import NotFound


def unsettled(session: Session, consortium: str) -> list[Watch]:
    """Return the entries of a consortium that are not settled. A caller that changes them must have locked the consortium."""
    statement = select(Watch).where(table.c.consortium_id == consortium, table.c.status != "settled")
    return list(session.scalars(statement.order_by(table.c.id)))


def entry(session: Session, id: str, consortium: str | None = None) -> Watch:
    """Return an entry, which must belong to `consortium` if that is given. Raises NotFound."""
    row = session.get(Watch, id, populate_existing=True)
    if row is None or consortium not in (None, row.consortium_id):
        raise NotFound("no_such_entry", "没有这一事项，或您无权查看。", "There is no such entry, or it is not yours to see.")
    return row


def overdue(session: Session, today: date) -> list[str]:
    """The ids of open entries whose last day for the lead's report is past."""
    statement = select(table.c.id).where(table.c.status == "open", table.c.due_on < today)
    return list(session.scalars(statement.order_by(table.c.due_on, table.c.id)))


def with_ended_penalty(session: Session, today: date) -> list[str]:
    """Return the ids of consortia with an entry that may be settled by today because a penalty has ended."""
    statement = select(table.c.consortium_id).where(table.c.status != "settled", table.c.look_on < today)
    return sorted(set(session.scalars(statement)))


def settled_before(session: Session, day: date, limit: int) -> list[str]:
    """Return the ids of entries settled on or before a day that no legal hold keeps, the oldest first, at most `limit`."""
    statement = select(table.c.id).where(table.c.settled_on <= day, ~watch_held)
    return list(session.scalars(statement.order_by(table.c.settled_on, table.c.id).limit(limit)))


def is_held(session: Session, id: str) -> bool:
    """Return whether a legal hold keeps the entry."""
    return bool(session.scalar(select(watch_held).where(table.c.id == id)))
