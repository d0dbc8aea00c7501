"""Fences: while a bureau moves to another database, and after it has moved, no transaction in this database acts for it."""

from __future__ import annotations

from collections.abc import Iterable, Set

from sqlalchemy import Row, delete, insert, select, text
from sqlalchemy.orm import Session

from services.kernel.clock import real_now
from services.kernel.errors import Unavailable
from services.kernel.persistence.tables import arrivals, fences
from services.kernel.persistence.unit_of_work import UnitOfWork

#: States of a bureau that has a row. `preparing` fences nothing yet; it names the coming move.
PREPARING, LEAVING, MOVED, ARRIVING = "preparing", "leaving", "moved", "arriving"
#: Error code of requests for a bureau that is being moved.
MOVING = "bureau_moving"

_HELD = select(fences.c.bureau).where(fences.c.state != PREPARING)


def fenced_bureaus(session: Session) -> frozenset[str]:
    """The bureaus for which nothing may be changed here.

    Every writing transaction calls this first. On PostgreSQL the table then stays share-locked until the transaction ends, and
    raising a fence takes the exclusive lock. So once a fence is raised, no transaction that began before it is still running.
    """
    return frozenset(session.execute(_HELD).scalars())


def away(session: Session) -> frozenset[str]:
    """The bureaus of which this database has no rows: not yet, or no longer."""
    return frozenset(session.execute(select(fences.c.bureau).where(fences.c.state.in_((MOVED, ARRIVING)))).scalars())


def moving(bureau: str) -> Unavailable:
    """The error for a request for such a bureau: nothing was done, and a repeat will reach the database that serves the bureau
    then."""
    return Unavailable(
        MOVING,
        "该主管部门的数据正在迁移，您的请求没有被处理，请稍后重试。",
        "This bureau is being moved to another database; nothing was done. Please try again shortly.",
        retry_after=5,
        bureau=bureau,
    )


class FenceViolation(Exception):
    """A transaction changed something of a fenced bureau; it must not be committed."""

    def __init__(self, bureau: str) -> None:
        super().__init__(f"bureau {bureau} is fenced")
        self.bureau = bureau


def check_events(fenced: Set[str], works: Iterable[UnitOfWork]) -> None:
    """Raise FenceViolation if an audit entry of these units of work belongs to a fenced bureau."""
    for work in works if fenced else ():
        for entry in work.entries:
            if entry.bureau in fenced:
                raise FenceViolation(entry.bureau)


def state_of(session: Session, bureau: str) -> Row[str, str, str | None] | None:
    """The row of a bureau in `fences`: its `state`, the id of its `move`, and `other`, the database at the move's other end. None
    if there is no row: this database serves the bureau normally."""
    columns = select(fences.c.state, fences.c.move, fences.c.other)
    return session.execute(columns.where(fences.c.bureau == bureau)).one_or_none()


def raise_fence(session: Session, bureau: str, state: str, move: str, other: str | None = None) -> None:
    """Raise a fence. Once this is committed, nothing is changed here for the bureau, and no transaction that began before is
    still running.

    All other transactions wait meanwhile, so it must be the whole transaction. It takes the lock first: the transactions that it
    waits for never wait for it.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE fences IN ACCESS EXCLUSIVE MODE"))
    set_state(session, bureau, state, move, other)


def set_state(session: Session, bureau: str, state: str, move: str, other: str | None = None) -> None:
    """Change the state of a bureau that has a fence. This does not raise a fence where there was none."""
    lift(session, bureau)
    session.execute(insert(fences).values(bureau=bureau, state=state, move=move, other=other, at=real_now()))


def lift(session: Session, bureau: str) -> None:
    """Lift the fence: the bureau is served here."""
    session.execute(delete(fences).where(fences.c.bureau == bureau))


def has_arrived(session: Session, move: str) -> bool:
    """Return whether a move has ever brought its bureau here."""
    return session.execute(select(arrivals.c.move).where(arrivals.c.move == move)).one_or_none() is not None


def keep_arrival(session: Session, bureau: str, move: str) -> None:
    """Record that a move brought its bureau here, in the transaction that inserts its rows; from the commit on the bureau is
    served here."""
    lift(session, bureau)
    session.execute(insert(arrivals).values(move=move, bureau=bureau, at=real_now()))
