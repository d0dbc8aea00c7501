"""Announce an upload."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.documents.domain import Document, Grant, grantors
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE, Actor
from services.kernel.settings import Settings
from services.kernel.signing import Verifier
from services.kernel.storage import Store
from services.kernel.work import note


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
    grant: str,
) -> dict[str, Any]:
    """A new document and how to send its bytes. `size` in bytes, `sha256` in hex; `grant` by the owner of the subject.
    Invalid for a type that is not accepted, TooLarge above the limit, Unavailable when the store is away."""
    Grant.from_dict(verifier.read(grant, *grantors(subject))).require(subject, "write", actor.username)
    largest = int(settings.max_document_mb) << 20
    document = Document.announce(subject, kind, filename, size, sha256, largest=largest, at=clock.now())
    store.check()
    session.add(document)
    note(session, "document.announced", f"document/{document.id}", bureau=PROVINCE, article=document.article)
    upload = store.upload(document.incoming, size=document.size, sha256=document.sha256)
    return {"id": document.id, "upload": upload.to_dict()}
