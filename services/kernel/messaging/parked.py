"""Parked events, which a service could not process: operators list them and replay them. Every service offers these
operations."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging import inbox
from services.kernel.persistence.paging import page
from services.kernel.persistence.tables import inbox as table
from services.kernel.persistence.unit_of_work import audit_only


def parked_events(session: Session, actor: Actor, limit: int, cursor: str | None) -> dict[str, Any]:
    """Query: the parked events, oldest first. An event's content and its error text may hold personal data, so they stay on the
    server, where `guichuang events dead-letters show` prints them."""
    actor.require("operator")
    names = ("id", "type", "producer", "subject", "bureau", "attempts", "error", "received_at")
    statement = select(table.c.position, *(table.c[name] for name in names)).where(table.c.state == "parked")
    rows, next_cursor = page(session, statement, [table.c.position], limit=limit, cursor=cursor)
    items = [
        {name: getattr(row, name) for name in ("id", "type", "producer", "subject", "bureau", "attempts")}
        | {"error": (row.error or "").partition(":")[0].strip() or None, "received_at": row.received_at.isoformat()}
        for row in rows
    ]
    return {"items": items, "next_cursor": next_cursor}


def replay_parked(session: Session, actor: Actor, ids: list[str]) -> dict[str, Any]:
    """Make parked events pending again; ids that are not parked are left out. Answers how many."""
    actor.require("operator")
    replayed = inbox.unpark(session, ids)
    if replayed:
        audit_only(session, "events.replayed", f"inbox/{ids[0]}", bureau=PROVINCE)
    return {"replayed": replayed}
