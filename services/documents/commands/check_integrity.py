"""The integrity check: it regularly reads every stored object again and compares the object's hash with the document's. It also
deletes objects to which no table row refers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from services.contracts.document_payloads import DocumentDamaged
from services.documents.commands.lock_objects import look_at_locks
from services.documents.domain.document import Document
from services.documents.tables import chores, documents, papers
from services.kernel.clock import Clock, real_now
from services.kernel.identity import PROVINCE
from services.kernel.persistence.lease import Lease, claim_first
from services.kernel.persistence.unit_of_work import audit_only, record_change
from services.kernel.storage.base import Missing, Store

#: Days after which a document's object is read again, and days for which an infected object is kept in quarantine.
AGAIN_DAYS, QUARANTINE_DAYS = 30, 30
#: The lease of the check of one object, and the least age at which an object without a table row is deleted: the object of an
#: upload in progress may have no row yet.
LEASE, STRANGER = Lease(600), timedelta(days=2)


class Finding(StrEnum):
    """The result of the check of one object."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A document whose object is checked: the document's id, and the hash that the object must have."""

    id: str
    sha256: str


def take_object(session: Session) -> StoredObject | None:
    """Claim the document whose bytes were checked longest ago, if that was at least `AGAIN_DAYS` ago; None if there is none."""
    now = real_now()
    due = or_(documents.c.checked_at.is_(None), documents.c.checked_at < now - timedelta(days=AGAIN_DAYS))
    # A newer document needs no check, because its bytes were read when it was uploaded.
    old = documents.c.stored_at < now - timedelta(days=1)
    statement = select(documents.c.id, documents.c.sha256).where(documents.c.state == "clean", due, old)
    row = claim_first(session, statement.order_by(documents.c.checked_at))
    if row is None:
        return None
    # The table has no column for leases. Until the result is stored, `checked_at` gets a value that makes the document due again
    # when the lease ends.
    due_again = LEASE.end(now) - timedelta(days=AGAIN_DAYS)
    session.execute(update(documents).where(documents.c.id == row.id).values(checked_at=due_again))
    return StoredObject(row.id, row.sha256)


def hash_object(store: Store, piece: StoredObject) -> Finding:
    """Read the document's object, and compare its hash with the document's."""
    digest = hashlib.sha256()
    try:
        for chunk in store.read(f"documents/{piece.id}"):
            digest.update(chunk)
    except Missing:
        return Finding.MISSING
    return Finding.UNCHANGED if digest.hexdigest() == piece.sha256 else Finding.CHANGED


def settle_object(session: Session, clock: Clock, piece: StoredObject, outcome: Finding) -> None:
    """Store the result of the check. A missing or changed object makes the document `damaged`: the document is no longer served,
    and an operator is alerted."""
    document = session.get_one(Document, piece.id, with_for_update=True)
    session.execute(update(documents).where(documents.c.id == document.id).values(checked_at=real_now()))
    if outcome is Finding.UNCHANGED:
        look_at_locks(session, documents.c.id == document.id)
    if outcome is Finding.UNCHANGED or document.state != "clean":
        return
    document.state = "damaged"
    damaged = DocumentDamaged(
        subject=document.subject, kind=document.kind, filename=document.filename, document=document.id, finding=outcome
    )
    record_change(session, "document.damaged", f"document/{document.id}", damaged, bureau=PROVINCE, after=document.shown())


def cleaning_due(session: Session, clock: Clock) -> list[str]:
    """Sweep: return one id if the last cleaning of the store was at least a day ago (real time)."""
    last = session.execute(select(chores.c.done_at).where(chores.c.name == "orphans")).scalar_one_or_none()
    return ["orphans"] if last is None or last < real_now() - timedelta(days=1) else []


def clear_orphans(session: Session, store: Store, id: str) -> dict[str, int]:
    """Sweep: delete the objects to which no table row refers, and infected objects whose quarantine is over."""
    now = real_now()
    removed = 0
    for key, modified in store.objects():
        if modified < now - STRANGER and not _known(session, key, modified < now - timedelta(days=QUARANTINE_DAYS)):
            store.remove(key)
            removed += 1
    statement = update(chores).where(chores.c.name == id).values(done_at=now)
    if not session.execute(statement.returning(chores.c.name)).first():
        session.execute(insert(chores).values(name=id, done_at=now))
    if removed:
        audit_only(session, "document.orphans_removed", "document/orphans", bureau=PROVINCE, after={"removed": removed})
    return {"removed": removed}


def _known(session: Session, key: str, old: bool) -> bool:
    folder, _, name = key.partition("/")
    if folder == "incoming":
        # The key of an uploaded part is the document's key followed by the part's number.
        return "pending" in (_state(session, name), _state(session, name.rpartition(".")[0]))
    if folder == "documents":
        return _state(session, name) in ("pending", "clean", "damaged")
    if folder == "quarantine":
        return not old and _state(session, name) == "rejected"
    if folder == "papers":
        return session.execute(select(papers.c.id).where(papers.c.sha256 == name.partition(".")[0]).limit(1)).first() is not None
    return True  # The object is of a kind that this check does not delete.


def _state(session: Session, id: str) -> str | None:
    return session.execute(select(documents.c.state).where(documents.c.id == id)).scalar_one_or_none()
