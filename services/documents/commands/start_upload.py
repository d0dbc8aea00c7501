"""Start the upload of a document, whole or in parts, and continue one in parts."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.document_answers import AnnouncedAnswerDict, PartAnswerDict, UploadAnswerDict
from services.documents.domain.document import AnnouncedPart, Document, subject_of
from services.documents.domain.grant import Grant, grantors
from services.documents.repository import documents as repository
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, Invalid
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.unit_of_work import audit_only
from services.kernel.settings import Settings
from services.kernel.storage.base import Store


def start_upload(
    session: Session,
    clock: Clock,
    actor: Actor,
    verifier: Verifier,
    store: Store,
    settings: Settings,
    *,
    subject: str,
    kind: str,
    filename: str,
    size: int,
    sha256: str,
    parts: list[AnnouncedPart] | None,
    grant: str,
    replaces: str | None = None,
) -> AnnouncedAnswerDict:
    """Create a document and return how to send its bytes, whole or in `parts`. `filename`: exactly as its owner entered it.
    `size` in bytes, `sha256` in hex. `replaces`: the id of the document of which this is a new version. `grant`: the statement,
    signed by the service that owns the subject, that the account may upload.

    Raises Invalid for a type that is not accepted and for a document that cannot be replaced, Conflict for a document that
    already has a newer version, TooLarge above the size limit, Unavailable if the store cannot be reached.
    """
    granted = Grant.from_dict(verifier.read(grant, *grantors(subject)))
    granted.require(subject, "write", actor.username)
    granted.require_upload(kind, actor)
    largest = int(settings.max_document_mb) << 20
    if replaces is not None:
        _require_replaceable(session, replaces, subject, kind)
    document = Document.announce(
        subject, kind, filename, size, sha256, largest=largest, at=clock.now(), parts=parts, replaces=replaces
    )
    store.check()
    session.add(document)
    audit_only(session, "document.announced", f"document/{document.id}", bureau=PROVINCE, article=document.article)
    if document.parts:
        return {"id": document.id, "upload": None, "parts": parts_of(store, document, fresh=True)}
    upload = _upload(store, document.incoming, document.size, document.sha256)
    return {"id": document.id, "upload": upload, "parts": None}


def _require_replaceable(session: Session, id: str, subject: str, kind: str) -> None:
    replaced = session.get(Document, id)
    if replaced is None:
        text = "没有这份文件，请填写被替换文件的编号。", "There is no such document; give the id of the one to be replaced."
        raise Invalid.field("/replaces", "unknown_document", *text)
    replaced.require_replaceable(subject, kind)


def upload_parts(
    session: Session, actor: Actor, verifier: Verifier, store: Store, *, id: str, grant: str
) -> list[PartAnswerDict]:
    """Query: return which parts have arrived, and fresh URLs for the others, so that a client can continue after an interruption.
    Raises Conflict for a document that is not being uploaded in parts."""
    subject = subject_of(id)
    granted = Grant.from_dict(verifier.read(grant, *grantors(subject)))
    granted.require(subject, "write", actor.username)
    document = repository.get(session, id)
    granted.require_upload(document.kind, actor)
    if document.state != "pending" or not document.parts:
        raise Conflict(
            "no_parts_expected",
            "该文件不在分块上传中。",
            "This document is not being uploaded in parts.",
            status=document.state,
        )
    return parts_of(store, document)


def parts_of(store: Store, document: Document, *, fresh: bool = False) -> list[PartAnswerDict]:
    """Return each part: its number from 1, whether it has arrived and, if not, how to send it. `fresh`: the upload has just been
    announced, so no part has arrived and the store is not asked."""
    found: list[PartAnswerDict] = []
    for number, (key, part) in enumerate(zip(document.incoming_parts, document.parts or (), strict=True), 1):
        arrived = not fresh and store.exists(key)
        upload = None if arrived else _upload(store, key, part["size"], part["sha256"])
        found.append({"number": number, "size": part["size"], "arrived": arrived, "upload": upload})
    return found


def _upload(store: Store, key: str, size: int, sha256: str) -> UploadAnswerDict:
    upload = store.upload(key, size=size, sha256=sha256)
    return {"method": upload.method, "url": upload.url, "headers": upload.headers}
