"""Queries about coordination items, for the consortia that raised them and the bureaus that were asked (A12)."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import MatterAnswerDict
from services.contracts.pages import PageDict
from services.evaluation.available_actions import matter_actions
from services.evaluation.domain.coordination import Item
from services.evaluation.repository import consortia, duties
from services.evaluation.tables import consortia as consortium_table
from services.evaluation.tables import coordination_items as table
from services.kernel.identity import Actor
from services.kernel.persistence.paging import page


def list_matters(
    session: Session,
    actor: Actor,
    limit: int = 50,
    cursor: str | None = None,
    status: str | None = None,
    asked_of: str | None = None,
    consortium: str | None = None,
) -> PageDict[MatterAnswerDict]:
    """List the matters that the actor may see: a lead sees the matters of its own consortium; a bureau sees those that it was
    asked to help with and those of its consortia; the province and auditors see all."""
    statement = select(table.c.id, Item)
    for column, value in ((table.c.status, status), (table.c.asked_of, asked_of), (table.c.consortium, consortium)):
        if value:
            statement = statement.where(column == value)
    if not (actor.has("auditor") or (actor.official and actor.of_province)):
        if actor.official:
            statement = statement.where(or_(table.c.asked_of == actor.bureau, table.c.recommender == actor.bureau))
        else:
            own_consortia = select(consortium_table.c.id).where(consortium_table.c.lead == (actor.organisation or ""))
            statement = statement.where(table.c.consortium.in_(own_consortia))
    rows, next_cursor = page(session, statement, [table.c.id], limit=limit, cursor=cursor, descending=True)
    return {"items": [row.Item.shown() for row in rows], "next_cursor": next_cursor}


def get_matter(session: Session, actor: Actor, id: str) -> MatterAnswerDict:
    """Return one matter. Raises NotFound."""
    item = duties.item(session, id)
    is_asked_bureau = actor.official and actor.bureau == item.asked_of
    if not is_asked_bureau and not consortia.consortium(session, item.consortium).may_be_seen_by(actor):
        raise duties.no_item()
    return {**item.shown(), "actions": matter_actions(actor, item)}
