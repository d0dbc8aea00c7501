"""Complete an upload: move the uploaded bytes to a key of the store that the uploader cannot write to, then inspect the bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from services.contracts.document_answers import DocumentAnswerDict
from services.contracts.document_payloads import (
    DocumentReference,
    DocumentRejected,
    DocumentStored,
    RejectionReason,
    RejectionText,
    ReplacedDocument,
)
from services.documents.commands.update_case_file import file_document
from services.documents.domain.content import Inspection, Reason, infected
from services.documents.domain.document import Document, subject_of
from services.documents.domain.grant import Grant, grantors
from services.documents.malware_scanner import scanner_of
from services.documents.repository import documents as repository
from services.kernel.clock import Clock
from services.kernel.errors import Conflict
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.unit_of_work import audit_only, record_change
from services.kernel.settings import Settings
from services.kernel.storage.base import Missing, Store, open_stored
from services.policy import Policies


@dataclass(frozen=True, slots=True)
class ExaminedUpload:
    """The result of `examine_upload`. `arrived`: whether the bytes were uploaded; `reason`: why the document is refused, None if
    it is accepted."""

    arrived: bool
    reason: Reason | None = None


def examine_upload(
    session: Session, actor: Actor, verifier: Verifier, store: Store, settings: Settings, *, id: str, grant: str
) -> ExaminedUpload:
    """Move the uploaded bytes to a key to which no URL allows writing, read them once, hash them and scan them for malware. This
    runs before the transaction of `complete_upload`. Raises Unavailable if the store or the scanner cannot be reached."""
    granted = _granted(verifier, actor, id, grant)
    document = repository.get(session, id)
    granted.require_upload(document.kind, actor)
    if document.state != "pending":
        return ExaminedUpload(arrived=True)
    try:
        if document.parts:
            store.compose(document.incoming_parts, document.key)
        else:
            store.move_to_final(document.incoming, document.key)
        reason = _look(store, settings, document)
    except Missing:
        return ExaminedUpload(arrived=False)
    return ExaminedUpload(arrived=True, reason=reason)


def complete_upload(
    session: Session,
    clock: Clock,
    actor: Actor,
    verifier: Verifier,
    store: Store,
    policies: Policies,
    *,
    id: str,
    grant: str,
    prepared: ExaminedUpload,
) -> DocumentAnswerDict:
    """Complete an upload. Return the document, which is `clean`, or `rejected` with a reason. A refusal is not raised as an
    error, because an error would roll back the stored refusal. A repeated call changes nothing. Raises Conflict if no bytes were
    uploaded, or if the upload was completed too late."""
    granted = _granted(verifier, actor, id, grant)
    document = repository.get(session, id, lock=True)
    granted.require_upload(document.kind, actor)
    if document.state == "abandoned":
        raise Conflict(
            "upload_expired",
            "上传已超过一天未完成，请重新登记并上传。",
            "The upload was not completed within a day; start it again.",
            status=document.state,
        )
    if document.state == "pending":
        _judge(session, clock, store, document, prepared)
        if document.state == "clean":
            file_document(session, clock, policies, document, actor.organisation)
    return document.shown()


def _judge(session: Session, clock: Clock, store: Store, document: Document, examined: ExaminedUpload) -> None:
    if not examined.arrived:
        raise Conflict(
            "upload_missing",
            "尚未收到文件内容，请先按所给地址上传。",
            "The bytes have not arrived; send them to the address given first.",
            status=document.state,
        )
    if reason := examined.reason:
        if reason.code == "infected":
            store.move_to_final(document.key, document.quarantine)
        else:
            store.remove(document.key)
        document.reject(reason.to_dict())
        _emit(session, "document.rejected", document, _rejected(document, reason))
        return
    named = repository.get(session, document.replaces, lock=True) if document.replaces else None
    before = repository.same_name(session, document)
    version = repository.next_version(session, document, above=(named.version or 0) if named else 0)
    document.accept(version, clock.now(), before, named)
    replaced = [one for one in (before, named) if one is not None and one.replaced_by == document.id]
    for one in replaced:
        audit_only(session, "document.replaced", f"document/{one.id}", bureau=PROVINCE, article=one.article, after=one.shown())
    _emit(session, "document.stored", document, _stored(document, version, replaced))


def _rejected(document: Document, reason: Reason) -> DocumentRejected:
    return DocumentRejected(
        subject=document.subject,
        kind=document.kind,
        filename=document.filename,
        document=document.id,
        reason=RejectionReason(code=reason.code, message=RejectionText(zh=reason.text.zh, en=reason.text.en)),
    )


def _stored(document: Document, version: int, replaced: Sequence[Document]) -> DocumentStored:
    return DocumentStored(
        subject=document.subject,
        kind=document.kind,
        filename=document.filename,
        document=document.id,
        size=document.size,
        sha256=document.sha256,
        version=version,
        replaced=[ReplacedDocument(document=one.id, filename=one.filename, sha256=one.sha256) for one in replaced],
    )


def _look(store: Store, settings: Settings, document: Document) -> Reason | None:
    """Read the bytes once. Return the reason to refuse the document (wrong size or hash, wrong type, or malware); None if it is
    accepted."""
    scanner = scanner_of(settings)
    seen = Inspection(lambda: open_stored(store, document.key, document.size))
    if scanner is None:
        for _ in _fed(store, document, seen):
            pass
        return seen.flaw(document)
    found = scanner.scan(_fed(store, document, seen))
    return seen.flaw(document) or (infected(found) if found else None)


def _fed(store: Store, document: Document, seen: Inspection) -> Iterator[bytes]:
    for chunk in store.read(document.key):
        seen.feed(chunk)
        yield chunk
        # Let other green threads run: the services of this process share one thread, and the other services must be able to
        # answer between two chunks.
        time.sleep(0)


def _granted(verifier: Verifier, actor: Actor, id: str, grant: str) -> Grant:
    subject = subject_of(id)
    granted = Grant.from_dict(verifier.read(grant, *grantors(subject)))
    granted.require(subject, "write", actor.username)
    return granted


def _emit(session: Session, type: str, document: Document, data: DocumentReference) -> None:
    record_change(
        session, type, f"document/{document.id}", data, bureau=PROVINCE, article=document.article, after=document.shown()
    )
