"""Queries about documents. A grant that is signed by the service which owns the subject determines which account may read the
subject's documents."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.contracts.application.call_responses import CallFileDict
from services.contracts.document_answers import (
    BundledDocument,
    DocumentAddress,
    DocumentAnswerDict,
    DocumentSource,
    DocumentsStatement,
    HoldAnswerDict,
    RecordAnswerDict,
    StatedDocument,
)
from services.contracts.labels import label
from services.contracts.pages import PageDict
from services.contracts.todo import TaskCounts, Worklist
from services.documents.domain.case_file import Hold, Record, require_keeper
from services.documents.domain.document import Document, no_document, subject_of
from services.documents.domain.grant import INSIDE, Grant, grantors, readable
from services.documents.repository import case_files
from services.documents.repository import documents as repository
from services.documents.tables import documents, holds
from services.documents.tables import records as records_table
from services.kernel.clock import Clock, real_now
from services.kernel.errors import Conflict
from services.kernel.identity import Actor
from services.kernel.messaging.signing import Signer, Verifier
from services.kernel.persistence.paging import page
from services.kernel.storage.base import Store
from services.kernel.worklist import Waiting, parked_events, task_counts, worklist

#: Seconds for which a signed statement of documents is valid. The gateway uses a statement within the request for which it was
#: issued.
STATES_SECONDS = 60
#: Types that a browser may display instead of saving them: none of them can contain a script that runs.
SHOWN_INLINE = frozenset(("application/pdf", "image/png", "image/jpeg"))


def get_document(session: Session, actor: Actor, verifier: Verifier, *, id: str, grant: str) -> DocumentAnswerDict:
    """Return one document. Raises NotFound if there is no such document, or if the grant is for other documents only."""
    return _granted(session, actor, verifier, id, grant).shown()


def document_content(
    session: Session, actor: Actor, verifier: Verifier, store: Store, *, id: str, grant: str, inline: bool = False
) -> DocumentAddress:
    """Return a URL that serves the document's bytes for a few minutes. With `inline` the browser displays the document, if its
    type allows that. Raises Conflict unless the document is clean."""
    document = _verified(_granted(session, actor, verifier, id, grant))
    store.check()
    shown = inline and document.media_type in SHOWN_INLINE
    url = store.download_url(document.key, filename=document.filename, media_type=document.media_type, inline=shown)
    return {"url": url}


def document_source(session: Session, actor: Actor, verifier: Verifier, store: Store, *, id: str, grant: str) -> DocumentSource:
    """Query: return the location of a document's bytes in the store, from which the gateway renders the pages. `at` is the real
    time of the query, not the clock of the domain. The same accounts may read it, and the same errors are raised, as with
    `document_content`."""
    document = _verified(_granted(session, actor, verifier, id, grant))
    store.check()
    return {
        "id": document.id,
        "key": document.key,
        "size": document.size,
        "filename": document.filename,
        "media_type": document.media_type,
        "at": real_now().isoformat(),
    }


def _verified(document: Document) -> Document:
    """Return the document. Raises Conflict unless its bytes were verified and still exist."""
    if document.state == "disposed":
        raise Conflict(
            "document_disposed",
            "该文件保管期限已满，已依规定销毁。",
            "The term of this document is over; it was disposed of.",
            status=document.state,
        )
    if document.state != "clean":
        raise Conflict(
            "document_not_clean",
            "该文件尚未通过核验，不能下载。",
            "This document has not been verified; there is nothing to download.",
            status=document.state,
        )
    return document


def call_files(session: Session, *, call: str) -> list[CallFileDict]:
    """Return the newest versions of a call's files. The files of a call are public."""
    return [_file(document) for document, newest in repository.clean_of(session, [f"call/{call}"]) if newest]


def _file(document: Document) -> CallFileDict:
    return {
        "id": document.id,
        "filename": document.filename,
        "media_type": document.media_type,
        "size": document.size,
        "sha256": document.sha256,
        "stored_at": document.stored_at.isoformat() if document.stored_at else None,
    }


def call_file(session: Session, store: Store, *, call: str, id: str) -> DocumentAddress:
    """Return a public URL of a call's file, valid for a few minutes. Raises NotFound for anything but a clean file of this
    call."""
    document = session.get(Document, id)
    if document is None or document.subject != f"call/{call}" or document.state != "clean":
        raise no_document()
    store.check()
    return {"url": store.download_url(document.key, filename=document.filename, media_type=document.media_type)}


def list_documents(
    session: Session, actor: Actor, verifier: Verifier, *, subject: str, grant: str, limit: int, cursor: str | None
) -> PageDict[DocumentAnswerDict]:
    """List the documents of a subject with all their versions, the oldest first. If the grant names documents, only the named
    documents are listed."""
    granted = _read(verifier, grant, subject)
    granted.require(subject, "read", actor.username)
    statement = select(documents.c.id, Document).where(documents.c.subject == subject)
    if granted.ids is not None:
        statement = statement.where(documents.c.id.in_(granted.ids))
    statement = statement.where(documents.c.kind.not_in([kind for kind in INSIDE if not readable(kind, actor)]))
    rows, next_cursor = page(session, statement, [documents.c.id], limit=limit, cursor=cursor)
    return {"items": [row.Document.shown() for row in rows], "next_cursor": next_cursor}


