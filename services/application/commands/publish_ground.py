"""Publish that a ground of revocation has arisen or ceased (A14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from services.application.domain.consortium import Consortium
from services.application.repository import timeline
from services.application.repository.organisations import reference
from services.contracts.application.payloads import GroundArisen, GroundCeased

#: Ground 1 of revocation: a change was not reported as required, or the consortium does not meet the basic conditions after a
#: change.
GROUND = "A14(1)"


def publish_ground(
    session: Session,
    consortium: Consortium,
    reason: str,
    statement: str | None,
    source: str | None,
    *,
    ground: str = GROUND,
    confirmed: bool = False,
    documents: Sequence[Mapping[str, str]] = (),
    found_on: str | None = None,
) -> None:
    """Publish that a ground of revocation has arisen. The evaluation service proposes the revocation; if the ground is
    `confirmed`, it opens the revocation case at once, with the given documents as evidence. `source`: the subject from which the
    ground follows. `found_on`: the day on which a bureau found the ground, None if the platform found it."""
    event = GroundArisen(
        ground=ground,
        reason=reason,
        said=statement,
        source=source,
        confirmed=confirmed,
        documents=[dict(document) for document in documents],
        found_on=date.fromisoformat(found_on) if found_on else None,
    ).with_header(**reference(session, consortium))
    detail = {"reason": reason, "source": source} | ({"found_on": found_on} if found_on else {})
    subject, after = f"consortium/{consortium.id}", event.to_dict()
    timeline.record_of_consortium(
        session, subject, "ground.arisen", event, consortium, article=ground, after=after, detail=detail
    )


def publish_ground_ceased(session: Session, consortium: Consortium, ground: str, source: str, outcome: str) -> None:
    """Publish that the cause of a ground no longer exists, so that the evaluation service voids the ground. `outcome`: cured,
    withdrawn or ended."""
    event = GroundCeased(ground=ground, source=source, outcome=outcome).with_header(**reference(session, consortium))
    detail = {"source": source, "outcome": outcome}
    subject, after = f"consortium/{consortium.id}", event.to_dict()
    timeline.record_of_consortium(
        session, subject, "ground.ceased", event, consortium, article=ground, after=after, detail=detail
    )
