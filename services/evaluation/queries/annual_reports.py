"""What a consortium owes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.evaluation.domain.annual_report import Obligation
from services.evaluation.repository import consortia
from services.evaluation.tables import annual_reports as table
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.kernel.paging import page


def annual_reports(session: Session, clock: Clock, actor: Actor, *, id: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """The yearly reports a consortium owes, newest first. For its lead, its recommender, the province and auditors; NotFound
    for anybody else."""
    consortia.visible(session, id, actor)
    rows, next_cursor = page(
        session,
        select(table.c.year, Obligation).where(table.c.consortium == id),
        [table.c.year],
        limit=limit,
        cursor=cursor,
        descending=True,
    )
    now = clock.now()
    return {"items": [row.Obligation.shown(now) for row in rows], "next_cursor": next_cursor}
