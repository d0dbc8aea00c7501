"""Assign one or several cases to one of the bureau's own officials (A11)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from services.contracts.review.answers import AssignmentAnswerDict, AssignmentRowAnswerDict, AssignmentsAnswerDict
from services.contracts.review.payloads import CaseAssigned
from services.kernel.errors import DomainError, Invalid
from services.kernel.identity import Actor
from services.review import repository
from services.review.commands.publish_case_event import publish_case_event


def assign_case(session: Session, actor: Actor, id: str, account: str) -> AssignmentAnswerDict:
    """Assign an open case to an account. Other officials of the bureau may still act on it. Raises Invalid unless the account is
    an active officer or chief of this bureau."""
    actor.require("officer", "chief")
    case = repository.own_case(session, actor, id, lock=True)
    case.require_open()
    _require_own_person(session, account, case.bureau)
    before = {"assigned_to": case.assigned_to}
    case.assigned_to = account
    article = repository.round_of(session, case).stage(case.stage).citation
    publish_case_event(session, case, "review.assigned", article, CaseAssigned(account=account, stage=case.stage), before=before)
    return {"id": case.id, "assigned_to": account, "stage": case.stage, "status": case.status}


def assign_cases(session: Session, actor: Actor, ids: Sequence[str], account: str) -> AssignmentsAnswerDict:
    """Assign several cases of the actor's bureau, each like `assign_case`. A case that cannot be assigned is refused, and the
    result names the reason; the other cases are assigned."""
    actor.require("officer", "chief")
    _require_own_person(session, account, actor.bureau)
    # In sorted order, so that two transactions lock the cases in the same order and cannot deadlock.
    results = {id: _assigned(session, actor, id, account) for id in sorted(set(ids))}
    return {"items": [results[id] for id in dict.fromkeys(ids)]}


def _assigned(session: Session, actor: Actor, id: str, account: str) -> AssignmentRowAnswerDict:
    try:
        return {"done": True, "error": None, **assign_case(session, actor, id, account)}
    except DomainError as refusal:  # The error is raised before the case is changed, so nothing needs to be rolled back.
        return {"id": id, "done": False, "error": {"code": refusal.code, "message": refusal.text.to_dict()}}


def _require_own_person(session: Session, account: str, bureau: str | None) -> None:
    assignee = repository.account(session, account)
    if not (assignee and assignee.active and assignee.bureau == bureau and {"officer", "chief"} & set(assignee.roles)):
        raise Invalid.field(
            "/account",
            "not_of_this_bureau",
            "请填写本部门在用的经办人或负责人账号。",
            "Name an active officer or chief of this bureau.",
        )
