"""Void a ground of revocation when the fact that caused it is void, for example because the notice was cancelled (A14)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.evaluation.payloads import RevocationDecided, RevocationDismissed
from services.evaluation.commands.propose_revocation import publish_revocation_event
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.revocation import Revocation, RevocationOutcome, RevocationStatus
from services.evaluation.repository import revocations
from services.kernel.clock import Clock
from services.kernel.persistence import unit_of_work


def void_ground(session: Session, clock: Clock, consortium: Consortium, source: str, reason: str) -> None:
    """Void the facts with this `source` in the consortium's undecided revocation cases. A case without any other ground ends: a
    proposal counts as dismissed, an open case as decided with the recognition kept. The caller must have locked the
    consortium."""
    for case in revocations.undecided(session, consortium.id):
        before, earlier_status = case.state(), case.status
        if not case.void(source, reason, clock.today()):
            continue
        if case.status == earlier_status:
            for subject in (f"revocation/{case.id}", consortium.subject):
                unit_of_work.audit_only(
                    session,
                    "revocation.ground_voided",
                    subject,
                    bureau=consortium.recommender,
                    article=case.article,
                    before=before,
                    after=case.state(),
                )
        else:
            _end_case(session, clock, case, consortium, earlier_status, reason, before)


def _end_case(
    session: Session, clock: Clock, case: Revocation, consortium: Consortium, earlier_status: str, reason: str, before: object
) -> None:
    if earlier_status == RevocationStatus.PROPOSED:
        publish_revocation_event(
            session, "revocation.dismissed", case, consortium, RevocationDismissed(reason=reason), before=before
        )
        return
    event = RevocationDecided(outcome=RevocationOutcome.KEEP, reason=reason, decided_on=clock.today())
    publish_revocation_event(session, "revocation.decided", case, consortium, event, before=before)
