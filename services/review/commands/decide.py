"""The province decides a case, considering the experts' review and the needs of Guangxi. The decision is final (A6(2), A8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy.orm import Session

from services.contracts.payload import ABSENT
from services.contracts.review.answers import DecisionTakenAnswerDict
from services.contracts.review.case_parts import Acknowledged, GivenWaiver, ListReference
from services.contracts.review.payloads import ReviewDecided
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.review import repository
from services.review.commands.give_opinion import drafts_for
from services.review.commands.publish_case_event import note, publish_case_event
from services.review.domain.case import DECISION, Case, CaseStatus, Round
from services.review.domain.decision import (
    Placing,
    check_waivers,
    placing,
    require_amount,
    require_objections_named,
    require_other_person,
    require_reason,
)
from services.review.domain.opinion import Opinion, OpinionOutcome, Particulars, particulars_answer
from services.review.domain.scoring import aggregate, placed_value, ranks
from services.review.domain.signature import draft_read, sign
from services.review.domain.unmet_answers import acknowledge, unmet
from services.review.guards import require_decidable


def decide(
    session: Session,
    clock: Clock,
    actor: Actor,
    id: str,
    outcome: str,
    reason: str,
    waivers: Sequence[GivenWaiver] = (),
    amount: str | None = None,
    knowingly: bool = False,
    if_match: str | None = None,
    differs_reason: str | None = None,
    acknowledgements: Sequence[Acknowledged] = (),
    objections: Sequence[str] = (),
    listed: ListReference | None = None,
) -> DecisionTakenAnswerDict:
    """Approve or decline a case that is at the decision stage. `amount` is in yuan as a decimal string, if the case asks for
    money. An approval out of rank order, or beyond the number of approvals that the call allows, is recorded as such, with its
    reason. A change whose mandatory rules fail can only be approved `knowingly` (A12). If an officer drafted the decision,
    `if_match` names the draft that was read, and `differs_reason` says why the decision differs from it. An approval acknowledges
    each condition that a reviewer answered "not met", and names every upheld objection that holds the recognition (`objections`).
    `listed`: the decision list ({id, title, on}) with which the decision is signed.

    Raises Conflict unless the case is open at the decision, while a panel is scoring, if the actor opened the special case, if
    fewer scores count than the call requires, and if a counted score is by a reviewer with a conflict of interest. Raises Invalid
    if an in-principle rule fails and is not waived, if a condition answered "not met" is not acknowledged, if an upheld objection
    is not named, and if a reason is missing. Raises PreconditionRequired and PreconditionFailed if the draft that was read is not
    named or has changed.
    """
    actor.require("chief")
    case = repository.own_case(session, actor, id, lock=True)
    case.require(DECISION)
    round = repository.round_of(session, case)
    require_other_person(round, actor.username)
    require_decidable(session, case, round)
    stage = round.stage(DECISION)
    opinions = repository.opinions_of(session, case)
    decision = Opinion(
        id=new_id(),
        case_id=case.id,
        round=case.round,
        version=case.version,
        stage=DECISION,
        outcome=outcome,
        comment=reason,
        by=actor.username,
        at=clock.now(),
        waivers=list(waivers),
        particulars={"acknowledgements": list(acknowledgements), "amount": amount, "knowingly": knowingly},
        acting_for=actor.acting_for,
    )
    sign(decision, draft_read(drafts_for(decision, opinions), actor.username, stage, if_match), differs_reason)
    case_placing = _placing(session, case, round) if outcome == OpinionOutcome.APPROVE else None
    require_reason(reason, case_placing)
    if outcome == OpinionOutcome.APPROVE:
        require_amount(round.money, amount)
        require_objections_named(round, objections)
    holding = check_waivers(round, stage, opinions, decision, knowingly=knowingly)
    particulars: Particulars = {"amount": amount, "acknowledgements": acknowledge(unmet(round, opinions), decision)}
    if case_placing:
        particulars = {**particulars, **case_placing.to_dict()}
    if round.objections:
        particulars["objections"] = [upheld["id"] for upheld in round.objections]
    if listed and outcome == OpinionOutcome.APPROVE:
        particulars["list"] = listed
    if outcome == OpinionOutcome.APPROVE and round.fails_knowably:
        particulars["knowingly"] = knowingly
    decision.particulars = particulars
    session.add(decision)
    return _close_with_decision(session, case, round, decision, holding)


def _placing(session: Session, case: Case, round: Round) -> Placing:
    """Return the case's rank in its call and whether the call allows a further approval. The call's row is locked, so that of two
    concurrent decisions the second takes the first into account."""
    if case.call is None:
        return Placing(rank=None, places=None, ahead=(), beyond_places=False)
    call = repository.call(session, case.call, lock=True)
    ranked = repository.ranked_cases(session, case.call)
    totals = repository.totals(session, [candidate.id for candidate in ranked])
    first = {candidate.id for candidate in ranked if candidate.rank_first}
    values = {candidate: aggregate(of_case, round.aggregation).value for candidate, of_case in totals.items()}
    ranks_now = ranks({candidate: placed_value(value, candidate in first) for candidate, value in values.items()})
    statuses = {candidate.id: candidate.status for candidate in ranked}
    return placing(case.id, ranks_now, statuses, repository.count_cases(session, case.call, CaseStatus.APPROVED), call.places)


def _close_with_decision(
    session: Session, case: Case, round: Round, decision: Opinion, holding: list[GivenWaiver]
) -> DecisionTakenAnswerDict:
    before = case.state()
    case.settle(CaseStatus.APPROVED if decision.outcome == OpinionOutcome.APPROVE else CaseStatus.DECLINED)
    article, particulars = round.stage(DECISION).citation, decision.particulars or {}
    decided = ReviewDecided(
        outcome=decision.outcome,
        reason=decision.comment,
        waivers=holding,
        signed_by=decision.by,
        amount=decision.amount,
        knowingly=decision.knowingly,
        acknowledgements=decision.acknowledgements,
        rank=particulars.get("rank", ABSENT),
        places=particulars.get("places", ABSENT),
        ahead=particulars.get("ahead"),
        beyond_places=particulars.get("beyond_places"),
        objections=particulars.get("objections"),
        list=particulars.get("list"),
        differs=decision.published_difference,
        acting_for=decision.acting_for,
    )
    publish_case_event(session, case, "review.decided", article, decided, before=before)
    if decision.differs:
        note(session, case, "opinion.differs", article, after=decision.differs)
    said = {
        "outcome": decision.outcome,
        "reason": decision.comment,
        "waivers": holding,
        "signed_by": decision.by,
        "amount": decision.amount,
        "id": decision.id,
        "case": case.id,
        "status": case.status,
    }
    answer = cast(DecisionTakenAnswerDict, said | particulars_answer(decision))
    if decision.differs:
        answer["differs"] = {"members": decision.differs["members"], "reason": decision.differs["reason"]}
    if decision.acting_for:
        answer["acting_for"] = decision.acting_for
    return answer
