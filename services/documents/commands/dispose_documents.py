"""Delete the documents of a case file after its retention term. The bytes are deleted; a stub records what the documents were,
when they were deleted and by which rule."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.contracts.document_payloads import DisposedDocument, RecordDisposed
from services.documents.domain.case_file import DRAFT, Record
from services.documents.domain.content import Reason
from services.documents.domain.document import DisposalReason, Document
from services.documents.repository import case_files
from services.documents.repository import documents as repository
from services.documents.tables import papers
from services.kernel.clock import Clock, local_date, real_now
from services.kernel.errors import Text
from services.kernel.identity import PROVINCE
from services.kernel.persistence.unit_of_work import audit_only, publish
from services.kernel.storage.base import Store
from services.policy import Policies, Policy


def due_records(session: Session, clock: Clock) -> list[str]:
    """Sweep: return the subjects whose documents must be deleted because their retention term is over, without those on legal
    hold."""
    return case_files.due(session, clock.today(), local_date(real_now()))


def dispose(session: Session, clock: Clock, store: Store, policies: Policies, id: str) -> str:
    """Sweep: delete the documents of one subject, either all or none. If the store refuses or cannot be reached, no deletion is
    recorded and the next sweep tries again."""
    record = session.get_one(Record, id, with_for_update=True)
    if not record.is_due(clock.today()) or case_files.is_held(session, id):
        return "nothing"
    reason = _reason(record, policies.get(record.policy or ""), clock)
    gone = [_drop(session, store, document, reason) for document in _whole(session, record)]
    repository.forget_names(session, id)
    _drop_forms(session, store, id)
    before = record.state()
    record.dispose(len(gone), clock.today())
    audit_only(session, "record.disposed", id, bureau=PROVINCE, before=before, after=record.state())
    if record.kind != DRAFT:
        disposed = _disposed(record, reason, gone)
        publish(session, "record.disposed", id, disposed, bureau=PROVINCE, recommender=record.recommender)
    return f"disposed of {len(gone)}"


def _disposed(record: Record, reason: DisposalReason, gone: list[DisposedDocument]) -> RecordDisposed:
    assert record.why and record.ended_on and record.due_on and record.disposed_on
    return RecordDisposed(
        subject=record.subject,
        title=record.title,
        documents=gone,
        rule=reason["rule"],
        policy=reason["policy"],
        why=record.why,
        ended_on=record.ended_on,
        due_on=record.due_on,
        disposed_on=record.disposed_on,
    )


def _whole(session: Session, record: Record) -> list[Document]:
    """Return the subject's own documents, and the organisations' documents that were submitted with it and that no other case
    keeps."""
    others = [
        document
        for document in case_files.last_handed_in_with(session, record.subject)
        if not case_files.is_held(session, document.subject)
    ]
    return [*case_files.kept(session, record.subject), *others]


def _drop(session: Session, store: Store, document: Document, reason: DisposalReason) -> DisposedDocument:
    store.remove(document.key)
    before = document.shown()
    document.dispose(reason)
    audit_only(
        session,
        "document.disposed",
        f"document/{document.id}",
        bureau=PROVINCE,
        article=document.article,
        before=before,
        after=document.shown(),
    )
    return DisposedDocument(document=document.id, kind=document.kind, sha256=document.sha256)


def _drop_forms(session: Session, store: Store, subject: str) -> None:
    for form in case_files.forms_of(session, subject):
        session.execute(delete(papers).where(papers.c.id == form.id))
        if session.execute(select(papers.c.id).where(papers.c.sha256 == form.sha256).limit(1)).first() is None:
            store.remove(f"papers/{form.sha256}.{form.format}")


def _reason(record: Record, policy: Policy, clock: Clock) -> DisposalReason:
    """Return the reason for the disposal, as the stub stores it."""
    term = policy.retention[record.rule or ""]
    today, due = clock.today().isoformat(), record.due_on.isoformat() if record.due_on else ""
    said = Reason(
        "disposed",
        Text(
            f"保管期限已满（{policy.title.zh}：{term.title.zh}，{term.years} 年，至 {due}），文件已于 {today} 销毁。",
            f"Its term is over ({policy.title.en}: {term.title.en}, {term.years} years, until {due}); disposed of on {today}.",
        ),
    )
    return {
        **said.to_dict(),
        "rule": term.of,
        "policy": policy.ref,
        "why": record.why,
        "ended_on": record.ended_on.isoformat() if record.ended_on else None,
        "due_on": due,
        "disposed_on": today,
    }
