"""Load and store support requests. A request is also the record of the use of its support measure."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.application.domain.entitlement import COUNTED, Use
from services.application.domain.support import Support
from services.application.tables import support_requests as table
from services.kernel.errors import NotFound


def no_request() -> NotFound:
    """Return the error for a support request that does not exist or that the actor may not know about."""
    return NotFound("no_such_request", "没有这一支持申请，或您无权查看。", "There is no such request, or it is not for you.")


def request(session: Session, consortium: str, id: str, *, lock: bool = False) -> Support:
    """Return a consortium's request. Raises NotFound."""
    row = session.get(Support, id, with_for_update=lock or None, populate_existing=lock)
    if row is None or row.consortium_id != consortium:
        raise no_request()
    return row


def by_id(session: Session, id: str) -> Support:
    """Return a request by its own id. Raises NotFound."""
    row = session.get(Support, id)
    if row is None:
        raise no_request()
    return row


def uses(session: Session, consortium: str, until: date | None = None) -> list[Use]:
    """Return the uses that count now; with `until`, those that counted on that day, including uses that have ended since."""
    columns = (table.c.measure, table.c.requested_on, table.c.round, table.c.person_key)
    statement = select(*columns).where(table.c.consortium_id == consortium)
    counted: ColumnElement[bool] = table.c.status.in_(COUNTED)
    if until is not None:
        statement = statement.where(table.c.requested_on <= until)
        counted = counted | (table.c.ended_on > until)
    return [Use(*row) for row in session.execute(statement.where(counted))]


def in_call(session: Session, call: str) -> list[Support]:
    """Lock and return the requests and nominations in a call that count and are not decided yet."""
    statement = select(Support).where(table.c.round == call, table.c.status.in_(("requested", "recorded")))
    return list(session.scalars(statement.order_by(table.c.id).with_for_update()))


def open_requests(session: Session, consortium: str) -> list[Support]:
    """Lock and return the requests of a consortium that are not decided yet."""
    statement = select(Support).where(table.c.consortium_id == consortium, table.c.status == "requested")
    return list(session.scalars(statement.order_by(table.c.id).with_for_update()))
