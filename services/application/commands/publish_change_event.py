"""Publish a step of a change: record the event and the audit entry, and add the step to the consortium's timeline (A12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from services.application.domain.change import Change
from services.application.domain.consortium import Consortium
from services.application.repository import timeline
from services.application.repository.organisations import reference


def publish_change_event(
    session: Session,
    type: str,
    change: Change,
    consortium: Consortium,
    data: Mapping[str, Any],
    *,
    before: Any,
    article: str = "A12",
    bureau: str | None = None,
    public: bool = False,
) -> None:
    """Publish a step of a change. `bureau` is the bureau addressed, by default the consortium's recommender."""
    told = reference(session, consortium).to_dict() | {
        "change": change.id,
        "what": change.kind,
        "effective_on": change.effective_on.isoformat(),
        "version": change.version,
    }
    names = ("organisation", "decision", "reason", "comment", "stage", "next_stage", "outcome", "differs")
    detail = {"change": change.id, "kind": change.kind} | {key: data[key] for key in names if key in data}
    timeline.record_of_consortium(
        session,
        change.subject,
        type,
        told | dict(data),
        consortium,
        article=article,
        before=before,
        after=change.state(),
        bureau=bureau,
        detail=detail,
        public=public,
    )
