"""Queries about the annual reports of a consortium."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import AnnualReportAnswerDict, AnnualReportItemDict, ReportVersion
from services.contracts.pages import PageDict
from services.evaluation.access import is_lead
from services.evaluation.available_actions import report_actions
from services.evaluation.domain.annual_report import Obligation
from services.evaluation.repository import consortia, duties
from services.evaluation.tables import annual_reports as table
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.kernel.persistence.paging import page


def annual_reports(
    session: Session, clock: Clock, actor: Actor, *, id: str, limit: int, cursor: str | None
) -> PageDict[AnnualReportItemDict]:
    """List the annual reports that a consortium owes, the newest first. Its lead, its recommender, the province and auditors may
    read them. Raises NotFound for any other actor."""
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


def annual_report(session: Session, clock: Clock, actor: Actor, *, id: str, year: int) -> AnnualReportAnswerDict:
    """Return one year's report with its content, the submitted versions, and the goals of A7 on which it reports. Readers other
    than the lead see the last submitted version. Raises NotFound, Conflict if the consortium owes no report of the year."""
    consortium = consortia.visible(session, id, actor)
    report = duties.report(session, id, year)
    handed_in = duties.versions(session, id, year)
    answer = report.whole(clock.now())
    if not is_lead(actor, consortium):  # Only the lead may read a draft.
        last = handed_in[-1] if handed_in else None
        answer["report"], answer["documents"] = (last.content, last.papers) if last else (None, [])
    versions: list[ReportVersion] = [
        {"version": row.number, "submitted_at": row.submitted_at.isoformat(), "report": row.content} for row in handed_in
    ]
    return {**answer, "versions": versions, "goals": consortium.goals, "actions": report_actions(actor, report, consortium)}
