"""Compute the actions that an actor may take on a case now, so that clients can offer these actions. Each command checks the
actor's rights again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from services.contracts.case_view import ActionAnswerDict
from services.kernel.actions import offer
from services.kernel.identity import PROVINCE, Actor
from services.review import repository
from services.review.decision_lists import require_unlisted
from services.review.domain.case import DECISION, EXPERT_REVIEW, Case, Round
from services.review.domain.decision import require_other_person
from services.review.domain.declaration import require_declared
from services.review.domain.opinion import Opinion, OpinionOutcome
from services.review.domain.panel import Seat
from services.review.domain.signature import draft_read
from services.review.guards import (
    require_closable,
    require_decidable,
    require_replaceable,
    require_scoring,
    require_signable,
    require_voidable,
)

Offers = list[ActionAnswerDict]


def bureau_actions(session: Session, actor: Actor, case: Case, round: Round, opinions: Sequence[Opinion]) -> Offers:
    """Return the actions that the actor, an officer or a chief of the case's bureau, may take on the case now."""
    stage = round.stage(case.stage)
    about = (case.round, case.stage, None)
    drafts = [draft for draft in opinions if not draft.signed and (draft.round, draft.stage, draft.corrects) == about]

    def opinion_wanted() -> None:
        case.require_open()
        if case.stage != DECISION:
            require_signable(round, stage, OpinionOutcome.PASS)

    def drafted() -> None:
        draft_read(drafts, actor.username, stage, None)

    stages = {stage.name for stage in round.stages}
    offers: Offers = []
    if actor.has("officer"):
        offers.append(offer("draft", opinion_wanted, lambda: require_unlisted(session, case)))
    if actor.has("chief") and case.stage != DECISION:
        offers.append(offer("sign", opinion_wanted, drafted))
    if actor.has("chief") and case.stage == DECISION and round.mandatory_fails:
        offers.append(offer("return", lambda: require_signable(round, stage, OpinionOutcome.RETURN), drafted))
    if case.bureau == PROVINCE and DECISION in stages and actor.has("chief"):
        guards = (
            lambda: case.require(DECISION),
            lambda: require_other_person(round, actor.username),
            lambda: require_decidable(session, case, round),
        )
        offers.append(offer("decide", *guards, drafted))
    if case.bureau == PROVINCE and EXPERT_REVIEW in stages:
        offers.append(offer("appoint_panel", lambda: require_scoring(case, round, repository.seats_of(session, case))))
        offers.append(offer("close_scoring", lambda: require_closable(session, case, round)))
        offers.append(offer("void_score", lambda: require_voidable(session, case)))
        offers.append(offer("replace_reviewer", lambda: require_replaceable(session, case)))
    offers.append(offer("assign", case.require_open))
    return offers


def reviewer_actions(case: Case, seat: Seat) -> Offers:
    """Return the actions that the reviewer in this seat, an expert or a third party, may take on the case now."""

    def scoring_open() -> None:
        case.require_scoring_open(seat)

    declaring = [offer("declare", scoring_open)] if seat.declared_at is None else []
    return [*declaring, offer("score", scoring_open, lambda: require_declared(seat)), offer("recuse", scoring_open)]
