"""Count the cases, consortia and quotas that concern the bureau of the querying account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, select
from sqlalchemy.orm import Session

from services.application.access import reads_for_bureau
from services.application.domain.entitlement import COUNTED
from services.application.domain.quotas import Limits
from services.application.repository.organisations import in_city
from services.application.repository.quotas import counted_in
from services.application.tables import (
    applications,
    changes,
    consortia,
    consortium_units,
    organisations,
    places,
    support_requests,
    watches,
)
from services.contracts.application.register_responses import ApplicationDashboard, QuotaCounts
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor
from services.policy import Policies

#: The upper bounds of the age groups, in days since the submission; a case older than the last bound counts as `more`.
AGES = (7, 15, 30)


def dashboard(session: Session, clock: Clock, policies: Policies, actor: Actor) -> ApplicationDashboard:
    """Return counts by stage, age, status, call and recommender. For a bureau its own cases are counted, for the province and
    auditors all cases. Raises Forbidden for other actors."""
    whole_region = actor.has("auditor") or (reads_for_bureau(actor) and actor.of_province)
    if not (whole_region or reads_for_bureau(actor)):
        raise Forbidden("bureaus_only", "此页面供主管部门使用。", "This is for the bureaus.")
    submitted = [applications.c.version > 0]
    scope: list[ColumnElement[bool]] = []
    if not whole_region:
        submitted.append(applications.c.recommender == actor.bureau)
        scope.append(consortia.c.recommender == actor.bureau)
    returned = [*submitted, applications.c.status == "returned"]
    overdue = [*returned, applications.c.correction_due < clock.now()]
    in_stage = [*submitted, applications.c.status == "submitted"]
    return {
        "bureau": actor.bureau,
        "applications": {
            "by_status": _count_by(session, applications.c.status, submitted),
            "by_stage": _count_by(session, applications.c.stage, in_stage),
            "by_age": _count_by_age(session, in_stage, clock.now()),
            "by_recommender": _count_by(session, applications.c.recommender, submitted),
        },
        "corrections": {
            "waiting": _count(session, select(func.count()).select_from(applications).where(*returned)),
            "overdue": _count(session, select(func.count()).select_from(applications).where(*overdue)),
        },
        "consortia": {
            "by_status": _count_by(session, consortia.c.status, scope),
            "by_recommender": _count_by(session, consortia.c.recommender, scope),
            "by_grade": _count_by(session, consortia.c.last_grade, [*scope, consortia.c.last_grade.is_not(None)]),
        },
        "verifications": {"waiting": _count_unverified(session, None if whole_region else actor.bureau)},
        "watch_list": _count_by(session, watches.c.kind, [*scope, watches.c.status != "settled"], watches.join(consortia)),
        "changes": _count_by(session, changes.c.status, scope, changes.join(consortia)),
        "quotas": _count_quotas(session, Limits.of(policies.in_force(clock.today())), scope),
    }


def _count_unverified(session: Session, city: str | None) -> int:
    """Count the organisations, of one city or of all, that declare a fact which no bureau has verified."""
    statement = select(func.count()).select_from(organisations).where(organisations.c.registered, organisations.c.to_verify)
    if city is not None:
        statement = statement.where(in_city(city))
    return _count(session, statement)


def _count_by_age(session: Session, conditions: list[ColumnElement[bool]], now: datetime) -> dict[str, dict[str, int]]:
    """Count the cases of each stage by age: stage → age group in days since the submission → number."""
    since = applications.c.submitted_at
    group = case(*((since >= now - timedelta(days=days), str(days)) for days in AGES), else_="more")
    statement = select(applications.c.stage, group, func.count()).where(*conditions).group_by(applications.c.stage, group)
    counts: dict[str, dict[str, int]] = {}
    for stage, age, count in session.execute(statement):
        counts.setdefault(stage, {})[age] = count
    return counts


def _count_quotas(session: Session, limits: Limits, conditions: list[ColumnElement[bool]]) -> QuotaCounts:
    """Count the units of these consortia that have reached the limit and cannot join another consortium (A5(3)5), and the support
    requests by measure that count as used (A9)."""
    units = select(consortium_units.c.uscc).join(consortia, consortia.c.id == consortium_units.c.consortium_id).where(*conditions)
    at_limit = (
        select(places.c.uscc)
        .where(places.c.freed_at.is_(None), places.c.held, places.c.uscc.in_(units))
        .group_by(places.c.uscc)
        .having(func.count(counted_in.distinct()) >= (limits.taking_part or 1_000_000))
    )
    in_use = [*conditions, support_requests.c.status.in_(COUNTED)]
    return {
        "organisations_at_limit": _count(session, select(func.count()).select_from(at_limit.subquery())),
        "support": _count_by(session, support_requests.c.measure, in_use, support_requests.join(consortia)),
    }


def _count_by(
    session: Session, column: ColumnElement[Any], conditions: list[ColumnElement[bool]], source: FromClause | None = None
) -> dict[str, int]:
    statement = select(column, func.count()).where(*conditions).group_by(column)
    rows = session.execute(statement if source is None else statement.select_from(source))
    return {row[0]: row[1] for row in rows}


def _count(session: Session, statement: Select[Any]) -> int:
    count: int = session.execute(statement).scalar_one()
    return count
