"""Figures about the consortia in the register, for the authorities' statistics (A14(6))."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, case, func, select
from sqlalchemy.orm import Session

from services.application.access import reads_for_bureau
from services.application.domain.organisation import Organisation
from services.application.repository import organisations
from services.application.tables import consortia, consortium_units, support_requests
from services.application.tables import organisations as organisation_table
from services.contracts.application.register_responses import PublicCountsDict, PublicStatisticsDict
from services.contracts.statistics import StatisticsRow, StatisticsRows
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor


def statistics(session: Session, clock: Clock, actor: Actor) -> StatisticsRows:
    """Return one row for each consortium of the bureau or, for the province and auditors, for every consortium: its units, its
    lead's staff and figures of the newest year that has ended, and the money granted. Raises Forbidden for other actors."""
    whole_region = actor.has("auditor") or (reads_for_bureau(actor) and actor.of_province)
    if not (whole_region or reads_for_bureau(actor)):
        raise Forbidden("bureaus_only", "统计数据供主管部门使用。", "Statistics are for the bureaus.")
    statement = select(consortia).order_by(consortia.c.number)
    if not whole_region:
        statement = statement.where(consortia.c.recommender == actor.bureau)
    rows = list(session.execute(statement))
    units: dict[str, list[str]] = {row.id: [] for row in rows}
    listed = select(consortium_units.c.consortium_id, consortium_units.c.uscc).order_by(consortium_units.c.place)
    for id, code in session.execute(listed):
        if id in units:
            units[id].append(code)
    organisations_by_code = organisations.by_code(session, {code for codes in units.values() for code in codes})
    granted = _granted(session)
    year = clock.today().year
    return {
        "rows": [
            _row(row, [organisations_by_code[code] for code in units[row.id]], granted.get(row.id, "0.00"), year) for row in rows
        ]
    }


def public_statistics(session: Session, clock: Clock) -> PublicStatisticsDict:
    """Return public counts of the register. The counts of units, recommenders, cities and grades cover active and rectifying
    consortia. A unit of several consortia counts once in `units`, and once in the row of each of its recommenders."""
    alive = consortia.c.status.in_(("active", "rectifying"))
    by_status = select(consortia.c.status, func.count()).group_by(consortia.c.status)
    by_grade = select(consortia.c.last_grade, func.count()).where(alive).group_by(consortia.c.last_grade)
    grades = {row[0]: row[1] for row in session.execute(by_grade)}
    units = consortium_units.join(consortia, consortia.c.id == consortium_units.c.consortium_id).join(
        organisation_table, organisation_table.c.uscc == consortium_units.c.uscc
    )
    distinct = (
        select(consortium_units.c.uscc, organisation_table.c.kind, organisation_table.c.region)
        .select_from(units)
        .where(alive)
        .distinct()
    )
    members = list(session.execute(distinct))
    return {
        "as_of": clock.today().isoformat(),
        "consortia": sum(grades.values()),
        "units": len(members),
        "enterprises": sum(row.kind == "enterprise" for row in members),
        "in_guangxi": sum((row.region or "").startswith("45") for row in members),
        "by_status": {row[0]: row[1] for row in session.execute(by_status)},
        "by_grade": {grade: count for grade, count in grades.items() if grade is not None},
        "by_recommender": _counts_by(session, consortia.c.recommender, units, alive),
        "by_city": _counts_by(session, _CITY, units, alive),
    }


_leads = organisation_table.alias("leads")
#: SQL expression: the code of the city bureau where a consortium's lead is registered.
_CITY = func.substr(
    select(_leads.c.region).where(_leads.c.uscc == consortia.c.lead).correlate(consortia).scalar_subquery(), 1, 4
).concat("00")


def _counts_by(
    session: Session, column: ColumnElement[Any], units: FromClause, condition: ColumnElement[bool]
) -> list[PublicCountsDict]:
    """Count the consortia, the distinct units and the distinct enterprises for each value of a column."""
    enterprise = case((organisation_table.c.kind == "enterprise", consortium_units.c.uscc))
    counted = [func.count(counted_column.distinct()) for counted_column in (consortia.c.id, consortium_units.c.uscc, enterprise)]
    label = column.label("bureau")
    rows = session.execute(select(label, *counted).select_from(units).where(condition).group_by(label).order_by(label))
    return [{"bureau": row[0], "consortia": row[1], "units": row[2], "enterprises": row[3]} for row in rows if row[0] is not None]


def _granted(session: Session) -> dict[str, str]:
    """Sum the amounts granted to each consortium: consortium → yuan."""
    statement = select(support_requests.c.consortium_id, support_requests.c.amount).where(
        support_requests.c.status == "granted", support_requests.c.amount.is_not(None)
    )
    sums: dict[str, Decimal] = {}
    for id, amount in session.execute(statement):
        sums[id] = sums.get(id, Decimal()) + Decimal(amount)
    return {id: f"{total:.2f}" for id, total in sums.items()}


def _row(row: Row[Any], units: list[Organisation], granted: str, this_year: int) -> StatisticsRow:
    lead = units[0] if units else None
    ended = [figure for figure in lead.figures if figure["year"] < this_year] if lead else []
    newest = max(ended, key=lambda figure: figure["year"], default=None)
    return {
        "consortium": row.id,
        "number": row.number,
        "name": row.name,
        "field": row.field,
        "status": row.status,
        "recognised_on": row.recognised_on.isoformat(),
        "recommender": row.recommender,
        "lead": row.lead,
        "lead_name": lead.name if lead else None,
        "units": len(units),
        "enterprises": sum(unit.kind == "enterprise" for unit in units),
        "in_guangxi": sum((unit.region or "").startswith("45") for unit in units),
        "rd_staff_of_lead": lead.rd_staff if lead else None,
        "figures_year": newest["year"] if newest else None,
        "main_business_revenue": newest["main_business_revenue"] if newest else None,
        "rd_expense": newest["rd_expense"] if newest else None,
        "last_grade": row.last_grade,
        "graded_on": row.graded_on.isoformat() if row.graded_on else None,
        "under_guidance": row.under_guidance,
        "granted": granted,
    }
