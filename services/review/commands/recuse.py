"""A reviewer recuses itself from a case; another expert is drawn to replace it (A6(2))."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.review.panel_answers import RecusalAnswerDict
from services.kernel.clock import Clock
from services.kernel.identity import SYSTEM, Actor
from services.kernel.persistence import unit_of_work
from services.review import repository
from services.review.commands.draw_panel import draw_experts, new_draw, publish_panel, seat_panel
from services.review.commands.publish_case_event import note
from services.review.domain.case import EXPERT_REVIEW, Case, Round
from services.review.domain.panel import Seat, SeatKind, SeatState, barred_by, exclusions, terms_over


def recuse(session: Session, clock: Clock, actor: Actor, id: str, reason: str) -> RecusalAnswerDict:
    """Give up the actor's own seat before scoring closes. A score that the actor gave no longer counts. If no other expert is
    left, the panel stays smaller and the province may appoint a reviewer. Raises NotFound if the actor is not assigned to the
    case."""
    actor.require("expert", "third_party")
    case, own = repository.seated_case(session, actor, id)
    case.require_scoring_open(own)
    round = repository.round_of(session, case)
    article = round.stage(EXPERT_REVIEW).citation
    own.leave(SeatState.RECUSED, reason, actor.username, clock.now())
    note(session, case, "panel.recused", article, before={"seat": own.id}, after={"seat": own.id, "reason": reason})
    session.flush()
    with unit_of_work.as_system(session):
        if own.kind == SeatKind.EXPERT:
            _replace(session, clock, case, round, own)
        publish_panel(session, case, round)
    return {"id": case.id, "recused": actor.username}


def _replace(session: Session, clock: Clock, case: Case, round: Round, own: Seat) -> None:
    """Draw one more expert, if any is left, to replace the reviewer in this seat."""
    seats = repository.seats_of(session, case)
    everyone = repository.experts(session)
    excluded = exclusions(everyone, round.units, terms_over(everyone, clock.today().isoformat()) | barred_by(seats))
    seated = [taken.account for taken in seats if taken.state == SeatState.SEATED]
    barred = {entry["expert"] for entry in excluded} | set(seated)
    candidates = [account for account in everyone if account.username not in barred]
    if not candidates:
        return
    new = new_draw(case, round, excluded, own.reason, SYSTEM.username, clock)
    draw_experts(new, round, candidates, 1)
    new.experts = [*seated, *new.drawn]
    session.add(new)
    seat_panel(session, clock, case, seats, new, replaces=own.id)
