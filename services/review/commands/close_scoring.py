"""Close scoring: the platform closes it when all reviewers have scored, or the province closes it earlier. The scores cannot be
read before scoring is closed (A6(2))."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.review.answers import ScoringClosedAnswerDict
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.review import repository
from services.review.commands.publish_case_event import note
from services.review.commands.stages import due_on, leave_stage
from services.review.domain.case import DECISION, EXPERT_REVIEW, Case, Round
from services.review.guards import require_closable


def close_scoring(session: Session, clock: Clock, actor: Actor, id: str, reason: str) -> ScoringClosedAnswerDict:
    """Close scoring without the missing scores, with a reason, once as many scores as the call requires have been submitted. If a
    replacement was seated after scoring had closed, the case continues without that person's score. Raises Conflict if there are
    too few scores or scoring is not open."""
    actor.require("officer", "chief")
    case = repository.own_case(session, actor, id, lock=True)
    round = repository.round_of(session, case)
    submitted, seat_count = require_closable(session, case, round)
    after = {"reason": reason, "submitted": submitted, "of": seat_count}
    note(session, case, "scoring.closed", round.stage(EXPERT_REVIEW).citation, after=after)
    close(session, clock, case, round)
    return {"id": case.id, "stage": case.stage, "status": case.status, "submitted": submitted, "of": seat_count}


def close(session: Session, clock: Clock, case: Case, round: Round) -> None:
    """End scoring for all reviewers. A case at the expert review moves to the next stage; a case at the decision can now be
    decided."""
    case.scoring_closed_at = clock.now()
    for seat in repository.seated(session, case):
        seat.late = False
    if case.stage == EXPERT_REVIEW:
        leave_stage(session, clock, case, round)
    else:
        case.due_on = due_on(clock, round.stage(DECISION))
