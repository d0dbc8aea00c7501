"""Fences. While the cases of a bureau move to another database, and after they have moved, no transaction in this database may
change anything of the bureau."""

from __future__ import annotations

from collections.abc import Iterable, Set

from sqlalchemy import Row, delete, insert, select, text
from sqlalchemy.orm import Session

from services.kernel.clock import real_now
from services.kernel.errors import Unavailable
from services.kernel.persistence.tables import arrivals, fences
from services.kernel.persistence.unit_of_work import UnitOfWork

#: The states of a bureau that has a row in `fences`. `preparing` does not fence the bureau yet; it names the coming move.
PREPARING, LEAVING, MOVED, ARRIVING = "preparing", "leaving", "moved", "arriving"
#: The error code for requests about a bureau that is being moved.
MOVING = "bureau_moving"

_FENCED = select(fences.c.bureau).where(fences.c.state != PREPARING)


def fenced_bureaus(session: Session) -> frozenset[str]:
    """Return the bureaus for which nothing may be changed in this database.

    Every writing transaction calls this function first. On PostgreSQL the function takes a shared lock on the table `fences`
    until the transaction ends, and raising a fence needs the exclusive lock. So once a fence is raised, no transaction that began
    earlier is still running.
    """
    return frozenset(session.execute(_FENCED).scalars())


def absent_bureaus(session: Session) -> frozenset[str]:
    """Return the bureaus that have no rows in this database: not yet, or no longer."""
    return frozenset(session.execute(select(fences.c.bureau).where(fences.c.state.in_((MOVED, ARRIVING)))).scalars())


def moving_error(bureau: str) -> Unavailable:
    """Return the error for a request about a fenced bureau. The request changed nothing; if it is repeated later, it reaches the
    database that then serves the bureau."""
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
    """Return a bureau's row in `fences`: its `state`, the id of its `move`, and `other`, the identity of the other database. None
    if it has no row: this database serves the bureau normally."""
    columns = select(fences.c.state, fences.c.move, fences.c.other)
    return session.execute(columns.where(fences.c.bureau == bureau)).one_or_none()


def raise_fence(session: Session, bureau: str, state: str, move: str, other: str | None = None) -> None:
    """Raise a fence. Once it is committed, nothing of the bureau is changed in this database, and no transaction that began
    earlier is still running.

    All other transactions wait for the transaction that raises the fence, so it must do nothing else. It takes the lock
    on the table `fences` first: the transactions for which it waits do not wait for it, so no deadlock can occur.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE fences IN ACCESS EXCLUSIVE MODE"))
    set_state(session, bureau, state, move, other)


def set_state(session: Session, bureau: str, state: str, move: str, other: str | None = None) -> None:
    """Set the state of a bureau in the table `fences`; a row that the bureau has already is replaced."""
    lift_fence(session, bureau)
    session.execute(insert(fences).values(bureau=bureau, state=state, move=move, other=other, at=real_now()))


def lift_fence(session: Session, bureau: str) -> None:
    """Lift the fence: this database serves the bureau again."""
    session.execute(delete(fences).where(fences.c.bureau == bureau))


def has_arrived(session: Session, move: str) -> bool:
    """Return whether the move with this name has ever brought its bureau to this database."""
    return session.execute(select(arrivals.c.move).where(arrivals.c.move == move)).one_or_none() is not None


def record_arrival(session: Session, bureau: str, move: str) -> None:
    """Record that a move brought its bureau to this database. This is done in the transaction that inserts the bureau's rows;
    after its commit, this database serves the bureau."""
    lift_fence(session, bureau)
    session.execute(insert(arrivals).values(move=move, bureau=bureau, at=real_now()))
