"""Case files: add documents, end a file when its subject ends, and start its retention term."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from services.contracts.document_answers import RecordState
from services.contracts.document_payloads import RecordClosed
from services.documents.commands.lock_objects import look_at_locks
from services.documents.domain.case_file import DRAFT, Record
from services.documents.domain.document import Document
from services.documents.repository import case_files
from services.documents.tables import documents
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE
from services.kernel.persistence.unit_of_work import record_change
from services.policy import Policies


def file_document(session: Session, clock: Clock, policies: Policies, document: Document, holder: str | None) -> None:
    """Add a document to its subject's case file. `holder`: the organisation whose account stored the document."""
    record = case_files.record(session, document.subject, clock.now())
    record.touch(policies.in_force(clock.today()), clock.today(), holder)
    # A draft's retention term runs from its last document, so a new document changes the locks of the draft's other documents.
    draft = record.kind == DRAFT
    look_at_locks(session, documents.c.subject == document.subject if draft else documents.c.id == document.id)


def end_file(session: Session, policies: Policies, file: str, on: date, why: str) -> None:
    """End a case file because its subject has ended: start the retention term of each of its records, and publish the day on
    which the term ends."""
    for record in case_files.file_of(session, file):
        if record.ended_on is None:
            before = record.state()
            record.end(on, why, policies.get(record.policy) if record.policy else policies.in_force(on))
            _tell(session, record, before)
            look_at_locks(session, documents.c.subject == record.subject)


def _tell(session: Session, record: Record, before: RecordState) -> None:
    """Publish the retention term of a record that has ended, unless the record belongs to a draft."""
    if record.kind == DRAFT:
        return
    assert record.why and record.policy and record.ended_on
    closed = RecordClosed(
        subject=record.subject,
        title=record.title,
        why=record.why,
        rule=record.rule,
        policy=record.policy,
        ended_on=record.ended_on,
        due_on=record.due_on,
    )
    record_change(
        session,
        "record.closed",
        record.subject,
        closed,
        bureau=PROVINCE,
        recommender=record.recommender,
        before=before,
        after=record.state(),
    )
