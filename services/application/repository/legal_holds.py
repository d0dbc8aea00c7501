"""Store the legal holds on case files, and select the rows about cases under a legal hold."""

from __future__ import annotations

from sqlalchemy import ColumnElement, literal, select, union
from sqlalchemy.orm import Session

from services.application.repository.dialect import upsert
from services.application.tables import consortia, legal_holds, places, verifications, watches


def store(session: Session, id: str, subject: str, *, lifted: bool) -> None:
    """Store that a legal hold was placed or lifted. A lifted hold stays lifted, in whatever order the two events arrive."""
    statement = upsert(session, legal_holds).values(id=id, subject=subject, lifted=lifted)
    if lifted:
        statement = statement.on_conflict_do_update(index_elements=["id"], set_={"lifted": True})
    else:
        statement = statement.on_conflict_do_nothing()
    session.execute(statement)


_active = select(legal_holds.c.subject).where(~legal_holds.c.lifted)
#: Selects the subjects under a legal hold; a hold on an application also covers the consortium that was recognised from it.
_held = union(
    _active,
    select(literal("consortium/") + consortia.c.id).where((literal("application/") + consortia.c.application_id).in_(_active)),
)

#: SQL condition: a legal hold keeps an entry of the watch list, because the hold is on the entry's consortium, or on the
#: application from which the consortium was recognised.
watch_held: ColumnElement[bool] = (literal("consortium/") + watches.c.consortium_id).in_(_held)

#: SQL condition: a legal hold keeps a verification, because the hold is on the organisation, or on a case in which the
#: organisation is or was a unit.
verification_held: ColumnElement[bool] = (literal("organisation/") + verifications.c.uscc).in_(
    _active
) | verifications.c.uscc.in_(select(places.c.uscc).where(places.c.subject.in_(_held)))
