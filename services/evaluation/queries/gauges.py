"""Gauges of the duties after recognition, for operators and the bureaus' daily work: counts of late cases."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from services.evaluation.domain.annual_report import ReportStatus
from services.evaluation.domain.rectification import RUNNING
from services.evaluation.domain.round import RoundStatus
from services.evaluation.tables import annual_reports, consortia, evaluations, rectifications
from services.kernel.clock import Clock, end_of_day
from services.policy import holidays_known_through


def reports_overdue(session: Session, clock: Clock) -> dict[tuple[str, ...], float]:
    """Yearly reports that are overdue, by the consortium's home bureau."""
    late = (annual_reports.c.state == ReportStatus.DUE) & (annual_reports.c.due_at < clock.now())
    return _by_home(session, annual_reports.c.consortium, late)


def rectifications_overdue(session: Session, clock: Clock) -> dict[tuple[str, ...], float]:
    """Rectifications after their due day that are neither accepted nor failed yet, by the consortium's home bureau."""
    late = rectifications.c.status.in_(RUNNING) & (rectifications.c.due_on < clock.today())
    return _by_home(session, rectifications.c.consortium, late)


def deadlines_without_holidays(session: Session) -> dict[tuple[str, ...], float]:
    """Open deadlines in a year whose public holidays the platform does not know yet."""
    last_known_day = end_of_day(date(holidays_known_through(), 12, 31))
    open = (evaluations.c.status == RoundStatus.PUBLICISED, evaluations.c.publicity_ends > last_known_day)
    count = session.execute(select(func.count()).select_from(evaluations).where(*open)).scalar_one()
    return {("evaluation",): count} if count else {}


def _by_home(session: Session, consortium: Any, late: ColumnElement[bool]) -> dict[tuple[str, ...], float]:
    counted: Select[Any] = select(consortia.c.recommender, func.count()).join(consortia, consortia.c.id == consortium)
    return {(bureau,): count for bureau, count in session.execute(counted.where(late).group_by(consortia.c.recommender))}
