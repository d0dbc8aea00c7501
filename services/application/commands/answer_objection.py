"""The province answers an objection."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.application import answers
from services.application.access import require_province
from services.application.commands.recognise import hold
from services.application.repository import cases, journal
from services.application.tables import objections
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, NotFound
from services.kernel.identity import PROVINCE, Actor


def answer_objection(
    session: Session, clock: Clock, actor: Actor, id: str, objection: str, answer: str, outcome: str = "dismissed"
) -> dict[str, Any]:
    """Answer it with reasons. Dismissed, the recognition goes on when its period ends; upheld, the case goes back to the
    decision.

    Raises Forbidden for anybody but the province, NotFound, Conflict when it is answered already."""
    require_province(actor)
    application = cases.application(session, id, lock=True)
    wanted = select(objections).where(objections.c.id == objection, objections.c.application_id == id)
    row = session.execute(wanted.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("objection_not_found", "没有这一异议。", "There is no such objection.")
    if row.answer is not None:
        raise Conflict("already_answered", "该异议已答复。", "This objection is answered already.", status=row.outcome)
    given = {"answer": answer, "outcome": outcome, "answered_by": actor.username, "answered_at": clock.now()}
    session.execute(update(objections).where(objections.c.id == objection).values(**given))
    told = {"objection": objection, "title": application.name, "by": row.filed_by, "answer": answer, "outcome": outcome}
    journal.happened(
        session,
        application,
        "objection.answered",
        told,
        article="A6(2)",
        bureau=PROVINCE,
        before=application.state(),
        detail={"objection": objection, "outcome": outcome},
    )
    if outcome == "upheld" and application.status == "publicised":
        hold(session, clock, application, (), objection=objection)
    return answers.objection(session.execute(wanted).one(), by=True)
