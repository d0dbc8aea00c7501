"""An officer of the province drafts the decisions of a call as one list (A6(2))."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from services.contracts.review.case_parts import ProposedDecision
from services.contracts.review.decision_list_answers import DecisionListAnswerDict
from services.contracts.review.payloads import DecisionListDrafted, DecisionRowPart
from services.kernel.clock import Clock
from services.kernel.errors import DomainError, FieldError, Invalid, NotFound, Text
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.review import repository
from services.review.commands.give_opinion import give_opinion
from services.review.decision_lists import list_answer, require_province
from services.review.domain.case import DECISION, Case
from services.review.domain.decision_list import DecisionList
from services.review.domain.opinion import OpinionOutcome


def draft_decision_list(
    session: Session, clock: Clock, actor: Actor, call: str, title: str, rows: Sequence[DecisionRowPart]
) -> DecisionListAnswerDict:
    """Draft the decision of each case, and store the drafts as one list, which a chief signs in one act.

    Raises Forbidden unless the actor is an officer of the province, NotFound if the call is unknown, Invalid with an error for
    each row whose case does not belong to the call, is not at the decision stage or is in another unsigned list, and for each row
    whose draft is incomplete.
    """
    actor.require("officer")
    require_province(actor)
    call_row = repository.call(session, call)
    errors: list[FieldError] = []
    drafted = []
    listed_reviews: set[str] = set()
    for index, row in enumerate(rows):
        try:
            case = repository.own_case(session, actor, row.review, lock=True)
            _require_row(case, call_row.id, listed_reviews)
            drafted.append(_draft_row(session, clock, actor, row))
        except DomainError as refusal:
            errors += _row_errors(index, refusal)
    if errors:
        raise Invalid("invalid_list", "名单有误，请按提示修改。", "The list is not sound.", errors=tuple(errors))
    decision_list = DecisionList(
        id=new_id(), bureau=PROVINCE, call=call, title=title, rows=drafted, by=actor.username, at=clock.now()
    )
    session.add(decision_list)
    session.flush()
    unit_of_work.record_change(
        session,
        "decision_list.drafted",
        f"decision-list/{decision_list.id}",
        DecisionListDrafted(list=decision_list.reference(), call=call, title=title, cases=len(drafted)),
        bureau=PROVINCE,
        article="A6(2)",
        origin=PROVINCE,
        after=decision_list.state(),
    )
    return list_answer(session, decision_list)


def _require_row(case: Case, call: str, listed_reviews: set[str]) -> None:
    if case.call != call:
        raise NotFound("unknown_review", "该事项不属于这一申报通知。", "This case is not one of the call.")
    if case.id in listed_reviews:
        raise Invalid("row_twice", "同一事项在名单中重复。", "This case is in the list twice.")
    listed_reviews.add(case.id)


def _draft_row(session: Session, clock: Clock, actor: Actor, row: DecisionRowPart) -> ProposedDecision:
    outcome = OpinionOutcome.PASS if row.outcome == OpinionOutcome.APPROVE else OpinionOutcome.REJECT
    draft = give_opinion(
        session,
        clock,
        actor,
        row.review,
        DECISION,
        outcome,
        row.reason,
        waivers=row.waivers,
        acknowledgements=row.acknowledgements,
        amount=row.amount,
    )
    return {
        "review": row.review,
        "outcome": row.outcome,
        "reason": row.reason,
        "waivers": row.waivers,
        "acknowledgements": row.acknowledgements,
        "amount": row.amount,
        "objections": row.objections,
        "draft": draft["id"],
        "etag": draft["etag"],
    }


def _row_errors(index: int, refusal: DomainError) -> Iterator[FieldError]:
    """Yield the errors of one row, with JSON pointers to that row in the body."""
    pointer = f"/rows/{index}"
    for error in refusal.errors:
        yield FieldError(pointer + error.pointer.replace("/comment", "/reason"), error.code, error.text)
    if not refusal.errors:
        yield FieldError(f"{pointer}/review", refusal.code, Text(refusal.text.zh, refusal.text.en))
