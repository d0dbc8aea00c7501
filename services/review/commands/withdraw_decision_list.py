"""An officer of the province withdraws a list of decisions that is not signed yet (A6(2))."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.review.decision_list_answers import DecisionListAnswerDict
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence import unit_of_work
from services.review.decision_lists import get_list, list_answer


def withdraw_decision_list(session: Session, clock: Clock, actor: Actor, call: str, id: str) -> DecisionListAnswerDict:
    """Withdraw the list. Its cases can be listed again; the drafts of their decisions remain.

    Raises Forbidden unless the actor is an officer of the province, NotFound, Conflict if the list is signed or withdrawn.
    """
    actor.require("officer")
    decision_list = get_list(session, actor, call, id, lock=True)
    decision_list.require_open()
    before = decision_list.state()
    decision_list.withdrawn_by, decision_list.withdrawn_at = actor.username, clock.now()
    unit_of_work.audit_only(
        session,
        "decision_list.withdrawn",
        f"decision-list/{id}",
        bureau=PROVINCE,
        article="A6(2)",
        before=before,
        after=decision_list.state(),
    )
    return list_answer(session, decision_list)
