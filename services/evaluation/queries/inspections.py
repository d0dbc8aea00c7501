"""Queries about inspections, and the list that shows which consortia were inspected in a year and which were not (检查进度,
A11)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import BoardLineDict, InspectionAnswerDict
from services.contracts.pages import PageDict
from services.evaluation.domain.consortium import ALIVE, Consortium
from services.evaluation.domain.inspection import Inspection
from services.evaluation.repository import consortia, duties
from services.evaluation.tables import consortia as consortium_table
from services.evaluation.tables import inspections as table
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.kernel.persistence.paging import page


def list_inspections(
    session: Session,
    actor: Actor,
    limit: int = 50,
    cursor: str | None = None,
    consortium: str | None = None,
    year: int | None = None,
    result: str | None = None,
) -> PageDict[InspectionAnswerDict]:
    """List the inspections that the actor may see, the newest first: a bureau sees the inspections of its own consortia and those
    that it made itself; the province and auditors see all; a lead sees those of its consortium."""
    statement = select(table.c.id, Inspection)
    for column, value in ((table.c.consortium, consortium), (table.c.year, year), (table.c.result, result)):
        if value:
            statement = statement.where(column == value)
    if not _sees_all(actor):
        own_consortia = select(consortium_table.c.id).where(consortium_table.c.lead == (actor.organisation or ""))
        consortia_of_bureau = select(consortium_table.c.id).where(consortium_table.c.recommender == actor.bureau)
        in_bureau = or_(table.c.recommender == actor.bureau, table.c.consortium.in_(consortia_of_bureau))
        readable = in_bureau if actor.official else table.c.consortium.in_(own_consortia)
        statement = statement.where(readable)
    rows, next_cursor = page(session, statement, [table.c.id], limit=limit, cursor=cursor, descending=True)
    return {"items": [row.Inspection.shown() for row in rows], "next_cursor": next_cursor}


def get_inspection(session: Session, actor: Actor, id: str) -> InspectionAnswerDict:
    """Return one inspection. Raises NotFound."""
    inspection = duties.inspection(session, id)
    made_by_bureau = actor.official and actor.bureau == inspection.recommender
    if not made_by_bureau and not consortia.consortium(session, inspection.consortium).may_be_seen_by(actor):
        raise duties.no_inspection()
    return inspection.shown()


def inspection_board(
    session: Session,
    clock: Clock,
    actor: Actor,
    limit: int = 50,
    cursor: str | None = None,
    year: int | None = None,
    bureau: str | None = None,
    inspected: bool | None = None,
) -> PageDict[BoardLineDict]:
    """List the consortia of the bureau, each with whether it was inspected in the year, the year's last inspection, and whether
    its follow-up is overdue. The province and auditors see the consortia of every bureau. Consortia recognised after that year
    are left out."""
    year = year or clock.today().year
    in_year = select(func.max(table.c.id)).where(table.c.consortium == consortium_table.c.id, table.c.year == year)
    last = in_year.correlate(consortium_table).scalar_subquery()
    joined = and_(table.c.consortium == consortium_table.c.id, table.c.id == last)
    statement = (
        select(consortium_table.c.id, Consortium, Inspection)
        .select_from(consortium_table.outerjoin(table, joined))
        .where(*_scope(actor, bureau), consortium_table.c.status.in_(ALIVE))
        .where(consortium_table.c.recognised_on <= date(year, 12, 31))
    )
    if inspected is not None:
        statement = statement.where(table.c.id.is_not(None) if inspected else table.c.id.is_(None))
    rows, next_cursor = page(session, statement, [consortium_table.c.id], limit=limit, cursor=cursor)
    today = clock.today()
    return {"items": [_board_line(row.Consortium, row.Inspection, year, today) for row in rows], "next_cursor": next_cursor}


def _board_line(consortium: Consortium, inspection: Inspection | None, year: int, today: date) -> BoardLineDict:
    return {
        "consortium": {"id": consortium.id, "number": consortium.number, "name": consortium.name},
        "lead": {"uscc": consortium.lead, "name": consortium.lead_name},
        "recommender": consortium.recommender,
        "year": year,
        "inspected": inspection is not None,
        "inspection": inspection.shown() if inspection else None,
        "under_guidance": consortium.under_guidance,
        "follow_up_overdue": bool(
            inspection and inspection.under_guidance and inspection.follow_up_on and inspection.follow_up_on < today
        ),
    }


def _scope(actor: Actor, bureau: str | None) -> list[ColumnElement[bool]]:
    if _sees_all(actor):
        return [consortium_table.c.recommender == bureau] if bureau else []
    conditions: list[ColumnElement[bool]] = [consortium_table.c.recommender == actor.bureau]
    return conditions if bureau in (None, actor.bureau) else [consortium_table.c.id.is_(None)]


def _sees_all(actor: Actor) -> bool:
    return actor.has("auditor") or (actor.official and actor.of_province)
