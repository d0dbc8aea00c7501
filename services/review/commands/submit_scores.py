"""A reviewer on the panel scores a case, and may change its score until scoring closes (A6(2))."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy.orm import Session

from services.contracts.review.panel_answers import ScoresAnswerDict
from services.contracts.review.payloads import ScoreSubmitted
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.review import repository
from services.review.commands.close_scoring import close
from services.review.commands.publish_case_event import note, publish_case_event
from services.review.domain.case import EXPERT_REVIEW, Case, Round
from services.review.domain.declaration import require_declared
from services.review.domain.panel import enough, refuse_own_interest
from services.review.domain.scoring import Score, check_scores, total


def submit_scores(
    session: Session, clock: Clock, actor: Actor, id: str, scores: Mapping[str, str], comment: str
) -> ScoresAnswerDict:
    """Score every criterion of the rubric, as decimal strings. Each edit is stored and audited. When all reviewers have scored,
    scoring closes and the case moves on. After that, only a reviewer who replaces a voided score may score.

    Raises NotFound if the actor is not assigned to the case. Raises Conflict after scoring has closed, before the actor has
    declared to have no interest, and if the actor has got an interest in the case since. Raises Invalid if the scores do not fit
    the rubric.
    """
    actor.require("expert", "third_party")
    case, seat = repository.seated_case(session, actor, id)
    case.require_scoring_open(seat)
    round = repository.round_of(session, case)
    account = repository.account(session, actor.username)
    if account:
        refuse_own_interest(account, round.units)
    require_declared(seat)
    rubric = round.rubric
    values = {criterion: Decimal(value) for criterion, value in scores.items()}
    check_scores(rubric, values)
    earlier_score = repository.own_score(session, seat)
    score = Score(new_id(), seat.id, case.id, seat.account, dict(scores), comment, str(total(rubric, values)), clock.now())
    session.add(score)
    session.flush()
    _publish_scores(session, clock, case, round, earlier_score, score)
    return {
        "id": case.id,
        "scores": {criterion: float(value) for criterion, value in values.items()},
        "comment": comment,
        "submitted_at": score.at.isoformat(),
        "scoring_closed": case.scoring_closed_at is not None,
    }


def _publish_scores(session: Session, clock: Clock, case: Case, round: Round, earlier_score: Score | None, score: Score) -> None:
    article = round.stage(EXPERT_REVIEW).citation
    before = {"scores": earlier_score.scores, "comment": earlier_score.comment} if earlier_score else None
    after = {"scores": score.scores, "comment": score.comment}
    seats = repository.seated(session, case)
    submitted = {score_row.account for score_row in repository.scores_of(session, [case.id])}
    if earlier_score:
        note(session, case, "score.changed", article, before=before, after=after)
        return
    note(session, case, "score.given", article, after=after)
    publish_case_event(session, case, "score.submitted", article, ScoreSubmitted(submitted=len(submitted), of=len(seats)))
    if len(submitted) == len(seats) and enough(seats, submitted, round.reviewers_needed):
        with unit_of_work.as_system(session):
            close(session, clock, case, round)
