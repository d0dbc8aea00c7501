"""Notify draft owners one month before their documents are deleted."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.document_payloads import DraftHolder, RecordDue
from services.documents.domain.case_file import Record
from services.documents.repository import case_files
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE
from services.kernel.persistence.unit_of_work import record_change


def drafts_to_tell_of(session: Session, clock: Clock) -> list[str]:
    """Sweep: return the subjects of the drafts whose documents will be deleted within a month and whose owners were not
    notified."""
    return case_files.to_be_told(session, clock.today())


def tell_holder(session: Session, clock: Clock, id: str) -> str:
    """Sweep: publish the event that notifies the owner of one draft. The draft's documents are deleted a month after this event
    at the earliest, even if the event is late."""
    record = session.get_one(Record, id, with_for_update=True)
    before = record.state()
    assert record.holder
    due = RecordDue(subject=id, due_on=record.tell(clock.today()), lead=DraftHolder(uscc=record.holder))
    record_change(
        session, "record.due", id, due, bureau=PROVINCE, recommender=record.recommender, before=before, after=record.state()
    )
    return f"told {record.holder}"
