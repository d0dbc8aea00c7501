"""The province names or draws an expert to replace a reviewer who recused itself or whose score was voided (A6(2))."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.review.panel_answers import PanelAnswerDict
from services.kernel.clock import Clock
from services.kernel.errors import Conflict
from services.kernel.identity import Actor
from services.review import repository
from services.review.commands.draw_panel import check_named, draw_experts, new_draw, panel_answer, publish_panel, seat_panel
from services.review.commands.publish_case_event import note
from services.review.commands.stages import due_on
from services.review.domain.case import DECISION, EXPERT_REVIEW, CaseStatus
from services.review.domain.panel import SeatState, barred_by, exclusions, refuse_excluded, terms_over, vacant


def replace_reviewer(
    session: Session, clock: Clock, actor: Actor, id: str, seat: str, expert: str | None = None
) -> PanelAnswerDict:
    """Seat the named expert, or one drawn with a seed that the platform generates. If scoring has closed, only this expert may
    score, and the scores of the others do not change. A case that had passed to another service for its decision opens again at
    the expert review.

    Raises NotFound for another bureau's case and an unknown seat, Conflict if the seat is not vacant, no expert can be drawn, or
    the result of the scores has been used for a decision, Invalid if the expert has a conflict of interest.
    """
    actor.require("officer", "chief")
    case = repository.own_case(session, actor, id, lock=True)
    case.require_scores_not_used()
    repository.require_not_ended(session, case)
    round, seats = repository.round_of(session, case), repository.seats_of(session, case)
    vacated = vacant(seats, seat)
    all_experts = repository.experts(session)
    excluded = exclusions(all_experts, round.units, terms_over(all_experts, clock.today().isoformat()) | barred_by(seats))
    seated = [other.account for other in seats if other.state == SeatState.SEATED]
    drawing = new_draw(case, round, excluded, vacated.reason, actor.username, clock)
    if expert is not None:
        check_named([expert], [account for account in all_experts if account.username not in seated], "/expert")
        refuse_excluded([expert], excluded, "/expert")
        drawing.experts = [*seated, expert]
    else:
        barred = {entry["expert"] for entry in excluded} | set(seated)
        candidates = [account for account in all_experts if account.username not in barred]
        if not candidates:
            raise Conflict(
                "too_few_experts",
                "没有可以替补的专家，请先在专家库中增加专家。",
                "No expert can be drawn; add experts to the pool first.",
                available=0,
                excluded=excluded,
            )
        draw_experts(drawing, round, candidates, 1)
        drawing.experts = [*seated, *drawing.drawn]
    before = case.state()
    session.add(drawing)
    if case.status == CaseStatus.PASSED:
        stage = round.stage(EXPERT_REVIEW)
        case.enter(stage, due_on(clock, stage))
        note(session, case, "review.reopened", round.stage(EXPERT_REVIEW).citation, before=before, after=case.state())
    seat_panel(session, clock, case, seats, drawing, replaces=vacated.id)
    if case.stage == DECISION:
        case.due_on = due_on(clock, round.stage(EXPERT_REVIEW))
    publish_panel(session, case, round)
    return panel_answer(case, drawing)
