"""Load and store rectifications and revocation cases."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.evaluation.domain.rectification import RUNNING, Rectification, RectificationStatus
from services.evaluation.domain.revocation import UNDECIDED, Revocation, RevocationStatus
from services.evaluation.tables import rectifications as rectification_table
from services.evaluation.tables import revocations as table
from services.kernel.errors import NotFound


def no_revocation() -> NotFound:
    """Return the error for a revocation case that does not exist or that the actor may not know about."""
    return NotFound(
        "no_such_revocation", "没有这一取消资格事项，或您无权查看。", "There is no such case, or it is not for you to see."
    )


def no_rectification() -> NotFound:
    """Return the error for a rectification that does not exist or that the actor may not know about."""
    return NotFound(
        "no_such_rectification",
        "没有这一整改事项，或您无权查看。",
        "There is no such rectification, or it is not for you to see.",
    )


def revocation(session: Session, id: str, *, lock: bool = False) -> Revocation:
    """Return the revocation case. Raises NotFound."""
    row = session.get(Revocation, id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise no_revocation()
    return row


def proposed(session: Session, consortium: str) -> Revocation | None:
    """Lock and return the consortium's proposed revocation case that the province has not answered yet; None if there is none.
    The caller must have locked the consortium."""
    statement = (
        select(Revocation).where(table.c.consortium == consortium, table.c.status == RevocationStatus.PROPOSED).with_for_update()
    )
    return session.scalars(statement).first()


def undecided(session: Session, consortium: str) -> list[Revocation]:
    """Lock and return every revocation case of a consortium that is proposed or open."""
    statement = select(Revocation).where(table.c.consortium == consortium, table.c.status.in_(UNDECIDED)).with_for_update()
    return list(session.scalars(statement))


def rectification(session: Session, id: str, *, lock: bool = False) -> Rectification:
    """Return the rectification. Raises NotFound."""
    row = session.get(Rectification, id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise no_rectification()
    return row


def running(session: Session, consortium: str) -> list[Rectification]:
    """Lock and return a consortium's rectifications that are not closed."""
    statement = select(Rectification).where(
        rectification_table.c.consortium == consortium, rectification_table.c.status.in_(RUNNING)
    )
    return list(session.scalars(statement.with_for_update()))


def fallen_due(session: Session, today: date) -> list[str]:
    """Return the rectifications whose year is over and whose acceptance is not open yet."""
    statement = select(rectification_table.c.id).where(
        rectification_table.c.status.in_((RectificationStatus.OPEN, RectificationStatus.SUBMITTED)),
        rectification_table.c.due_on <= today,
    )
    return list(session.scalars(statement.order_by(rectification_table.c.due_on)))
