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
from services.review.commands.publish_case_event import announce, note
from services.review.domain.case import EXPERT_REVIEW, Case, Round
from services.review.domain.declaration import require_declared
from services.review.domain.panel import enough, refuse_own_interest
from services.review.domain.scoring import Score, check_scores, total


def submit_scores(
    session: Session, clock: Clock, actor: Actor, id: str, scores: Mapping[str, str], comment: str
) -> ScoresAnswerDict:
    """Score every criterion of the rubric, as decimal strings. Each edit is stored and audited. When all reviewers have scored,
    scoring closes and the case moves on. After that, only a reviewer who replaces a voided score may score.

    Raises NotFound if the actor is not assigned to the case, Conflict after closing, before the declaration of no interest, and
    if an interest has arisen since, Invalid if the scores do not fit the rubric.
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
    given = {criterion: Decimal(value) for criterion, value in scores.items()}
    check_scores(rubric, given)
    former = repository.own_score(session, seat)
    score = Score(new_id(), seat.id, case.id, seat.account, dict(scores), comment, str(total(rubric, given)), clock.now())
    session.add(score)
    session.flush()
    _say(session, clock, case, round, former, score)
    return {
        "id": case.id,
        "scores": {criterion: float(value) for criterion, value in given.items()},
        "comment": comment,
        "submitted_at": score.at.isoformat(),
        "scoring_closed": case.scoring_closed_at is not None,
    }


def _say(session: Session, clock: Clock, case: Case, round: Round, former: Score | None, score: Score) -> None:
    article = round.stage(EXPERT_REVIEW).citation
    before = {"scores": former.scores, "comment": former.comment} if former else None
    after = {"scores": score.scores, "comment": score.comment}
    seats = repository.seated(session, case)
    submitted = {one.account for one in repository.scores_of(session, [case.id])}
    if former:
        note(session, case, "score.changed", article, before=before, after=after)
        return
    note(session, case, "score.given", article, after=after)
    announce(session, case, "score.submitted", article, ScoreSubmitted(submitted=len(submitted), of=len(seats)))
    if len(submitted) == len(seats) and enough(seats, submitted, round.reviewers_needed):
        with unit_of_work.as_system(session):
            close(session, clock, case, round)
