"""Anybody with an account may object during publicity; the province answers before it ends."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from services.application import answers
from services.application.access import reader
from services.application.domain.application import Application
from services.application.repository import cases, journal
from services.application.tables import objections
from services.kernel.clock import Clock, local_date
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id


def file_objection(session: Session, clock: Clock, actor: Actor, id: str, reason: str) -> dict[str, Any]:
    """Object to a recognition in its publicity period, with a reason; it holds the recognition up until it is answered.

    Raises NotFound for what is neither public nor the actor's to read, Conflict outside the period."""
    application = cases.application(session, id, lock=True)
    if application.status != "publicised":
        reader(session, actor, application)
    ends = application.require_publicity(clock.now())
    row = {
        "id": new_id(),
        "application_id": id,
        "reason": reason,
        "filed_by": actor.username,
        "filed_at": clock.now(),
    }
    session.execute(insert(objections), row)
    journal.happened(
        session,
        application,
        "objection.filed",
        _told(application, row) | {"answer_by": local_date(ends).isoformat()},
        article="A6(2)",
        bureau=PROVINCE,
        before=application.state(),
        detail={"objection": row["id"]},
    )
    return answers.objection(_row(session, row["id"]), by=True)


def _told(application: Application, row: dict[str, Any]) -> dict[str, Any]:
    return {"objection": row["id"], "title": application.name, "by": row["filed_by"]}


def _row(session: Session, id: Any) -> Any:
    return session.execute(select(objections).where(objections.c.id == id)).one()
