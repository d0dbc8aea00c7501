"""A list of a call's decisions as it is read and answered, for queries and commands alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.kernel.errors import Forbidden, NotFound
from services.kernel.identity import Actor
from services.review.domain.case import Case
from services.review.domain.decision_list import DecisionList
from services.review.tables import cases


def one(session: Session, actor: Actor, call: str, id: str, *, lock: bool = False) -> DecisionList:
    """One list of a call. Raises Forbidden for anybody but the province and auditors, NotFound."""
    require_province(actor)
    found = session.get(DecisionList, id, with_for_update=lock or None, populate_existing=lock)
    if found is None or found.call != call:
        raise NotFound("decision_list_not_found", "没有这一决定名单。", "There is no such list of decisions.")
    return found


def list_answer(session: Session, found: DecisionList) -> dict[str, Any]:
    """A list with each row's case and result."""
    named = {case.id: case for case in session.scalars(select(Case).where(cases.c.id.in_(row["review"] for row in found.rows)))}
    results = {result["review"]: result for result in found.results}
    return {
        "id": found.id,
        "call": found.call,
        "title": found.title,
        "status": found.status,
        "by": found.by,
        "at": found.at.isoformat(),
        "signed_by": found.signed_by,
        "decided_on": found.decided_on.isoformat() if found.decided_on else None,
        "rows": [
            row
            | {"title": named[row["review"]].title, "subject": named[row["review"]].subject, "result": results.get(row["review"])}
            for row in found.rows
        ],
        "etag": found.etag,
    }


def require_province(actor: Actor) -> None:
    if not (actor.has("auditor") or (actor.official and actor.of_province)):
        raise Forbidden("province_only", "此操作只能由自治区科技厅办理。", "Only the provincial department can do this.")
