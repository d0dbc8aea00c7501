"""Derive a consortium's duty to be evaluated from its past rounds: why the next notice obliges the consortium to take part, and
the day by which it must be evaluated next (A13)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.evaluation.payloads import EvaluationDue
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.evaluation_duty import duty_after, next_round
from services.evaluation.repository import rounds
from services.kernel.clock import Clock
from services.kernel.persistence import unit_of_work


def follow_rounds(session: Session, clock: Clock, consortium: Consortium) -> None:
    """Compute the consortium's duty from its past rounds again, and publish the day of its next evaluation. The caller must have
    locked the consortium."""
    if not consortium.alive:
        return
    session.flush()
    before = {"owes_round": consortium.owes_round, "deferrals": consortium.deferrals}
    consortium.owes_round, consortium.deferrals = duty_after(rounds.history(session, consortium.id))
    due = next_round(consortium, clock.today())
    unit_of_work.record_change(
        session,
        "evaluation.due",
        consortium.subject,
        EvaluationDue(next_round_by=due.by, overdue=due.overdue).with_header(**consortium.brief()),
        bureau=consortium.recommender,
        recommender=consortium.recommender,
        article="A13",
        before=before,
        after={"owes_round": consortium.owes_round, "deferrals": consortium.deferrals},
    )
