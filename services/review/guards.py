"""The conditions under which a bureau may act on a case. Commands call these functions to refuse an act; queries call them to
compute the actions that a client may offer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from services.kernel.errors import Conflict
from services.review import repository
from services.review.domain.case import DECISION, EXPERT_REVIEW, Case, Round, Stage
from services.review.domain.opinion import OpinionOutcome
from services.review.domain.panel import Seat, SeatKind, SeatState, enough, require_impartial, require_scored


def require_signable(round: Round, stage: Stage, outcome: str) -> None:
    """Raise Conflict if the stage does not end with an opinion. One opinion is possible at the decision: to return the case for
    correction, if a mandatory rule fails, because a mandatory rule cannot be waived (A5, A6(2))."""
    if stage.name == DECISION and outcome == OpinionOutcome.RETURN and round.mandatory_fails:
        return
    if stage.name in (EXPERT_REVIEW, DECISION):
        raise Conflict(
            "not_by_opinion",
            "本环节以评分或决定结束，不能签署意见。",
            "This stage ends by scores or by a decision, not by an opinion.",
            stage=stage.name,
        )


def require_scoring(case: Case, round: Round, seats: Sequence[Seat]) -> None:
    """Raise Conflict unless a panel can be seated: at the expert review, or at the decision if the pipeline has the expert review
    as an optional stage. After scoring has closed, a new panel can be seated only if no score counts."""
    case.require(EXPERT_REVIEW, DECISION)
    round.stage(EXPERT_REVIEW)
    if case.scoring_closed_at and any(seat.state == SeatState.SEATED for seat in seats):
        raise Conflict(
            "scoring_closed",
            "评分已结束，不能再更换专家。",
            "Scoring is closed; the panel can no longer be changed.",
            status=case.status,
            stage=case.stage,
        )


def require_closable(session: Session, case: Case, round: Round) -> tuple[int, int]:
    """Return how many reviewers have scored, and how many are seated. Raises Conflict if scoring is not open or too few reviewers
    have scored."""
    case.require(EXPERT_REVIEW, DECISION)
    seats = repository.seated(session, case)
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
    return len(submitted), len(seats)


def require_voidable(session: Session, case: Case) -> None:
    """Raise Conflict if there is no score to void, or if a decision has used the result of the scores."""
    case.require_scores_not_used()
    repository.require_not_ended(session, case)
    if not repository.scores_of(session, [case.id]):
        raise Conflict("no_score_to_void", "没有计入的评分。", "No score counts.", status=case.status, stage=case.stage)


def require_replaceable(session: Session, case: Case) -> None:
    """Raise Conflict if no expert's seat is vacant, or if a decision has used the result of the scores."""
    case.require_scores_not_used()
    repository.require_not_ended(session, case)
    seats = repository.seats_of(session, case)
    replaced = {seat.replaces for seat in seats}
    if not any(
        seat.kind == SeatKind.EXPERT and seat.state in (SeatState.RECUSED, SeatState.VOIDED) and seat.id not in replaced
        for seat in seats
    ):
        raise Conflict("seat_not_vacant", "没有空缺的专家席位。", "No expert's seat is vacant.", status=case.status)


def require_decidable(session: Session, case: Case, round: Round) -> None:
    """Raise Conflict while a panel is scoring, if fewer scores count than the call requires, and if a reviewer whose score counts
    has a conflict of interest. A panel may still be scoring while the case is at the decision, if the panel is optional or a
    reviewer replaces another whose score was voided."""
    seats = repository.seated(session, case)
    if any(case.scoring_open_for(seat) for seat in seats):
        raise Conflict(
            "scoring_open",
            "专家评分尚未结束，不能作出决定。",
            "The panel is still scoring; wait, or close scoring first.",
            status=case.status,
            stage=case.stage,
        )
    submitted = {score.account for score in repository.scores_of(session, [case.id])}
    if round.needs_scores:
        require_scored(seats, submitted, round.reviewers_needed)
    require_impartial(repository.accounts_of(session, submitted).values(), round.units)
