"""Load the objections of a service. `kind` is the service's own class of objections, which is mapped to the service's table."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import exists, inspect, select
from sqlalchemy.orm import Session

from services.objections.domain import UPHELD, Objection, no_objection
from services.objections.table import unanswered

Kind = TypeVar("Kind", bound=Objection)


def objection_of_case(session: Session, kind: type[Kind], case: str, id: str, *, lock: bool = False) -> Kind:
    """Return one objection to a case. Raises NotFound."""
    row = session.get(kind, id, with_for_update=lock or None, populate_existing=lock)
    if row is None or row.case != case:
        raise no_objection()
    return row


def of_case(session: Session, kind: type[Kind], case: str) -> list[Kind]:
    """Return all objections to a case, the oldest first."""
    column = inspect(kind).columns
    return list(session.scalars(select(kind).where(column["case"] == case).order_by(column["id"])))


def is_open(session: Session, kind: type[Kind], case: str, organisation: str) -> bool:
    """Return whether an objection of this organisation to the case waits for its answer."""
    column = inspect(kind).columns
    open_by_organisation = (column["case"] == case, column["organisation"] == organisation, unanswered(column))
    return session.execute(select(exists().where(*open_by_organisation))).scalar_one()


def unresolved(session: Session, kind: type[Kind], case: str) -> list[Kind]:
    """Return the upheld objections to a case that no later decision or grade has taken into account."""
    return [
        objection for objection in of_case(session, kind, case) if objection.outcome == UPHELD and objection.resolved_at is None
    ]
