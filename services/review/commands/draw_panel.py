"""The province draws or appoints a panel, or appoints a third party instead (A6(2))."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from services.contracts.review.panel_answers import ExcludedAnswerDict, PanelAnswerDict
from services.contracts.review.payloads import PanelAppointed
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, Invalid
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.review import repository
from services.review.commands.publish_case_event import publish_case_event
from services.review.commands.stages import due_on
from services.review.domain.case import DECISION, EXPERT_REVIEW, Case, Round
from services.review.domain.panel import (
    Account,
    Draw,
    Seat,
    SeatKind,
    SeatState,
    barred_by,
    draw,
    exclusions,
    pool_of,
    refuse_excluded,
    terms_over,
)
from services.review.guards import require_scoring


def draw_panel(
    session: Session,
    clock: Clock,
    actor: Actor,
    id: str,
    size: int | None = None,
    experts: Sequence[str] = (),
    third_party: str | None = None,
    reason: str | None = None,
) -> PanelAnswerDict:
    """Seat a panel of `size`: the named experts, and the rest drawn from all others with a seed that the platform generates; or a
    third party instead. A new panel replaces an existing one, which needs a reason; a reviewer who is on both panels keeps its
    score. After scoring has closed, a panel can be seated only if every score was voided; then scoring opens again.

    Raises Conflict if no panel can be seated at the case's stage, and if too few experts can be drawn. Raises Invalid if a named
    reviewer has a conflict of interest, if the panel is smaller than the call requires, and if the reason is missing.
    """
    actor.require("officer", "chief")
    case = repository.own_case(session, actor, id, lock=True)
    round = repository.round_of(session, case)
    seats = repository.seats_of(session, case)
    require_scoring(case, round, seats)
    if not (reason or "").strip() and any(seat.round == case.round for seat in seats):
        raise Invalid.field("/reason", "reason_required", "重新组成专家组须说明理由。", "A redraw needs a reason.")
    barred = barred_by(seats)
    all_experts = repository.experts(session)
    today = clock.today().isoformat()
    excluded = exclusions(all_experts, round.units, terms_over(all_experts, today) | barred)
    drawing = new_draw(case, round, excluded, reason, actor.username, clock)
    if third_party:
        _appoint_third_party(session, drawing, third_party, experts, round, barred, today)
    else:
        _choose_reviewers(drawing, round, all_experts, list(experts), size, round.reviewers_needed)
    case.scoring_closed_at = None
    session.add(drawing)
    seat_panel(session, clock, case, seats, drawing)
    if case.stage == DECISION:
        case.due_on = due_on(clock, round.stage(EXPERT_REVIEW))
    publish_panel(session, case, round)
    return panel_answer(case, drawing)


def panel_answer(case: Case, drawing: Draw) -> PanelAnswerDict:
    """Serialize the result of a draw or an appointment for the API."""
    return {
        "seed": drawing.seed,
        "experts": drawing.experts,
        "third_party": drawing.third_party,
        "excluded": drawing.excluded,
        "due_on": case.due_on,
    }


def new_draw(case: Case, round: Round, excluded: list[ExcludedAnswerDict], reason: str | None, by: str, clock: Clock) -> Draw:
    """Create a draw in which no reviewer is chosen yet."""
    return Draw(
        id=new_id(),
        case_id=case.id,
        round=case.round,
        seed=None,
        pool=None,
        drawn=[],
        experts=[],
        third_party=None,
        excluded=excluded,
        reason=reason,
        by=by,
        at=clock.now(),
    )


def draw_experts(drawing: Draw, round: Round, candidates: Sequence[Account], count: int) -> None:
    """Draw `count` of the candidates with a new random seed, and store the result in `drawing`."""
    drawing.pool = pool_of(candidates, round.material["field"])
    drawing.seed = secrets.token_hex(16)
    drawing.drawn = draw(drawing.seed, drawing.pool, count)


def _appoint_third_party(
    session: Session, drawing: Draw, name: str, experts: Sequence[str], round: Round, barred: dict[str, str], today: str
) -> None:
    if experts:
        raise Invalid.field(
            "/third_party",
            "panel_or_third_party",
            "请在专家组与第三方机构中选择其一。",
            "Choose either a panel or a third party.",
        )
    account = repository.account(session, name)
    if not (account and account.active and "third_party" in account.roles):
        raise Invalid.field(
            "/third_party", "unknown_third_party", "没有这一第三方机构账号。", "There is no such third party's account."
        )
    refuse_excluded([name], exclusions([account], round.units, terms_over([account], today) | barred), "/third_party")
    drawing.third_party = name


def _choose_reviewers(
    drawing: Draw, round: Round, all_experts: Sequence[Account], named_experts: list[str], size: int | None, needed: int
) -> None:
    """Choose the reviewers of the draw: first the named experts, then as many others as needed by lot."""
    check_named(named_experts, all_experts, "/experts/{}")
    refuse_excluded(named_experts, drawing.excluded, "/experts/{}")
    size = max(size or 0, len(named_experts))
    if size < needed:
        raise Invalid.field(
            "/size", "panel_too_small", f"专家组至少 {needed} 人。", f"The panel needs at least {needed} members."
        )
    barred = {entry["expert"] for entry in drawing.excluded} | set(named_experts)
    candidates = [account for account in all_experts if account.username not in barred]
    if to_draw := size - len(named_experts):
        if len(candidates) < to_draw:
            raise Conflict(
                "too_few_experts",
                f"可选专家只有 {len(candidates)} 人，不足 {to_draw} 人，请增加专家或减少人数。",
                f"Only {len(candidates)} experts can be drawn, not {to_draw}; register more or make the panel smaller.",
                available=len(candidates),
                excluded=drawing.excluded,
            )
        draw_experts(drawing, round, candidates, to_draw)
    drawing.experts = [*named_experts, *drawing.drawn]


def check_named(named: Sequence[str], all_experts: Sequence[Account], pointer: str) -> None:
    """Raise Invalid for each name that does not belong to an active expert or occurs twice. `pointer` is the JSON pointer to a
    name in the request's body, with `{}` in place of the name's index."""
    usernames = {account.username for account in all_experts}
    for index, name in enumerate(named):
        if name not in usernames or name in named[:index]:
            raise Invalid.field(
                pointer.format(index),
                "unknown_expert",
                f"{name} 不是在用的专家账号，或重复填写。",
                f"{name} is no active expert's account, or was named twice.",
            )


def seat_panel(
    session: Session, clock: Clock, case: Case, seats: Sequence[Seat], drawing: Draw, replaces: str | None = None
) -> None:
    """Dismiss the reviewers who are not on the new panel, and seat the new panel's reviewers who were not on the old one.
    `replaces`: the id of the seat that the only new reviewer takes over."""
    usernames = [drawing.third_party] if drawing.third_party else drawing.experts
    kind = SeatKind.THIRD_PARTY if drawing.third_party else SeatKind.EXPERT
    present = {seat.account: seat for seat in seats if seat.state == SeatState.SEATED}
    for name, taken in present.items():
        if name not in usernames:
            taken.leave(SeatState.DISMISSED, drawing.reason, drawing.by, drawing.at)
    for name in usernames:
        if name not in present:
            late = case.scoring_closed_at is not None
            session.add(
                Seat(new_id(), case.id, case.round, name, kind, SeatState.SEATED, clock.now(), late=late, replaces=replaces)
            )
    session.flush()


def publish_panel(session: Session, case: Case, round: Round) -> None:
    """Publish the complete list of the reviewers who may read the case now."""
    seats = repository.readers_of(session, case)
    third_party = next((seat.account for seat in seats if seat.kind == SeatKind.THIRD_PARTY), None)
    experts = [seat.account for seat in seats if seat.kind == SeatKind.EXPERT]
    article = round.stage(EXPERT_REVIEW).citation
    scored = {score.account for score in repository.scores_of(session, [case.id])}
    awaited = [seat.account for seat in seats if case.scoring_open_for(seat) and seat.account not in scored]
    declared = [seat.account for seat in seats if seat.declared_at]
    panel = PanelAppointed(
        experts=experts,
        third_party=third_party,
        awaited=awaited,
        declared=declared,
        due_on=date.fromisoformat(case.due_on),
    )
    publish_case_event(session, case, "panel.appointed", article, panel)
