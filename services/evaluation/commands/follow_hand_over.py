"""Move the duties of a consortium to its new recommender (A6(1), A10, A11, A12)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.evaluation.commands import coordinate, report_yearly, submit_report
from services.evaluation.domain.other_events import ConsortiumHandedOver
from services.evaluation.repository import consortia, duties, revocations, rounds
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import unit_of_work
from services.policy import Policies


def follow_hand_over(session: Session, policies: Policies, event: Event[ConsortiumHandedOver]) -> None:
    """`consortium.handed_over`: move the consortium's duties to the new bureau. Reports and participations that the old bureau is
    reviewing become new review cases at the new one; open matters and undecided revocation cases move to it. Inspections stay
    with the bureau that made them, and the new bureau can read them."""
    moved = event.data
    former, to = moved.from_bureau, moved.to_bureau
    of = consortia.consortium(session, event.subject_id, lock=True)
    before, of.recommender = {"recommender": of.recommender}, to
    for obligation in duties.under_review(session, of.id):
        report_yearly.hand_over(session, policies, of, obligation, moved)
    for participation in rounds.running_of(session, of.id):
        round = rounds.round(session, participation.evaluation)
        submit_report.hand_over(session, policies, of, round, participation, moved)
    coordinate.hand_over(session, of, former)
    for case in revocations.undecided(session, of.id):
        case.recommender = to
    after = {"recommender": to}
    unit_of_work.audit_only(session, "duty.handed_over", of.subject, bureau=to, article="A11", before=before, after=after)
