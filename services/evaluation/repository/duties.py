"""Load and store annual reports, coordination items and inspections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from services.evaluation.domain.annual_report import Obligation, ReportStatus, not_owed
from services.evaluation.domain.consortium import ALIVE
from services.evaluation.domain.coordination import Item, MatterStatus
from services.evaluation.domain.inspection import Inspection
from services.evaluation.tables import annual_reports, consortia, coordination_items, inspections, report_versions
from services.kernel.errors import NotFound


def report(session: Session, consortium: str, year: int, *, lock: bool = False) -> Obligation:
    """Return the annual report of one year. Raises Conflict if the consortium owes no report of that year."""
    row = session.get(Obligation, (consortium, year), with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise not_owed(year)
    return row


def unsubmitted(session: Session, consortium: str) -> list[Obligation]:
    """Lock and return a consortium's annual reports that are not submitted or must be corrected."""
    waiting = annual_reports.c.state.in_((ReportStatus.DUE, ReportStatus.RETURNED))
    statement = select(Obligation).where(annual_reports.c.consortium == consortium, waiting)
    return list(session.scalars(statement.order_by(annual_reports.c.year).with_for_update()))


def keep_version(session: Session, report: Obligation, username: str) -> None:
    """Store the submitted content and documents of an annual report as a version, which never changes."""
    row = {
        "consortium": report.consortium,
        "year": report.year,
        "number": report.version,
        "submitted_at": report.submitted_at,
        "submitted_by": username,
        "content": report.content,
        "papers": report.papers,
    }
    session.execute(insert(report_versions), row)


def versions(session: Session, consortium: str, year: int) -> Sequence[Any]:
    """Return the submitted versions of a year's report, the oldest first."""
    statement = select(report_versions).where(report_versions.c.consortium == consortium, report_versions.c.year == year)
    return session.execute(statement.order_by(report_versions.c.number)).all()


def to_remind(session: Session, today: date, limit: int) -> list[str]:
    """Return the unsubmitted reports whose reminder is due, each as `<consortium>/<year>`."""
    return _reports(session, annual_reports.c.next_reminder <= today, limit)


def newly_overdue(session: Session, now: datetime, limit: int) -> list[str]:
    """Return the overdue reports for which no event was published yet, each as `<consortium>/<year>`."""
    return _reports(session, (annual_reports.c.due_at < now) & ~annual_reports.c.overdue_told, limit)


def _reports(session: Session, condition: Any, limit: int) -> list[str]:
    statement = (
        select(annual_reports.c.consortium, annual_reports.c.year)
        .join(consortia, consortia.c.id == annual_reports.c.consortium)
        .where(annual_reports.c.state == ReportStatus.DUE, condition, consortia.c.status.in_(ALIVE))
        .order_by(annual_reports.c.consortium, annual_reports.c.year)
        .limit(limit)
    )
    return [f"{row.consortium}/{row.year}" for row in session.execute(statement)]


def item(session: Session, id: str, *, lock: bool = False) -> Item:
    """Return the coordination item. Raises NotFound."""
    row = session.get(Item, id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise no_item()
    return row


def no_item() -> NotFound:
    """Return the error for a coordination item that does not exist or that the actor may not know about."""
    return NotFound("no_such_item", "没有这一协调事项，或您无权查看。", "There is no such matter, or it is not for you to see.")


def items_of(session: Session, consortium: str, year: int) -> list[Item]:
    """Lock and return the coordination items that the annual report of one year raised."""
    statement = select(Item).where(coordination_items.c.consortium == consortium, coordination_items.c.year == year)
    return list(session.scalars(statement.order_by(coordination_items.c.id).with_for_update()))


def open_items(session: Session, consortium: str) -> list[Item]:
    """Lock and return the coordination items of a consortium that are open or answered, and not closed."""
    waiting = coordination_items.c.status.in_((MatterStatus.OPEN, MatterStatus.ANSWERED))
    statement = select(Item).where(coordination_items.c.consortium == consortium, waiting)
    return list(session.scalars(statement.order_by(coordination_items.c.id).with_for_update()))


def under_review(session: Session, consortium: str) -> list[Obligation]:
    """Lock and return a consortium's annual reports that are submitted or returned for correction, and not accepted."""
    waiting = annual_reports.c.state.in_((ReportStatus.SUBMITTED, ReportStatus.RETURNED))
    statement = select(Obligation).where(annual_reports.c.consortium == consortium, waiting)
    return list(session.scalars(statement.order_by(annual_reports.c.year).with_for_update()))


def inspection(session: Session, id: str) -> Inspection:
    """Return the inspection. Raises NotFound."""
    row = session.get(Inspection, id)
    if row is None:
        raise no_inspection()
    return row


def no_inspection() -> NotFound:
    """Return the error for an inspection that does not exist or that the actor may not know about."""
    return NotFound(
        "no_such_inspection", "没有这一检查记录，或您无权查看。", "There is no such inspection, or it is not for you to see."
    )


def latest_inspection(session: Session, consortium: str) -> Inspection | None:
    """Return the latest inspection of a consortium; it decides whether the consortium is under guidance."""
    statement = select(Inspection).where(inspections.c.consortium == consortium)
    return session.scalars(statement.order_by(inspections.c.inspected_on.desc(), inspections.c.id.desc()).limit(1)).first()


def follow_ups(session: Session, today: date, limit: int) -> list[str]:
    """Return the inspections whose follow-up is due and whose bureau has not been reminded yet."""
    statement = select(inspections.c.id).where(inspections.c.follow_up_on <= today, ~inspections.c.follow_up_told)
    return list(session.scalars(statement.order_by(inspections.c.follow_up_on).limit(limit)))
