"""Take an upload over: move it out of its uploader's reach, then look at what it is."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy.orm import Session

from services.documents import repository
from services.documents.domain import Document, Grant, Inspection, Reason, grantors, subject_of
from services.kernel.clock import Clock
from services.kernel.errors import Conflict
from services.kernel.identity import PROVINCE, Actor
from services.kernel.signing import Verifier
from services.kernel.storage import Missing, Store
from services.kernel.work import emit


def complete_upload(
    session: Session, clock: Clock, actor: Actor, verifier: Verifier, store: Store, *, id: str, grant: str
) -> dict[str, Any]:
    """The document as it is now: `clean`, or `rejected` with its reason (a refusal that must be kept cannot be an error).
    Repeating it changes nothing. Conflict when nothing was uploaded yet, or too late."""
    subject = subject_of(id)
    Grant.from_dict(verifier.read(grant, *grantors(subject))).require(subject, "write", actor.username)
    document = repository.get(session, id, lock=True)
    if document.state == "abandoned":
        raise Conflict(
            "upload_expired",
            "上传已超过一天未完成，请重新登记并上传。",
            "The upload was not completed within a day; announce it anew.",
            status=document.state,
        )
    if document.state == "pending":
        _judge(session, clock, store, document)
    return document.shown()


def _judge(session: Session, clock: Clock, store: Store, document: Document) -> None:
    try:
        store.settle(document.incoming, document.key)
        flaw = _inspect(store, document)
    except Missing:
        raise Conflict(
            "upload_missing",
            "尚未收到文件内容，请先按 upload 中的地址上传。",
            "The bytes have not arrived; send them to the address in `upload` first.",
            status=document.state,
        ) from None
    about = {name: getattr(document, name) for name in ("subject", "kind", "filename")} | {"document": document.id}
    if flaw:
        store.remove(document.key)
        document.reject(flaw)
        _emit(session, "document.rejected", document, about | {"reason": flaw.to_dict()})
        return
    document.accept(repository.next_version(session, document), clock.now())
    measures = {name: getattr(document, name) for name in ("size", "sha256", "version")}
    _emit(session, "document.stored", document, about | measures)


def _inspect(store: Store, document: Document) -> Reason | None:
    seen = Inspection()
    for chunk in store.read(document.key):
        seen.feed(chunk)
        time.sleep(0)  # the cluster's services share one thread: others may answer between two chunks
    return seen.flaw(document)


def _emit(session: Session, type: str, document: Document, data: dict[str, Any]) -> None:
    emit(session, type, f"document/{document.id}", data, bureau=PROVINCE, article=document.article, after=document.shown())
