"""A reviewer declares to have no interest in the case and promises confidentiality. After the declaration, the reviewer may read
the documents (A6(2))."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.review.panel_answers import DeclaredAnswerDict
from services.contracts.review.payloads import ReviewerDeclared
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.review import repository
from services.review.commands.publish_case_event import publish_case_event
from services.review.domain.case import EXPERT_REVIEW
from services.review.domain.declaration import DECLARATION
from services.review.domain.panel import refuse_own_interest


def declare(session: Session, clock: Clock, actor: Actor, id: str) -> DeclaredAnswerDict:
    """Record the declaration with its time and text, once for each seat. Raises NotFound if the actor is not assigned to the
    case. Raises Conflict after scoring has closed, and if the platform knows that the actor has an interest in the case."""
    actor.require("expert", "third_party")
    case, seat = repository.seated_case(session, actor, id)
    case.require_scoring_open(seat)
    round = repository.round_of(session, case)
    account = repository.account(session, actor.username)
    if account:
        refuse_own_interest(account, round.units)
    if seat.declared_at is None:
        seat.declared_at, seat.declaration = clock.now(), DECLARATION.zh
        article = round.stage(EXPERT_REVIEW).citation
        declared = ReviewerDeclared(seat=seat.id, account=seat.account)
        publish_case_event(session, case, "reviewer.declared", article, declared, before={"seat": seat.id, "declared": False})
    return {"id": case.id, "seat": seat.id, "declared_at": seat.declared_at.isoformat()}
