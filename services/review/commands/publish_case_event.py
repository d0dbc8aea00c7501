"""Publish the events of a case, each through the exchange of the case's own bureau."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.contracts.payload import JsonObject
from services.contracts.review.payloads import CaseEvent
from services.kernel.persistence import unit_of_work
from services.review.domain.case import Case


def publish_case_event(
    session: Session, case: Case, type: str, article: str, data: CaseEvent | JsonObject, *, before: Any = None
) -> None:
    """Record an event of this case together with its audit entry. `before` is the state before the change."""
    kind, _, id = case.subject.partition("/")
    header = {"case": case.id, "version": case.version} | ({"application": id} if kind == "application" else {})
    payload = data.with_header(**header) if isinstance(data, CaseEvent) else header | data
    unit_of_work.record_change(
        session,
        type,
        case.subject,
        payload,
        bureau=case.bureau,
        recommender=case.recommender,
        article=article,
        origin=case.bureau,
        before=before,
        after=case.state(),
    )


def note(session: Session, case: Case, action: str, article: str | None, *, before: Any = None, after: Any = None) -> None:
    """Write an audit entry without an event."""
    unit_of_work.audit_only(session, action, case.subject, bureau=case.bureau, article=article, before=before, after=after)
