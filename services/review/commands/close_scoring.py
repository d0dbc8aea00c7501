"""Scoring ends: when all have scored, or earlier by the province; from then on scores are seen (A6(2))."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.kernel.clock import Clock
from services.kernel.errors import Conflict
from services.kernel.identity import Actor
from services.review import repository
from services.review.commands.announce import note
from services.review.commands.stages import due_on, leave
from services.review.domain.case import DECISION, EXPERT_REVIEW, Case, Round
from services.review.domain.panel import enough


def close_scoring(session: Session, clock: Clock, actor: Actor, id: str, reason: str) -> dict[str, Any]:
    """Go on without the scores still missing, with a reason, once as many are in as the call demands. Where a replacement was
    seated after scoring had closed, this goes on without its score. Conflict before, and where scoring has closed."""
    actor.require("officer", "chief")
    case = repository.own_case(session, actor, id, lock=True)
    case.require(EXPERT_REVIEW, DECISION)
    round, seats = repository.round_of(session, case), repository.seated(session, case)
    submitted = {score.account for score in repository.scores_of(session, [case.id])}
    needed = round.reviewers_needed
    open_still = any(case.scoring_open_for(seat) for seat in seats) or case.stage == EXPERT_REVIEW
    if not open_still or not enough(seats, submitted, needed):
        raise Conflict(
            "scoring_not_closable",
            f"已提交 {len(submitted)} 份评分，至少需要 {needed} 份，且评分尚未结束，方可提前结束评分。",
            f"{len(submitted)} scores are in, {needed} are needed, and scoring must still be open.",
            status=case.status,
            stage=case.stage,
            submitted=len(submitted),
            needed=needed,
        )
    after = {"reason": reason, "submitted": len(submitted), "of": len(seats)}
    note(session, case, "scoring.closed", round.stage(EXPERT_REVIEW).citation, after=after)
    close(session, clock, case, round)
    return {"id": case.id, "stage": case.stage, "status": case.status, "submitted": len(submitted), "of": len(seats)}


def close(session: Session, clock: Clock, case: Case, round: Round) -> None:
    """Nobody scores any more; a case at the expert review goes on to the next stage, one at the decision can be decided."""
    case.scoring_closed_at = clock.now()
    for seat in repository.seated(session, case):
        seat.late = False
    if case.stage == EXPERT_REVIEW:
        leave(session, clock, case, round)
    else:
        case.due_on = due_on(clock, round.stage(DECISION))
