"""Load and store the register of recognised consortia."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypedDict

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.orm import Session

from services.application.domain.consortium import Consortium
from services.application.repository.dialect import upsert
from services.application.tables import consortia, consortium_units, numbers, organisations, register_states
from services.kernel.errors import NotFound


class EnteredUnit(TypedDict):
    """A unit as the register stores it; the lead has neither tier nor role."""

    uscc: str
    tier: str | None
    role: str | None


def no_consortium() -> NotFound:
    """Return the error for a consortium that does not exist or that the actor may not know about."""
    return NotFound(
        "consortium_not_found",
        "没有这一创新联合体，或您无权查看。",
        "There is no such consortium, or it is not yours to see.",
    )


def consortium(session: Session, id: str, *, lock: bool = False) -> Consortium:
    """Return a consortium. Raises NotFound."""
    row = session.get(Consortium, id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise no_consortium()
    return row


def insert_consortium(session: Session, consortium: Consortium, units: Sequence[EnteredUnit]) -> None:
    """Put a consortium into the register with its units (`uscc`, `tier`, `role`), the lead first."""
    session.add(consortium)
    session.flush()
    row = {"consortium_id": consortium.id}
    session.execute(insert(consortium_units), [{**row, **unit, "place": index} for index, unit in enumerate(units)])
    store_state(session, consortium, consortium.recognised_on)


def store_state(session: Session, consortium: Consortium, since: date) -> None:
    """Store the consortium's present state as valid from the day `since`."""
    row = {"consortium_id": consortium.id, "since": since, **consortium.standing()}
    statement = upsert(session, register_states).values(**row)
    changed = {name: statement.excluded[name] for name in consortium.standing()}
    key = [register_states.c.consortium_id, register_states.c.since]
    session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed))


def state_on(session: Session, id: str, day: date) -> Row[Any] | None:
    """Return the state of a consortium on a day; None if the consortium was not recognised on that day yet."""
    statement = select(register_states).where(register_states.c.consortium_id == id, register_states.c.since <= day)
    return session.execute(statement.order_by(register_states.c.since.desc()).limit(1)).one_or_none()


def units_of(session: Session, id: str) -> list[Row[Any]]:
    """The units of a consortium, the lead first, with their names."""
    statement = (
        select(consortium_units.c.uscc, consortium_units.c.tier, consortium_units.c.role, organisations.c.name)
        .join(organisations, organisations.c.uscc == consortium_units.c.uscc)
        .where(consortium_units.c.consortium_id == id)
        .order_by(consortium_units.c.place)
    )
    return list(session.execute(statement))


def is_unit(session: Session, id: str, code: str) -> bool:
    """Return whether an organisation is a unit of a consortium."""
    statement = select(consortium_units.c.uscc).where(consortium_units.c.consortium_id == id, consortium_units.c.uscc == code)
    return session.execute(statement).scalar_one_or_none() is not None


def replace_units(session: Session, id: str, units: Sequence[EnteredUnit]) -> None:
    """Replace the units (`uscc`, `tier`, `role`) of a consortium, the lead first."""
    session.execute(delete(consortium_units).where(consortium_units.c.consortium_id == id))
    row = {"consortium_id": id}
    session.execute(insert(consortium_units), [{**row, **unit, "place": index} for index, unit in enumerate(units)])


def next_number(session: Session, year: int) -> int:
    """Return the next sequence number of a year. A concurrent transaction that asks for the next number waits until this
    transaction commits."""
    statement = upsert(session, numbers).values(year=year, last=1)
    statement = statement.on_conflict_do_update(index_elements=[numbers.c.year], set_={"last": numbers.c.last + 1})
    number: int = session.execute(statement.returning(numbers.c.last)).scalar_one()
    return number


def by_ids(session: Session, ids: Iterable[str]) -> dict[str, Row[Any]]:
    """Return entries of the register by id."""
    return {row.id: row for row in session.execute(select(consortia).where(consortia.c.id.in_(set(ids))))}
