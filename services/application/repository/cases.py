"""Load and store calls, applications, their units, versions and readers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, exists, insert, or_, select
from sqlalchemy.orm import Session

from services.application.domain.application import ENDED, Application
from services.application.domain.call import Call
from services.application.domain.organisation import Organisation
from services.application.tables import (
    applications,
    calls,
    integrity_records,
    objections,
    organisations,
    readers,
    units,
    versions,
)
from services.kernel.errors import NotFound
from services.objections.table import unanswered

#: The columns of a version that readers see. The inputs of its verdict are left out, because they are large and rarely needed.
_SHOWN = [column for column in versions.c if column.name not in ("application_id", "inputs")]


def no_application() -> NotFound:
    """Return the error for an application that does not exist or that the actor may not know about."""
    return NotFound(
        "application_not_found",
        "没有这一申请，或您无权查看。",
        "There is no such application, or it is not yours to see.",
    )


def application(session: Session, id: str, *, lock: bool = False) -> Application:
    """Return an application. Raises NotFound."""
    row = session.get(Application, id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise no_application()
    return row


def lock_with_call(session: Session, id: str) -> tuple[Application, Call | None]:
    """Return the application, locked, and its call, not locked. Raises NotFound."""
    row = session.execute(_LOCKED_WITH_CALL, {"id": id}).one_or_none()
    if row is None:
        raise no_application()
    return row.Application, row.Call


def with_version(session: Session, id: str) -> tuple[Application, Row[Any] | None]:
    """Return the application and its last submitted version. Raises NotFound."""
    row = session.execute(_WITH_VERSION, {"id": id}).one_or_none()
    if row is None:
        raise no_application()
    return row.Application, row if row.number is not None else None


def call(session: Session, id: str, *, lock: bool = False) -> Call:
    """Return a call. Raises NotFound."""
    row = session.get(Call, id, with_for_update=lock or None)
    if row is None:
        raise NotFound("call_not_found", "没有这一申报通知。", "There is no such call.")
    return row


def open_in_call(session: Session, lead: str, call: str, but: str | None = None) -> Application | None:
    """Return a lead's open application in a call; None if there is none. `but`: the id of an application that is ignored."""
    statement = select(Application).where(
        applications.c.lead == lead, applications.c.call_id == call, applications.c.status.not_in(ENDED)
    )
    if but is not None:
        statement = statement.where(applications.c.id != but)
    return session.scalars(statement.order_by(applications.c.id).limit(1)).first()


def unit_rows(session: Session, id: str) -> dict[str, Row[Any]]:
    """Return the rows of an application's units, by organisation code. Each row has the unit's last answer to the invitation to
    join."""
    return {row.uscc: row for row in session.execute(_UNITS, {"id": id})}


def load_unit_facts(
    session: Session, id: str, codes: Iterable[str], today: date, *, lock: bool
) -> tuple[dict[str, Organisation], dict[str, Row[Any]], dict[str, date | None]]:
    """Return, for the units of an application, by code: their data, locked if `lock` is set; their last answers, which the
    application's lock protects; and the last day of the longest penalty in force. A penalty without end is None; a unit without a
    penalty has no entry."""
    organisations_by_code: dict[str, Organisation] = {}
    answers: dict[str, Row[Any]] = {}
    penalties: dict[str, date | None] = {}
    statement = _AROUND_LOCKED if lock else _AROUND
    for row in session.execute(statement, {"id": id, "codes": sorted(set(codes)), "today": today}):
        code = row.Organisation.uscc
        organisations_by_code[code], answers[code] = row.Organisation, row
        if row.penalised:
            longest = penalties.get(code, date.min)
            penalties[code] = None if row.penalty_until is None or longest is None else max(row.penalty_until, longest)
    return organisations_by_code, answers, penalties


def set_units(session: Session, id: str, codes: Iterable[str], stored: Iterable[str]) -> None:
    """Store the units of an application. `stored`: the codes that are stored already, so that no row is written for them."""
    codes, stored = set(codes), set(stored)
    if removed := stored - codes:
        session.execute(delete(units).where(units.c.application_id == id, units.c.uscc.in_(removed)))
    if added := sorted(codes - stored):
        session.execute(insert(units), [{"application_id": id, "uscc": code} for code in added])


def has_open_objection(session: Session, id: str) -> bool:
    """Return whether an objection to the application waits for an answer."""
    waiting = exists().where(objections.c.application_id == id, unanswered(objections.c))
    return bool(session.execute(select(waiting)).scalar_one())


def version(session: Session, id: str, number: int) -> Row[Any] | None:
    """Return a submitted version, without the inputs of its verdict; None if no version has this number."""
    statement = select(*_SHOWN).where(versions.c.application_id == id, versions.c.number == number)
    return session.execute(statement).one_or_none()


def assigned_version(session: Session, id: str, username: str) -> int | None:
    """Return the version that the province has assigned to this expert or third party. None if no version is assigned, and after
    the decision, which ends the access."""
    statement = select(readers.c.version).where(readers.c.application_id == id, *given_to(username))
    return session.execute(statement).scalar_one_or_none()


def given_to(username: str) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions, for a statement over the readers table, that select the versions this expert or third party may
    read. The access ends when the application is decided, returned or withdrawn."""
    under_review = select(applications.c.id).where(applications.c.status.in_(("submitted", "held")))
    return readers.c.username == username, readers.c.application_id.in_(under_review)


def assign_readers(session: Session, id: str, version: int, usernames: Iterable[str]) -> None:
    """Replace the reviewers that may read the application: only these accounts may read this version from now on."""
    session.execute(delete(readers).where(readers.c.application_id == id))
    if rows := [{"application_id": id, "username": name, "version": version} for name in sorted(set(usernames))]:
        session.execute(insert(readers), rows)


def add_reader(session: Session, id: str, version: int, username: str) -> None:
    """Let a reviewer's account read this version of an application, instead of the version that it could read before."""
    session.execute(delete(readers).where(readers.c.application_id == id, readers.c.username == username))
    session.execute(insert(readers).values(application_id=id, username=username, version=version))


# Built once at import: these statements run with every submission and every read of an application.
_LOCKED_WITH_CALL = (
    select(Application, Call)
    .outerjoin(Call, calls.c.id == applications.c.call_id)
    .where(applications.c.id == bindparam("id"))
    .with_for_update(of=applications)
)
_last = (versions.c.application_id == applications.c.id) & (versions.c.number == applications.c.version)
_WITH_VERSION = select(Application, *_SHOWN).outerjoin(versions, _last).where(applications.c.id == bindparam("id"))
_UNITS = select(units).where(units.c.application_id == bindparam("id"))
_mine = and_(units.c.uscc == organisations.c.uscc, units.c.application_id == bindparam("id"))
_in_force = and_(
    integrity_records.c.uscc == organisations.c.uscc,
    integrity_records.c.recorded_on <= bindparam("today"),
    or_(integrity_records.c.penalty_until.is_(None), integrity_records.c.penalty_until >= bindparam("today")),
)
_ANSWER = [column for column in units.c if column.name not in ("application_id", "uscc")]
_AROUND = (
    select(Organisation, *_ANSWER, integrity_records.c.uscc.label("penalised"), integrity_records.c.penalty_until)
    .outerjoin(units, _mine)
    .outerjoin(integrity_records, _in_force)
    .where(organisations.c.uscc.in_(bindparam("codes", expanding=True)))
    .order_by(organisations.c.uscc)
)
_AROUND_LOCKED = _AROUND.with_for_update(of=organisations, key_share=True).execution_options(populate_existing=True)
