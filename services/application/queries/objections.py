"""Objections filed during publicity."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application import answers
from services.application.access import reader, works_at
from services.application.repository import cases
from services.application.tables import objections
from services.kernel.errors import NotFound
from services.kernel.identity import Actor


def list_objections(session: Session, actor: Actor, id: str) -> dict[str, Any]:
    """The objections to an application: all of them for those who may read it, for others their own. Who filed one is told to
    the province and auditors only. Raises NotFound."""
    application = cases.application(session, id)
    statement = select(objections).where(objections.c.application_id == id).order_by(objections.c.id)
    try:
        reader(session, actor, application)
    except NotFound:
        rows = list(session.execute(statement.where(objections.c.filed_by == actor.username)))
        if not rows:
            raise
    else:
        rows = list(session.execute(statement))
    knows = actor.has("auditor") or (works_at(actor) and actor.of_province)
    return {"items": [answers.objection(row, by=knows or row.filed_by == actor.username) for row in rows]}
