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

#: The limits of the age groups, in days since the submission; a case older than the last limit counts as `more`.
AGES = (7, 15, 30)


def dashboard(session: Session, clock: Clock, policies: Policies, actor: Actor) -> ApplicationDashboard:
    """Return counts by stage, age, status, call and recommender. A bureau gets the counts of its own cases, the province and
    auditors those of all. Raises Forbidden for other actors."""
    everything = actor.has("auditor") or (reads_for_bureau(actor) and actor.of_province)
    if not (everything or reads_for_bureau(actor)):
        raise Forbidden("bureaus_only", "此页面供主管部门使用。", "This is for the bureaus.")
    submitted = [applications.c.version > 0]
    entered: list[ColumnElement[bool]] = []
    if not everything:
        submitted.append(applications.c.recommender == actor.bureau)
        entered.append(consortia.c.recommender == actor.bureau)
    returned = [*submitted, applications.c.status == "returned"]
    overdue = [*returned, applications.c.correction_due < clock.now()]
    in_stage = [*submitted, applications.c.status == "submitted"]
    return {
        "bureau": actor.bureau,
        "applications": {
            "by_status": _counts(session, applications.c.status, submitted),
            "by_stage": _counts(session, applications.c.stage, in_stage),
            "by_age": _ages(session, in_stage, clock.now()),
            "by_recommender": _counts(session, applications.c.recommender, submitted),
        },
        "corrections": {
            "waiting": _count(session, select(func.count()).select_from(applications).where(*returned)),
            "overdue": _count(session, select(func.count()).select_from(applications).where(*overdue)),
        },
        "consortia": {
            "by_status": _counts(session, consortia.c.status, entered),
            "by_recommender": _counts(session, consortia.c.recommender, entered),
            "by_grade": _counts(session, consortia.c.last_grade, [*entered, consortia.c.last_grade.is_not(None)]),
        },
        "verifications": {"waiting": _waiting(session, None if everything else actor.bureau)},
        "watch_list": _counts(session, watches.c.kind, [*entered, watches.c.status != "settled"], watches.join(consortia)),
        "changes": _counts(session, changes.c.status, entered, changes.join(consortia)),
        "quotas": _quotas(session, Limits.of(policies.in_force(clock.today())), entered),
    }


def _waiting(session: Session, city: str | None) -> int:
    """Count the organisations, of one city or of all, that declare a fact which no bureau has verified."""
    statement = select(func.count()).select_from(organisations).where(organisations.c.registered, organisations.c.to_verify)
    if city is not None:
        statement = statement.where(in_city(city))
    return _count(session, statement)


def _ages(session: Session, where: list[ColumnElement[bool]], now: datetime) -> dict[str, dict[str, int]]:
    """Count the cases of each stage by age: stage → age group in days since the submission → number."""
    since = applications.c.submitted_at
    group = case(*((since >= now - timedelta(days=days), str(days)) for days in AGES), else_="more")
    statement = select(applications.c.stage, group, func.count()).where(*where).group_by(applications.c.stage, group)
    counts: dict[str, dict[str, int]] = {}
    for stage, age, count in session.execute(statement):
        counts.setdefault(stage, {})[age] = count
    return counts


def _quotas(session: Session, limits: Limits, where: list[ColumnElement[bool]]) -> QuotaCounts:
    """Count the units of these consortia that have reached the limit and cannot join another consortium (A5(3)5), and the support
    requests by measure that count as used (A9)."""
    mine = select(consortium_units.c.uscc).join(consortia, consortia.c.id == consortium_units.c.consortium_id).where(*where)
    full = (
        select(places.c.uscc)
        .where(places.c.freed_at.is_(None), places.c.held, places.c.uscc.in_(mine))
        .group_by(places.c.uscc)
        .having(func.count(counted_in.distinct()) >= (limits.taking_part or 1_000_000))
    )
    used = [*where, support_requests.c.status.in_(COUNTED)]
    return {
        "organisations_at_limit": _count(session, select(func.count()).select_from(full.subquery())),
        "support": _counts(session, support_requests.c.measure, used, support_requests.join(consortia)),
    }


def _counts(
    session: Session, by: ColumnElement[Any], where: list[ColumnElement[bool]], source: FromClause | None = None
) -> dict[str, int]:
    statement = select(by, func.count()).where(*where).group_by(by)
    rows = session.execute(statement if source is None else statement.select_from(source))
    return {row[0]: row[1] for row in rows}


def _count(session: Session, statement: Select[Any]) -> int:
    count: int = session.execute(statement).scalar_one()
    return count
