"""End the open duties of a revoked or dissolved consortium. Nothing is deleted (A14)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.evaluation.payloads import ParticipationLeft
from services.evaluation.commands import report_yearly
from services.evaluation.commands.publish_participation_event import publish_participation_event
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.participation import ParticipationStatus
from services.evaluation.repository import duties, outcomes, revocations, rounds
from services.kernel.clock import Clock
from services.kernel.persistence import unit_of_work


def end_duties(session: Session, clock: Clock, consortium: Consortium, why: str) -> None:
    """End the consortium's participations in running rounds, its rectification, its undecided revocation cases, and the annual
    reports that it has not submitted or must correct. `why` is "revoked" or "dissolved"."""
    for report in duties.unsubmitted(session, consortium.id):
        report_yearly.end(session, consortium, report, why)
    for participation in rounds.running_of(session, consortium.id):
        before = participation.state()
        participation.end(ParticipationStatus.ENDED, why, clock.now())
        outcomes.free(session, participation.id)
        round = rounds.round(session, participation.evaluation)
        event = ParticipationLeft(reason=why, given_up=False)
        publish_participation_event(session, "participation.withdrawn", round, participation, consortium, event, before=before)
    for rectification in revocations.running(session, consortium.id):
        state = rectification.state()
        rectification.end(clock.today())
        _audit_end(session, consortium, f"rectification/{rectification.id}", state, rectification.state())
    for case in revocations.undecided(session, consortium.id):
        state = case.state()
        case.end()
        _audit_end(session, consortium, f"revocation/{case.id}", state, case.state())


def _audit_end(session: Session, consortium: Consortium, subject: str, before: object, after: object) -> None:
    """Write one audit entry about the rectification or revocation case that has ended, and one about its consortium."""
    for about in (subject, consortium.subject):
        unit_of_work.audit_only(
            session, "duty.ended", about, bureau=consortium.recommender, article="A14", before=before, after=after
        )
