"""Load and store changes, major matters and successions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.orm import Session

from services.application.domain.change import PENDING, Change
from services.application.tables import change_confirmations, changes, consortia, consortium_units, matters, places, successions
from services.kernel.errors import NotFound


def no_change() -> NotFound:
    """Return the error for a change that does not exist or that the actor may not know about."""
    return NotFound("no_such_change", "没有这一变更事项，或您无权查看。", "There is no such change, or it is not yours to see.")


def change(session: Session, consortium: str, id: str, *, lock: bool = False) -> Change:
    """Return a consortium's change. Raises NotFound."""
    row = session.get(Change, id, with_for_update=lock or None, populate_existing=lock)
    if row is None or row.consortium_id != consortium:
        raise no_change()
    return row


def by_id(session: Session, id: str) -> Change:
    """Return a change by its own id. Raises NotFound."""
    row = session.get(Change, id)
    if row is None:
        raise no_change()
    return row


def pending(session: Session, consortium: str) -> list[Change]:
    """Return the changes of a consortium that may still take effect."""
    statement = select(Change).where(changes.c.consortium_id == consortium, changes.c.status.in_(PENDING))
    return list(session.scalars(statement.order_by(changes.c.id)))


def reported_since(session: Session, consortium: str, day: date) -> list[Change]:
    """Return the changes of a consortium reported on a day or later, and earlier ones that are still pending. Withdrawn changes
    are left out."""
    statement = select(Change).where(
        changes.c.consortium_id == consortium,
        or_(changes.c.reported_on >= day, changes.c.status.in_(PENDING)),
        changes.c.status != "withdrawn",
    )
    return list(session.scalars(statement.order_by(changes.c.id)))


def ask(session: Session, change: str, codes: Iterable[str]) -> None:
    """Store the units that must confirm a change, without an answer yet."""
    if rows := [{"change_id": change, "uscc": code} for code in sorted(codes)]:
        session.execute(insert(change_confirmations), rows)


def confirmations(session: Session, change: str) -> dict[str, Row[Any]]:
    """The units that must confirm a change, with their answers so far, by code."""
    rows = session.execute(select(change_confirmations).where(change_confirmations.c.change_id == change))
    return {row.uscc: row for row in rows}


def answer(session: Session, change: str, code: str, values: Mapping[str, Any]) -> None:
    of_unit = (change_confirmations.c.change_id == change) & (change_confirmations.c.uscc == code)
    session.execute(update(change_confirmations).where(of_unit).values(**values))


def due(session: Session, today: date) -> list[str]:
    """Return the ids of approved changes that take effect today or earlier."""
    statement = select(changes.c.id).where(changes.c.status == "approved", changes.c.effective_on <= today)
    return list(session.scalars(statement.order_by(changes.c.effective_on, changes.c.id)))


def matter(session: Session, consortium: str, id: str) -> Row[Any]:
    """Lock and return a consortium's major matter. Raises NotFound."""
    statement = select(matters).where(matters.c.id == id, matters.c.consortium_id == consortium)
    row = session.execute(statement.with_for_update()).one_or_none()
    if row is None:
        raise NotFound(
            "no_such_matter", "没有这一重大事项，或您无权查看。", "There is no such matter, or it is not yours to see."
        )
    return row


def consortia_of(session: Session, code: str) -> list[str]:
    """The ids of the consortia, active or rectifying, that have this organisation as a unit."""
    statement = (
        select(consortia.c.id)
        .join(consortium_units, consortium_units.c.consortium_id == consortia.c.id)
        .where(consortium_units.c.uscc == code, consortia.c.status.in_(("active", "rectifying")))
    )
    return sorted(session.scalars(statement))


def move_place(session: Session, subject: str, predecessor: str, successor: str, now: datetime) -> None:
    """Transfer an organisation's quota in a case to its successor. If the successor already has a quota in this case, release the
    predecessor's."""
    open_places = (places.c.subject == subject) & places.c.freed_at.is_(None)
    occupied = session.execute(select(places.c.position).where(open_places, places.c.uscc == successor)).first()
    values: dict[str, object] = {"freed_at": now} if occupied else {"uscc": successor}
    session.execute(update(places).where(open_places, places.c.uscc == predecessor).values(**values))


def successors(session: Session) -> dict[str, str]:
    """Return predecessor → its present successor, following chains of successions to their end."""
    direct = {row.predecessor: row.successor for row in session.execute(select(successions))}

    def last_successor(code: str) -> str:
        while code in direct:
            code = direct[code]
        return code

    return {code: last_successor(code) for code in direct}


def pending_with(session: Session, code: str) -> list[Change]:
    """Return the changes that this organisation was asked to confirm and that may still take effect."""
    statement = select(Change).join(change_confirmations, change_confirmations.c.change_id == changes.c.id)
    rows = session.scalars(statement.where(change_confirmations.c.uscc == code, changes.c.status.in_(PENDING)))
    return list(rows)


def successions_of(session: Session, code: str) -> list[Row[Any]]:
    """The successions in which an organisation is predecessor or successor."""
    statement = select(successions).where(or_(successions.c.predecessor == code, successions.c.successor == code))
    return list(session.execute(statement.order_by(successions.c.effective_on)))
