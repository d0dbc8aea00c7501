"""Queries about the watch list (A12, A13, A14)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application.access import require_province
from services.application.domain.watch import ASKED, Watch
from services.application.repository import organisations, register, watches
from services.application.serializers import register_serializers
from services.application.tables import watches as table
from services.contracts.application.change_responses import WatchAnswerDict
from services.contracts.application.register_responses import AskedReport
from services.contracts.pages import PageDict
from services.kernel.identity import Actor
from services.kernel.persistence.paging import page


def watch_list(
    session: Session,
    actor: Actor,
    limit: int = 50,
    cursor: str | None = None,
    status: str | None = None,
    kind: str | None = None,
    consortium: str | None = None,
    recommender: str | None = None,
) -> PageDict[WatchAnswerDict]:
    """List the entries of the watch list, the newest first; without `status` the entries that are not settled. Only the province
    and auditors may read them. Raises Forbidden for other actors."""
    if not actor.has("auditor"):
        require_province(actor)
    statement = select(table.c.id, Watch)
    statement = statement.where(table.c.status == status) if status else statement.where(table.c.status != "settled")
    for column, value in ((table.c.kind, kind), (table.c.consortium_id, consortium), (table.c.recommender, recommender)):
        statement = statement if value is None else statement.where(column == value)
    rows, next_cursor = page(session, statement, [table.c.id], limit=limit, cursor=cursor, descending=True)
    listed = [row.Watch for row in rows]
    consortia = register.by_ids(session, (watch.consortium_id for watch in listed))
    codes = {watch.organisation for watch in listed if watch.organisation} | {row.lead for row in consortia.values()}
    names = organisations.names(session, codes)
    items = [register_serializers.watch(watch, consortia[watch.consortium_id], names) for watch in listed]
    return {"items": items, "next_cursor": next_cursor}


def asked_of_lead(session: Session, id: str) -> list[AskedReport]:
    """Return the reports of changes that the lead of a consortium was asked for, each with its last day, for readers of the
    consortium."""
    entries = [watch for watch in watches.unsettled(session, id) if watch.kind == ASKED]
    names = organisations.names(session, [watch.organisation for watch in entries if watch.organisation])
    return [
        {
            "id": watch.id,
            "cause": watch.cause,
            "organisation": {"uscc": watch.organisation, "name": names.get(watch.organisation)} if watch.organisation else None,
            "rules": watch.rules,
            "note": watch.note,
            "status": watch.status,
            "asked_on": watch.opened_on.isoformat(),
            "due_on": watch.due_on.isoformat() if watch.due_on else None,
        }
        for watch in entries
    ]
