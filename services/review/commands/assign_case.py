"""A case is given to one of the bureau's own people (A11)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.kernel.errors import Invalid
from services.kernel.identity import Actor
from services.review import repository
from services.review.commands.announce import announce


def assign_case(session: Session, actor: Actor, id: str, account: str) -> dict[str, Any]:
    """Name who is to work on an open case. Others of the bureau may still act on it. Invalid for an account that is not an
    active officer or chief of this bureau."""
    actor.require("officer", "chief")
    case = repository.own_case(session, actor, id, lock=True)
    case.require_open()
    named = repository.account(session, account)
    if not (named and named.active and named.bureau == case.bureau and {"officer", "chief"} & set(named.roles)):
        raise Invalid.field(
            "/account",
            "not_of_this_bureau",
            "请填写本部门在用的经办人或负责人账号。",
            "Name an active officer or chief of this bureau.",
        )
    before = {"assigned_to": case.assigned_to}
    case.assigned_to = account
    article = repository.round_of(session, case).stage(case.stage).citation
    announce(session, case, "review.assigned", article, {"account": account, "stage": case.stage}, before=before)
    return {"id": case.id, "assigned_to": account, "stage": case.stage, "status": case.status}
