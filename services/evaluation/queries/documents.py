"""Grants by which an expert may read the documents of the participation that the expert scores."""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy.orm import Session

from services.evaluation.repository import rounds
from services.kernel.errors import NotFound
from services.kernel.identity import Actor
from services.kernel.messaging.signing import Signer

#: Seconds for which a grant is valid. The gateway uses a grant within the request for which the grant was issued.
GRANT_SECONDS = 60


class DocumentGrant(TypedDict):
    """A signed grant that allows an account to read documents of a subject, in the form of an answer to the gateway."""

    grant: str


def document_grant(session: Session, actor: Actor, signer: Signer, subject: str, action: str) -> DocumentGrant:
    """Return a signed grant to read those documents of `consortium/<id>` that belong to participations which the actor reviews.
    Raises NotFound for any other subject or action."""
    kind, _, id = subject.partition("/")
    ids = rounds.papers_for(session, actor.username, id) if kind == "consortium" and action == "read" else []
    if not ids:
        raise NotFound(
            "subject_not_found",
            "没有这一对象，或您无权查看其文件。",
            "There is no such subject, or its documents are not yours to see.",
        )
    content = {"subject": subject, "action": action, "username": actor.username, "ids": ids}
    return {"grant": signer.statement(content, seconds=GRANT_SECONDS)}
