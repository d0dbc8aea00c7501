"""Calls: everybody may read them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application import answers
from services.application.domain.call import Call
from services.application.repository import cases
from services.application.tables import calls
from services.kernel.clock import Clock
from services.kernel.paging import page


def get_call(session: Session, clock: Clock, id: str) -> dict[str, Any]:
    """One call. Raises NotFound."""
    return answers.call(cases.call(session, id), clock.now())


def list_calls(
    session: Session,
    clock: Clock,
    limit: int = 50,
    cursor: str | None = None,
    kind: str | None = None,
    status: str | None = None,
) -> dict[str, Any]:
    """Calls, the newest first; `status` is upcoming, open, closed or cancelled."""
    now = clock.now()
    wanted = {
        None: (),
        "cancelled": (calls.c.cancelled_reason.is_not(None),),
        "upcoming": (calls.c.cancelled_reason.is_(None), calls.c.opens_at > now),
        "open": (calls.c.cancelled_reason.is_(None), calls.c.opens_at <= now, calls.c.closes_at >= now),
        "closed": (calls.c.cancelled_reason.is_(None), calls.c.closes_at < now),
    }
    statement = select(calls.c.id, Call).where(*wanted[status])
    if kind:
        statement = statement.where(calls.c.kind == kind)
    rows, next_cursor = page(session, statement, [calls.c.id], limit=limit, cursor=cursor, descending=True)
    return {"items": [answers.call(row.Call, now) for row in rows], "next_cursor": next_cursor}
