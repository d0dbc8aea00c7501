"""Publish a step of a change: record the event and the audit entry, and add the step to the consortium's timeline (A12)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.application.domain.change import Change
from services.application.domain.consortium import Consortium
from services.application.repository import timeline
from services.application.repository.organisations import reference
from services.contracts.application.register_payloads import ChangeEvent


def publish_change_event(
    session: Session,
    type: str,
    change: Change,
    consortium: Consortium,
    event: ChangeEvent,
    *,
    before: Any,
    article: str = "A12",
    bureau: str | None = None,
    public: bool = False,
) -> None:
    """Publish a step of a change. `bureau` is the bureau addressed, by default the consortium's recommender."""
    event = event.with_header(
        change=change.id,
        what=change.kind,
        effective_on=change.effective_on,
        version=change.version,
        **reference(session, consortium),
    )
    payload = event.to_dict()
    names = ("organisation", "decision", "reason", "comment", "stage", "next_stage", "outcome", "differs")
    detail = {"change": change.id, "kind": change.kind} | {key: payload[key] for key in names if key in payload}
    timeline.record_of_consortium(
        session,
        change.subject,
        type,
        event,
        consortium,
        article=article,
        before=before,
        after=change.state(),
        bureau=bureau,
        detail=detail,
        public=public,
    )
