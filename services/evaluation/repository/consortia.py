"""Load and store consortia."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import ConsortiumName
from services.evaluation.domain.consortium import ALIVE, Consortium, ConsortiumStatus
from services.evaluation.tables import consortia as table
from services.kernel.errors import NotFound
from services.kernel.identity import Actor


def visible(session: Session, id: str, actor: Actor) -> Consortium:
    """Return the consortium. Raises NotFound if it does not exist or the actor may not see it."""
    consortium = session.get(Consortium, id)
    if consortium is None or not consortium.may_be_seen_by(actor):
        raise no_consortium()
    return consortium


def consortium(session: Session, id: str, *, lock: bool = False) -> Consortium:
    """Return the consortium. Raises NotFound."""
    row = session.get(Consortium, id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise no_consortium()
    return row


def no_consortium() -> NotFound:
    """Return the error for a consortium that does not exist or that the actor may not know about."""
    return NotFound(
        "no_such_consortium", "没有这个创新联合体，或您无权查看。", "There is no such consortium, or it is not for you."
    )


def active(session: Session) -> list[Consortium]:
    """Lock and return every consortium with status `active`, in the order of their ids."""
    statement = select(Consortium).where(table.c.status == ConsortiumStatus.ACTIVE).order_by(table.c.id).with_for_update()
    return list(session.scalars(statement))


def numbered(session: Session, ids: Iterable[str]) -> dict[str, ConsortiumName]:
    """Return consortium id → its id, number and name, for these consortia."""
    rows = session.execute(select(table.c.id, table.c.number, table.c.name).where(table.c.id.in_(set(ids))))
    return {row.id: {"id": row.id, "number": row.number, "name": row.name} for row in rows}


def without_open_obligations(session: Session, year: int) -> list[str]:
    """Return the ids of the consortia for which the annual report of this year, or of an earlier owed year, is not open yet. A
    revoked or dissolved consortium owes no further year."""
    late = select(table.c.id).where(table.c.opened_through < year, table.c.status.in_(ALIVE))
    return list(session.scalars(late.order_by(table.c.id)))
