"""Annual reports, inspections, matters and outcomes of consortia, for the authorities' statistics (A12, A13, A14(6))."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.contracts.statistics import YearlyRow, YearlyStatistics
from services.evaluation.domain.annual_report import Obligation
from services.evaluation.domain.coordination import MatterStatus
from services.evaluation.tables import annual_reports, consortia, coordination_items, inspections, outcome_claims, participations
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor


def yearly_statistics(session: Session, clock: Clock, actor: Actor, year: int | None = None) -> YearlyStatistics:
    """Return for each consortium: the status of its annual report and the result of its inspection of one year (this year by
    default), the number of its open matters, and the number of outcomes that it has claimed in all years. Raises Forbidden unless
    the actor is an official or an auditor."""
    whole_region = actor.has("auditor") or (actor.official and actor.of_province)
    if not (whole_region or actor.official):
        raise Forbidden("bureaus_only", "统计数据供主管部门使用。", "Statistics are for the bureaus.")
    year = year or clock.today().year
    consortium_ids = select(consortia.c.id)
    if not whole_region:
        consortium_ids = consortium_ids.where(consortia.c.recommender == actor.bureau)
    reports = session.scalars(
        select(Obligation).where(annual_reports.c.year == year, annual_reports.c.consortium.in_(consortium_ids))
    )
    status = {report.consortium: report.status(clock.now()) for report in reports}
    results = select(inspections.c.consortium, inspections.c.result).where(inspections.c.year == year)
    inspected = {row.consortium: row.result for row in session.execute(results.order_by(inspections.c.id))}
    open_items = (
        select(coordination_items.c.consortium, func.count())
        .where(coordination_items.c.status.in_((MatterStatus.OPEN, MatterStatus.ANSWERED)))
        .group_by(coordination_items.c.consortium)
    )
    matters = {row[0]: row[1] for row in session.execute(open_items)}
    claimed = (
        select(participations.c.consortium, func.count())
        .join(outcome_claims, outcome_claims.c.participation == participations.c.id)
        .group_by(participations.c.consortium)
    )
    outcomes = {row[0]: row[1] for row in session.execute(claimed)}
    rows: dict[str, YearlyRow] = {
        id: {
            "report": status.get(id),
            "inspection": inspected.get(id),
            "open_matters": matters.get(id, 0),
            "outcomes": outcomes.get(id, 0),
        }
        for id in session.scalars(consortium_ids)
    }
    return {"year": year, "rows": rows}
