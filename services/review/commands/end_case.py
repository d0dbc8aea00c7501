"""End a case because of an event: the applicant withdrew, or a signed opinion has no effect because it came too late."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.review import repository
from services.review.commands.publish_case_event import note
from services.review.domain.case import Case, CaseStatus
from services.review.domain.panel import Seat


def withdraw(session: Session, subject: str, reason: str, bureau: str) -> None:
    """Close the bureau's case because its application has ended. If the event that opens the case arrives after the event of the
    withdrawal, the case is void from the start."""
    repository.lock_subject(session, subject)
    repository.end_subject(session, subject, reason)
    case = repository.case_of(session, bureau, subject)
    if case and case.status not in (
        CaseStatus.REJECTED,
        CaseStatus.APPROVED,
        CaseStatus.DECLINED,
        CaseStatus.WITHDRAWN,
        CaseStatus.VOID,
    ):
        before = case.state()
        case.settle(CaseStatus.WITHDRAWN)
        note(session, case, "review.withdrawn", None, before=before, after=case.state())


def record_void_too_late(session: Session, case: Case, seat: Seat, reason: str) -> None:
    """Record that a score was voided too late: the grade was public already, so it is still based on that score."""
    before = {"seat": seat.id, "void": seat.void}
    seat.void = reason
    note(session, case, "score.void_in_vain", None, before=before, after={"seat": seat.id, "void": reason})


def void(session: Session, case: Case, reason: str) -> None:
    """Mark the case's last signed opinion as void, because the application had ended or moved on. The opinion stays readable."""
    signed = [opinion for opinion in repository.signed_opinions(session, case) if not opinion.void]
    before = case.state()
    if signed:
        signed[-1].void = reason
    if case.status != CaseStatus.WITHDRAWN:
        case.settle(CaseStatus.VOID)
    note(session, case, "review.void", None, before=before, after=case.state())
