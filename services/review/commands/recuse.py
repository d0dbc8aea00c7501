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
    """Give up the actor's own seat before scoring closes. A score that the actor gave no longer counts. If no other expert can be
    drawn, the panel stays smaller and the province may appoint a reviewer. Raises NotFound if the actor is not assigned to the
    case."""
    actor.require("expert", "third_party")
    case, seat = repository.seated_case(session, actor, id)
    case.require_scoring_open(seat)
    round = repository.round_of(session, case)
    article = round.stage(EXPERT_REVIEW).citation
    seat.leave(SeatState.RECUSED, reason, actor.username, clock.now())
    note(session, case, "panel.recused", article, before={"seat": seat.id}, after={"seat": seat.id, "reason": reason})
    session.flush()
    with unit_of_work.as_system(session):
        if seat.kind == SeatKind.EXPERT:
            _draw_replacement(session, clock, case, round, seat)
        publish_panel(session, case, round)
    return {"id": case.id, "recused": actor.username}


def _draw_replacement(session: Session, clock: Clock, case: Case, round: Round, seat: Seat) -> None:
    """Draw one more expert to replace the reviewer in this seat, if another expert can be drawn."""
    seats = repository.seats_of(session, case)
    all_experts = repository.experts(session)
    excluded = exclusions(all_experts, round.units, terms_over(all_experts, clock.today().isoformat()) | barred_by(seats))
    seated = [other.account for other in seats if other.state == SeatState.SEATED]
    barred = {entry["expert"] for entry in excluded} | set(seated)
    candidates = [account for account in all_experts if account.username not in barred]
    if not candidates:
        return
    drawing = new_draw(case, round, excluded, seat.reason, SYSTEM.username, clock)
    draw_experts(drawing, round, candidates, 1)
    drawing.experts = [*seated, *drawing.drawn]
    session.add(drawing)
    seat_panel(session, clock, case, seats, drawing, replaces=seat.id)
