"""The province voids a score because the reviewer's interest in the case arose, or was found, after scoring."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.review.answers import ScoreVoidedAnswerDict
from services.contracts.review.payloads import ScoreVoided
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, NotFound
from services.kernel.identity import Actor
from services.review import repository
from services.review.commands.publish_case_event import publish_case_event
from services.review.commands.stages import ScoreMembers, due_on, scored
from services.review.domain.case import EXPERT_REVIEW, Case, CaseStatus, Round
from services.review.domain.panel import Seat, SeatState, enough


def void_score(session: Session, clock: Clock, actor: Actor, id: str, seat: str, reason: str) -> ScoreVoidedAnswerDict:
    """Void the score of a seat: it stays in the record but no longer counts. The reviewer loses the seat. If fewer scores are
    left than the call requires, the decision waits until another reviewer has replaced this one and scored.

    Raises NotFound for another bureau's case and an unknown seat, Conflict if the seat has no score that counts or the result of
    the scores has been used for a decision.
    """
    actor.require("officer", "chief")
    case = repository.own_case(session, actor, id, lock=True)
    case.require_scores_not_used()
    repository.require_not_ended(session, case)
    round = repository.round_of(session, case)
    voided = _scored_seat(session, case, seat)
    before = {**case.state(), "seat": voided.id, "state": voided.state}
    voided.leave(SeatState.VOIDED, reason, actor.username, clock.now())
    session.flush()
    seats = repository.seated(session, case)
    submitted = {score.account for score in repository.scores_of(session, [case.id])}
    scores_suffice = enough(seats, submitted, round.reviewers_needed)
    if case.status == CaseStatus.PASSED and not scores_suffice:
        stage = round.stage(EXPERT_REVIEW)
        case.enter(stage, due_on(clock, stage))
    _publish_voided(session, case, round, voided, before, submitted=len(submitted), seat_count=len(seats))
    return {
        "id": case.id,
        "seat": voided.id,
        "stage": case.stage,
        "status": case.status,
        "submitted": len(submitted),
        "of": len(seats),
        "needed": round.reviewers_needed,
        "replacement_needed": not scores_suffice,
    }


def _scored_seat(session: Session, case: Case, id: str) -> Seat:
    seat = next((seat for seat in repository.seats_of(session, case) if seat.id == id), None)
    if seat is None:
        raise NotFound("unknown_seat", "该专家组中没有这一席位。", "The panel has no such seat.")
    if seat.state != SeatState.SEATED or repository.own_score(session, seat) is None:
        raise Conflict(
            "no_score_to_void",
            "该席位没有计入的评分；尚未评分的专家请重新组成专家组予以更换。",
            "This seat has no score that counts; replace a reviewer who has not scored by a new draw.",
            state=seat.state,
        )
    return seat


def _publish_voided(
    session: Session, case: Case, round: Round, taken: Seat, before: object, *, submitted: int, seat_count: int
) -> None:
    """Publish that the score was voided. The event names the reviewer, so it is addressed to the province alone. If another
    service decides by the scores, the event also contains the result of the remaining scores and whether this bureau waits for
    another score."""
    closed = case.scoring_closed_at is not None
    result: ScoreMembers = scored(session, case, round) if closed else {}
    voided = ScoreVoided(
        seat=taken.id,
        account=taken.account,
        reason=taken.reason or "",
        title=case.title,
        submitted=submitted,
        of=seat_count,
        closed=closed,
        next_stage=None if case.status == CaseStatus.PASSED else case.stage,
        **result,
    )
    publish_case_event(session, case, "score.voided", round.stage(EXPERT_REVIEW).citation, voided, before=before)