def bundle(
    session: Session, actor: Actor, verifier: Verifier, store: Store, *, subject: str, grant: str
) -> list[BundledDocument]:
    """Return the clean documents of a subject, all versions, the oldest first, each with the location of its bytes, so that the
    gateway can pack them into an archive. Raises Unavailable if the store cannot be reached, Forbidden without the
    owner's grant."""
    granted = _read(verifier, grant, subject)
    granted.require(subject, "read", actor.username)
    store.check()
    return [
        {
            "id": document.id,
            "kind": document.kind,
            "filename": document.filename,
            "version": document.version,
            "sha256": document.sha256,
            "size": document.size,
            "key": document.key,
            "newest": newest,
            "stored_at": document.stored_at.isoformat() if document.stored_at else None,
        }
        for document, newest in repository.clean_of(session, [subject])
        if granted.covers(document.id) and readable(document.kind, actor)
    ]


def document_states(session: Session, signer: Signer, *, subjects: list[str]) -> DocumentsStatement:
    """Return a signed statement of the verified documents of these subjects, for the service that checks whether required
    documents are present. In the statement each document is `clean`, or `superseded` by a newer version. All verified documents
    of an organisation are `clean`, because an application names by id the version that it uses."""
    listed: list[StatedDocument] = [
        {
            "id": document.id,
            "subject": document.subject,
            "kind": document.kind,
            "filename": document.filename,
            "size": document.size,
            "sha256": document.sha256,
            "state": "clean" if document.newest or document.subject.startswith("organisation/") else "superseded",
        }
        for document in repository.states_of(session, subjects)
    ]
    return {"statement": signer.statement({"documents": listed}, seconds=STATES_SECONDS)}


def list_holds(
    session: Session, actor: Actor, *, subject: str | None, standing: bool | None, limit: int, cursor: str | None
) -> PageDict[HoldAnswerDict]:
    """List the legal holds, the newest first. `standing`: true for active holds only, false for lifted holds only. Raises
    Forbidden unless the actor is an official of the province or an auditor."""
    require_keeper(actor)
    statement = select(holds.c.id, Hold)
    if subject is not None:
        statement = statement.where(holds.c.subject == subject)
    if standing is not None:
        statement = statement.where(holds.c.lifted_at.is_(None) if standing else holds.c.lifted_at.is_not(None))
    rows, next_cursor = page(session, statement, [holds.c.id], limit=limit, cursor=cursor, descending=True)
    return {"items": [row.Hold.shown() for row in rows], "next_cursor": next_cursor}


def get_hold(session: Session, actor: Actor, *, id: str) -> HoldAnswerDict:
    """Return one legal hold. Raises Forbidden unless the actor is an official of the province or an auditor, NotFound."""
    require_keeper(actor)
    return case_files.hold(session, id).shown()


def list_records(
    session: Session, actor: Actor, *, due_by: str | None, held: bool | None, limit: int, cursor: str | None
) -> PageDict[RecordAnswerDict]:
    """List case files with their retention terms. `due_by`: only those whose term is over by this day and whose documents are not
    deleted yet. `held`: only those with (true) or without (false) a legal hold. Raises Forbidden unless the actor is an official
    of the province or an auditor."""
    require_keeper(actor)
    statement = select(records_table.c.subject, Record, case_files.held.label("on_hold"))
    if due_by is not None:
        by = date.fromisoformat(due_by)
        statement = statement.where(records_table.c.due_on <= by, records_table.c.disposed_on.is_(None))
    if held is not None:
        statement = statement.where(case_files.held if held else ~case_files.held)
    rows, next_cursor = page(session, statement, [records_table.c.subject], limit=limit, cursor=cursor)
    counts = case_files.counts(session, [row.subject for row in rows])
    items = [_record(row.Record, held=bool(row.on_hold), documents=counts.get(row.subject, 0)) for row in rows]
    return {"items": items, "next_cursor": next_cursor}


def _record(record: Record, *, held: bool, documents: int) -> RecordAnswerDict:
    return {**record.state(), "title": record.title, "held": held, "documents": documents}


def _granted(session: Session, actor: Actor, verifier: Verifier, id: str, grant: str) -> Document:
    granted = _read(verifier, grant, subject_of(id))
    granted.require(subject_of(id), "read", actor.username)
    document = repository.get(session, id)
    if not (granted.covers(id) and readable(document.kind, actor)):
        raise no_document()
    return document


def _read(verifier: Verifier, grant: str, subject: str) -> Grant:
    return Grant.from_dict(verifier.read(grant, *grantors(subject)))


def todo(session: Session, clock: Clock, actor: Actor) -> Worklist:
    """Query: return the actor's tasks. Only operators have tasks in this service: parked events."""
    return worklist(session, clock, _waiting(actor))


def todo_counts(session: Session, clock: Clock, actor: Actor) -> TaskCounts:
    """Query: return how many tasks of each kind the actor has."""
    return task_counts(session, clock, _waiting(actor))


def _waiting(actor: Actor) -> list[Waiting]:
    return [parked_events(lambda type: label("event", type).to_dict())] if actor.has("operator") else []
