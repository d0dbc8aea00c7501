"""Delete uploads that were started and not completed in time."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.documents.domain.document import UPLOAD_LASTS
from services.documents.repository import documents as repository
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE
from services.kernel.persistence.unit_of_work import audit_only
from services.kernel.storage.base import Store


def abandoned(session: Session, clock: Clock) -> list[str]:
    """Sweep: return the ids of uploads that were announced more than a day ago and not completed."""
    return repository.pending_since(session, clock.now() - UPLOAD_LASTS)


def abandon(session: Session, store: Store, *, id: str) -> str:
    """Sweep: mark one upload as abandoned and delete its bytes."""
    document = repository.get(session, id, lock=True)
    if document.state != "pending":
        return "completed meanwhile"
    document.abandon()
    for key in (document.incoming, *document.incoming_parts):
        store.remove(key)
    audit_only(session, "document.abandoned", f"document/{document.id}", bureau=PROVINCE, article=document.article)
    return "abandoned"
