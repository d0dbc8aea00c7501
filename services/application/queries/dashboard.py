"""How much there is of what, for the bureau that asks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from services.application.access import works_at
from services.application.tables import applications, consortia
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor


def dashboard(session: Session, clock: Clock, actor: Actor) -> dict[str, Any]:
    """Counts by stage, status, call and recommender, of the bureau's own cases; the province and auditors count all. Raises
    Forbidden for others."""
    everything = actor.has("auditor") or (works_at(actor) and actor.of_province)
    if not (everything or works_at(actor)):
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
    }


def _counts(session: Session, by: ColumnElement[Any], where: list[ColumnElement[bool]]) -> dict[str, int]:
    found = session.execute(select(by, func.count()).where(*where).group_by(by))
    return dict(found.tuples().all())


def _count(session: Session, statement: Select[Any]) -> int:
    count: int = session.execute(statement).scalar_one()
    return count
