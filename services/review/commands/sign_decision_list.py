"""A chief of the province signs the decision list that this chief has read. Each row has its own result (A6(2))."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.bilingual import Bilingual
from services.contracts.review.case_parts import ProposedDecision
from services.contracts.review.decision_list_answers import DecisionListAnswerDict, RowResultDict
from services.kernel.clock import Clock
from services.kernel.errors import DomainError
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence import unit_of_work
from services.kernel.preconditions import require_current
from services.review import repository
from services.review.commands.decide import decide
from services.review.decision_lists import get_list, list_answer
from services.review.domain.decision_list import DecisionList


def sign_decision_list(
    session: Session, clock: Clock, actor: Actor, call: str, id: str, if_match: str | None = None
) -> DecisionListAnswerDict:
    """Decide every case of the list as its officer proposed. A row that cannot be decided as proposed (the case has changed
    since, or a failing rule is not waived) is removed from the list with the reason and delays no other row. The approved cases
    share one document number and one day.

    Raises Forbidden unless the actor is a chief of the province, NotFound, Conflict if the list is signed or withdrawn, or the
    actor drafted it, PreconditionRequired and PreconditionFailed if `if_match` does not name the list in its present state.
    """
    actor.require("chief")
    decision_list = get_list(session, actor, call, id, lock=True)
    require_current(if_match, decision_list.etag)
    decision_list.require_signable(actor.username)
    before = decision_list.state()
    # Lock the cases before their call, and in sorted order, like every other decision, so that two decisions cannot deadlock.
    for review in sorted(row["review"] for row in decision_list.rows):
        repository.own_case(session, actor, review, lock=True)
    decision_list.signed_by, decision_list.signed_at = actor.username, clock.now()
    decision_list.results = [_decide_row(session, clock, actor, decision_list, row) for row in decision_list.rows]
    session.flush()
    unit_of_work.audit_only(
        session,
        "decision_list.signed",
        f"decision-list/{id}",
        bureau=PROVINCE,
        article="A6(2)",
        before=before,
        after=decision_list.state(),
    )
    return list_answer(session, decision_list)


def _decide_row(
    session: Session, clock: Clock, actor: Actor, decision_list: DecisionList, row: ProposedDecision
) -> RowResultDict:
    try:
        decision = decide(
            session,
            clock,
            actor,
            row["review"],
            outcome=row["outcome"],
            reason=row["reason"],
            waivers=row["waivers"],
            amount=row["amount"],
            acknowledgements=row["acknowledgements"],
            objections=row["objections"],
            if_match=row["etag"],
            listed=decision_list.reference(),
        )
    except DomainError as refusal:  # The error is raised before anything is written, so nothing needs to be rolled back.
        texts = [refusal.text, *(error.text for error in refusal.errors)]
        why: Bilingual = {"zh": " ".join(text.zh for text in texts), "en": " ".join(text.en for text in texts)}
        return {"review": row["review"], "status": "refused", "code": refusal.code, "why": why}
    return {"review": row["review"], "status": decision["status"], "code": None, "why": None}
