"""Counts for a bureau's oversight of its consortia: consortia, annual reports, matters, participations, rectifications and
revocations by status, and how many are overdue (A10, A11)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import OversightAnswerDict
from services.evaluation.domain.annual_report import ReportStatus
from services.evaluation.domain.consortium import ALIVE
from services.evaluation.domain.participation import ParticipationStatus
from services.evaluation.tables import (
    annual_reports,
    consortia,
    coordination_items,
    inspections,
    participations,
    rectifications,
    revocations,
)
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor


def oversight(session: Session, clock: Clock, actor: Actor) -> OversightAnswerDict:
    """Return the counts of the bureau's own consortia; for the province and auditors, the counts of all consortia. Raises
    Forbidden for any other actor."""
    whole_region = actor.has("auditor") or (actor.official and actor.of_province)
    if not (whole_region or actor.official):
        raise Forbidden("bureaus_only", "此页面供主管部门使用。", "This is for the bureaus.")
    home = [] if whole_region else [consortia.c.recommender == actor.bureau]
    alive = [*home, consortia.c.status.in_(ALIVE)]
    year = clock.today().year
    inspected = exists().where(inspections.c.consortium == consortia.c.id, inspections.c.year == year)
    unsent = [*alive, annual_reports.c.state == ReportStatus.DUE]
    return {
        "consortia": {
            "by_status": _count_by(session, consortia.c.status, consortia, home),
            "by_grade": _count_by(session, consortia.c.grade, consortia, [*home, consortia.c.grade.is_not(None)]),
            "under_guidance": _count(session, None, [*alive, consortia.c.under_guidance]),
            "evaluation_due": _count(session, None, [*alive, _obliged_condition(clock.today())]),
            "not_inspected": _count(session, None, [*alive, ~inspected]),
        },
        "reports": {
            "due": _count(session, annual_reports, [*unsent, annual_reports.c.due_at >= clock.now()]),
            "overdue": _count(session, annual_reports, [*unsent, annual_reports.c.due_at < clock.now()]),
            "by_status": _count_by(session, annual_reports.c.state, annual_reports, home),
        },
        "coordination": _count_by(session, coordination_items.c.status, coordination_items, home),
        "participations": _count_by(session, participations.c.status, participations, home)
        if whole_region
        else _without_grades(_count_by(session, participations.c.status, participations, home)),
        "rectifications": _count_by(session, rectifications.c.status, rectifications, home),
        "revocations": _count_by(session, revocations.c.status, revocations, home),
    }


def _obliged_condition(today: date) -> ColumnElement[bool]:
    """SQL condition: a notice issued today obliges the consortium to take part (A13)."""
    never, graded = consortia.c.graded_under.is_(None), consortia.c.graded_under.is_not(None)
    return or_(
        consortia.c.owes_round.is_not(None),
        and_(never, consortia.c.next_round_by <= today),
        and_(graded, consortia.c.next_round_by <= date(today.year, 12, 31)),
    )


def _without_grades(counts: dict[str, int]) -> dict[str, int]:
    """Return the counts with graded participations counted as submitted: a bureau must not learn before publication that a grade
    was given."""
    graded = counts.pop(ParticipationStatus.GRADED, 0)
    return counts | {ParticipationStatus.SUBMITTED: counts.get(ParticipationStatus.SUBMITTED, 0) + graded} if graded else counts


def _count_by(
    session: Session, column: ColumnElement[Any], table: Table, conditions: list[ColumnElement[bool]]
) -> dict[str, int]:
    statement = select(column, func.count()).select_from(_with_consortia(table)).where(*conditions).group_by(column)
    return {row[0]: row[1] for row in session.execute(statement)}


def _count(session: Session, table: Table | None, conditions: list[ColumnElement[bool]]) -> int:
    source = consortia if table is None else _with_consortia(table)
    count: int = session.execute(select(func.count()).select_from(source).where(*conditions)).scalar_one()
    return count


def _with_consortia(table: Table) -> Any:
    return table if table is consortia else table.join(consortia, consortia.c.id == table.c.consortium)
