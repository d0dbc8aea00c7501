"""Lists of a call's decisions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.kernel.identity import Actor
from services.review import repository
from services.review.decision_lists import list_answer, one, require_province
from services.review.domain.decision_list import DecisionList
from services.review.tables import decision_lists


def list_decision_lists(session: Session, actor: Actor, call: str) -> dict[str, Any]:
    """The lists of a call, the newest first. Raises Forbidden for anybody but the province and auditors, NotFound."""
    require_province(actor)
    repository.call(session, call)
    found = session.scalars(
        select(DecisionList).where(decision_lists.c.call == call).order_by(decision_lists.c.id.desc()).limit(200)
    )
    return {"items": [list_answer(session, each) for each in found]}


def get_decision_list(session: Session, actor: Actor, call: str, id: str) -> dict[str, Any]:
    """One list with its rows. Raises Forbidden for anybody but the province and auditors, NotFound."""
    return list_answer(session, one(session, actor, call, id))
