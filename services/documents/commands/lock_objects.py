"""Object locks. If the store supports them, it refuses to delete a document for as long as the case file or a legal hold requires
it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from services.documents.repository import case_files
from services.documents.tables import documents, locking
from services.documents.tables import records as records_table
from services.kernel.clock import SHANGHAI, local_date, real_now
from services.kernel.persistence.database import insert_into
from services.kernel.persistence.lease import Lease, claim_first
from services.kernel.persistence.unit_of_work import wake_job_workers
from services.kernel.storage.base import Missing, Store

#: The lease of the job that sets one lock, and the number of days for which a document is locked while the end of its retention
#: term is unknown; the monthly integrity check renews such a lock.
LEASE, AHEAD = Lease(600), 365


@dataclass(frozen=True, slots=True)
class LockToSet:
    """The lock of one document that must be set. `until`: the day on which the lock ends, None for no such lock; `held`: whether
    a legal hold applies; `again`: the end of the job's lease."""

    id: str
    until: date | None
    held: bool
    again: datetime


def look_at_locks(session: Session, which: ColumnElement[bool]) -> None:
    """Schedule a job that sets these documents' locks again, because their retention changed or the lock must be renewed."""
    kept = session.scalars(select(documents.c.id).where(which, documents.c.state == "clean"))
    rows = [{"document": id, "next_at": real_now()} for id in kept]
    if rows:
        statement = insert_into(session.get_bind().dialect.name, locking)
        again = {"next_at": statement.excluded.next_at}
        session.execute(statement.on_conflict_do_update(index_elements=[locking.c.document], set_=again), rows)
        wake_job_workers(session)


def look_at_file(session: Session, subject: str) -> None:
    """Schedule the job that sets the locks again for all documents of the subject's case file."""
    own = select(records_table.c.file).where(records_table.c.subject == subject).scalar_subquery()
    all_of_it = select(records_table.c.subject).where(records_table.c.file == own)
    look_at_locks(session, documents.c.subject.in_(all_of_it))


def take_lock(session: Session, store: Store) -> LockToSet | None:
    """Claim a document whose lock must be set. Return it with the lock's end and whether a legal hold applies. The lock ends on
    the day on which the documents may be deleted; while that day is unknown, the lock lasts `AHEAD` days. Documents of an
    organisation have no such day and are locked only by legal holds."""
    now = real_now()
    due = claim_first(session, select(locking.c.document).where(locking.c.next_at <= now).order_by(locking.c.next_at))
    if due is None:
        return None
    id = due.document
    if not store.locks():
        session.execute(delete(locking))
        return None
    again = LEASE.end(now)
    session.execute(update(locking).where(locking.c.document == id).values(next_at=again))
    subject = select(documents.c.subject).where(documents.c.id == id).scalar_subquery()
    wanted = select(records_table.c.kind, records_table.c.due_on, case_files.held.label("held"))
    row = session.execute(wanted.where(records_table.c.subject == subject)).one_or_none()
    until = _until(row.kind, row.due_on, local_date(now)) if row else None
    return LockToSet(id, until, bool(row and row.held), again)


def turn_lock(store: Store, piece: LockToSet) -> bool:
    """Set the lock in the object store. Return whether the store has the object."""
    instant = datetime.combine(piece.until, time(), SHANGHAI) if piece.until else None
    try:
        store.protect(f"documents/{piece.id}", instant, held=piece.held)
    except Missing:  # The object is missing; the monthly integrity check reports that.
        return False
    return True


def settle_lock(session: Session, piece: LockToSet, outcome: bool) -> None:
    """Store until when the document is locked. If another change of the lock was scheduled while the job ran, the document stays
    scheduled."""
    done = (locking.c.document == piece.id, locking.c.next_at == piece.again)
    session.execute(delete(locking).where(*done))
    if outcome and piece.until:
        longer = documents.c.lock_until.is_(None) | (documents.c.lock_until < piece.until)
        session.execute(update(documents).where(documents.c.id == piece.id, longer).values(lock_until=piece.until))


def _until(kind: str, due_on: date | None, today: date) -> date | None:
    if kind == "organisation":
        return None
    until = due_on or today + timedelta(days=AHEAD)
    return until if until > today else None
