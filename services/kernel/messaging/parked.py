"""Parked events: those that a service could not process. Operators list and replay them. Every service offers these
operations."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from services.contracts.gateway.answers import ParkedEventDict, ReplayAnswerDict
from services.contracts.pages import PageDict
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging import inbox
from services.kernel.persistence.paging import page
from services.kernel.persistence.tables import inbox as table
from services.kernel.persistence.unit_of_work import audit_only


def parked_events(session: Session, actor: Actor, limit: int, cursor: str | None) -> PageDict[ParkedEventDict]:
    """Query: return the parked events, the oldest first. Their contents and error texts may contain personal data, so they are
    not returned; `guichuang events dead-letters show` prints them on the server."""
    actor.require("operator")
    names = ("id", "type", "producer", "subject", "bureau", "attempts", "error", "received_at")
    statement = select(table.c.position, *(table.c[name] for name in names)).where(table.c.state == "parked")
    rows, next_cursor = page(session, statement, [table.c.position], limit=limit, cursor=cursor)
    return {"items": [_parked(row) for row in rows], "next_cursor": next_cursor}


def _parked(row: Row[Any]) -> ParkedEventDict:
    return {
        "id": row.id,
        "type": row.type,
        "producer": row.producer,
        "subject": row.subject,
        "bureau": row.bureau,
        "attempts": row.attempts,
        "error": (row.error or "").partition(":")[0].strip() or None,
        "received_at": row.received_at.isoformat(),
    }


def replay_parked(session: Session, actor: Actor, ids: list[str]) -> ReplayAnswerDict:
    """Make parked events pending again; ids of events that are not parked are ignored. Return how many were made pending."""
    actor.require("operator")
    replayed = inbox.unpark(session, ids)
    if replayed:
        audit_only(session, "events.replayed", f"inbox/{ids[0]}", bureau=PROVINCE)
    return {"replayed": replayed}
