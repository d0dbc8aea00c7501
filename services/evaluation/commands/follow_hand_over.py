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
    reviewing become new review cases at the new bureau; open matters and undecided revocation cases move to the new bureau.
    Inspections stay with the bureau that made them, and the new bureau can read them."""
    moved = event.data
    old_recommender, new_recommender = moved.from_bureau, moved.to_bureau
    consortium = consortia.consortium(session, event.subject_id, lock=True)
    before, consortium.recommender = {"recommender": consortium.recommender}, new_recommender
    for obligation in duties.under_review(session, consortium.id):
        report_yearly.hand_over(session, policies, consortium, obligation, moved)
    for participation in rounds.running_of(session, consortium.id):
        round = rounds.round(session, participation.evaluation)
        submit_report.hand_over(session, policies, consortium, round, participation, moved)
    coordinate.hand_over(session, consortium, old_recommender)
    for case in revocations.undecided(session, consortium.id):
        case.recommender = new_recommender
    after = {"recommender": new_recommender}
    unit_of_work.audit_only(
        session, "duty.handed_over", consortium.subject, bureau=new_recommender, article="A11", before=before, after=after
    )
