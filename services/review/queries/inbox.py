"""A bureau's inbox, and a reviewer's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE, Actor
from services.kernel.paging import page, total
from services.review import repository
from services.review.domain.case import Case
from services.review.tables import cases, seats

_KEY = [cases.c.settled, cases.c.due_on, cases.c.id]


def list_reviews(
    session: Session,
    clock: Clock,
    actor: Actor,
    limit: int = 50,
    cursor: str | None = None,
    stage: str | None = None,
    status: str | None = None,
    of_bureau: str | None = None,
    overdue: bool | None = None,
) -> dict[str, Any]:
    """The cases the actor may see, first those that wait for action, by due date: officers' and chiefs' of their bureau,
    reviewers' assigned to them and not decided yet; auditors' of any one bureau, the province when none is named."""
    today = clock.today().isoformat()
    wanted = {
        cases.c.stage: stage,
        cases.c.status: status,
        cases.c.bureau: of_bureau,
    }
    statement = _visible(actor, of_bureau).where(*(column == value for column, value in wanted.items() if value is not None))
    if overdue is not None:
        # In the inbox's order the late ones are those before (0, today), so either kind is one stretch of an index.
        place, bound = tuple_(cases.c.settled, cases.c.due_on), (0, today)
        statement = statement.where(place < bound if overdue else place >= bound)
    rows, next_cursor = page(session, statement, _KEY, limit=limit, cursor=cursor)
    items = [item(row.Case, today) for row in rows]
    counted = total(session, statement, _KEY, len(rows), cursor=cursor, more=next_cursor)
    return {"items": items, "next_cursor": next_cursor, "total": counted}


def _visible(actor: Actor, of_bureau: str | None) -> Select[Any]:
    statement = select(*_KEY, Case)
    if actor.has("auditor"):
        return statement.where(cases.c.bureau == (of_bureau or PROVINCE))
    if actor.official:
        return statement.where(cases.c.bureau == actor.bureau)
    actor.require("expert", "third_party")
    seated = statement.join(seats, seats.c.case_id == cases.c.id)
    return seated.where(seats.c.account == actor.username, *repository.reading())


def item(case: Case, today: str) -> dict[str, Any]:
    """A line of the inbox."""
    return {
        "id": case.id,
        "subject": case.subject,
        "version": case.version,
        "kind": case.kind,
        "title": case.title,
        "stage": case.stage,
        "status": case.status,
        "bureau": case.bureau,
        "recommender": case.recommender,
        "call": case.call,
        "assigned_to": case.assigned_to,
        "due_on": case.due_on,
        "overdue": case.overdue(today),
        "opened_at": case.opened_at.isoformat(),
    }
