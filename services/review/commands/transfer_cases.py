"""React to the hand-over of a consortium to another recommender: the former bureau's open cases end, and the province's cases
name the new recommender."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.review.payloads import CaseHandedOver
from services.kernel.identity import PROVINCE
from services.kernel.messaging.envelope import Event
from services.review import repository
from services.review.commands.publish_case_event import publish_case_event
from services.review.domain.case import CaseStatus
from services.review.domain.other_events import SubjectHandedOver


def end_here(session: Session, event: Event[SubjectHandedOver]) -> None:
    """End the former bureau's case with the status handed over. Its drafts are kept, and its signed opinions stay in force."""
    bureau = event.data.from_bureau
    repository.lock_subject(session, event.subject)
    case = repository.case_of(session, bureau, event.subject)
    if case is None or bureau == PROVINCE or case.status not in (CaseStatus.OPEN, CaseStatus.RETURNED):
        return
    before = case.state()
    case.settle(CaseStatus.HANDED_OVER)
    citation = repository.round_of(session, case).stage(case.stage).citation
    handed_over = CaseHandedOver(stage=case.stage, title=case.title, to_bureau=event.data.to_bureau)
    publish_case_event(session, case, "review.handed_over", citation, handed_over, before=before)


def follow(session: Session, event: Event[SubjectHandedOver]) -> None:
    """Store the subject's new recommender, both for the subject and in the province's own case about it."""
    repository.lock_subject(session, event.subject)
    repository.store_recommender(session, event.subject, event.data.to_bureau)
    case = repository.case_of(session, PROVINCE, event.subject)
    if case is not None:
        case.recommender = event.data.to_bureau
