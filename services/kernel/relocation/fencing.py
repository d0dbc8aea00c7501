"""Fences: while a bureau moves to another database, and after it has gone there, nothing here acts for it."""

from __future__ import annotations

from collections.abc import Iterable, Set

from sqlalchemy import Row, delete, insert, select, text
from sqlalchemy.orm import Session

from services.kernel.clock import real_now
from services.kernel.errors import Unavailable
from services.kernel.persistence.tables import arrivals, fences
from services.kernel.persistence.unit_of_work import UnitOfWork

#: How a bureau stands in a database that has a row for it. `preparing` fences nothing yet: it names the move to come.
PREPARING, LEAVING, MOVED, ARRIVING = "preparing", "leaving", "moved", "arriving"
#: What is said to whoever asks meanwhile.
MOVING = "bureau_moving"

_HELD = select(fences.c.bureau).where(fences.c.state != PREPARING)


def fenced_bureaus(session: Session) -> frozenset[str]:
    """The bureaus for which nothing may be done here.

    What changes things asks this first: on PostgreSQL the table then stays locked in share until the transaction ends, and
    whoever raises a fence locks it alone. So once a fence stands no transaction is left that began before it."""
    return frozenset(session.execute(_HELD).scalars())


def away(session: Session) -> frozenset[str]:
    """The bureaus of which nothing is here: not yet, or no more."""
    return frozenset(session.execute(select(fences.c.bureau).where(fences.c.state.in_((MOVED, ARRIVING)))).scalars())


def moving(bureau: str) -> Unavailable:
    """Nothing was done for this bureau; wherever it is served next, it can be tried again."""
    return Unavailable(
        MOVING,
        "该主管部门的数据正在迁移，您的请求没有被处理，请稍后重试。",
        "This bureau is being moved to another database; nothing was done. Please try again shortly.",
        retry_after=5,
        bureau=bureau,
    )


class FenceViolation(Exception):
    """A transaction changed something of a bureau that is fenced; it must not be committed."""

    def __init__(self, bureau: str) -> None:
        super().__init__(f"bureau {bureau} is fenced")
        self.bureau = bureau


def check_events(fenced: Set[str], works: Iterable[UnitOfWork]) -> None:
    """Raise Breach when what was done, by its lines in the audit log, is a fenced bureau's."""
    for work in works if fenced else ():
        for entry in work.entries:
            if entry.bureau in fenced:
                raise FenceViolation(entry.bureau)


def state_of(session: Session, bureau: str) -> Row[str, str, str | None] | None:
    """How a bureau stands here: `state`, `move` and `other`; None where nothing is to be said, and it is served here."""
    columns = select(fences.c.state, fences.c.move, fences.c.other)
    return session.execute(columns.where(fences.c.bureau == bureau)).one_or_none()


def raise_fence(session: Session, bureau: str, state: str, move: str, other: str | None = None) -> None:
    """Once this is committed, nothing is done here for the bureau, and no transaction is left that began before.

    Everybody waits meanwhile, so it is to be the whole transaction. The lock is taken before anything else: whoever it waits
    for, waits for nothing of ours."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE fences IN ACCESS EXCLUSIVE MODE"))
    set_state(session, bureau, state, move, other)


def set_state(session: Session, bureau: str, state: str, move: str, other: str | None = None) -> None:
    """Say otherwise how a bureau stands; that raises no fence where none was."""
    lift(session, bureau)
    session.execute(insert(fences).values(bureau=bureau, state=state, move=move, other=other, at=real_now()))


def lift(session: Session, bureau: str) -> None:
    """The bureau is served here."""
    session.execute(delete(fences).where(fences.c.bureau == bureau))


def has_arrived(session: Session, move: str) -> bool:
    """Whether a move has brought its bureau here, lately or long ago."""
    return session.execute(select(arrivals.c.move).where(arrivals.c.move == move)).one_or_none() is not None


def keep_arrival(session: Session, bureau: str, move: str) -> None:
    """It has, with all that is the bureau's in this very transaction; from its commit on the bureau is served here."""
    lift(session, bureau)
    session.execute(insert(arrivals).values(move=move, bureau=bureau, at=real_now()))
