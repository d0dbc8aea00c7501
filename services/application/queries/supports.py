"""Queries about the support measures that a consortium may use, and about its requests (A9)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application.access import readable_consortium
from services.application.available_actions import support_actions
from services.application.domain.entitlement import StateOnDay, assess
from services.application.domain.support import Support
from services.application.repository import register, supports
from services.application.tables import support_requests as table
from services.contracts.application.support_responses import EntitlementsAnswerDict, SupportAnswerDict
from services.contracts.pages import PageDict
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.kernel.persistence.paging import page
from services.policy import Policies, Policy, UnknownPolicy


def entitlements(
    session: Session, clock: Clock, policies: Policies, actor: Actor, id: str, on: str | None = None
) -> EntitlementsAnswerDict:
    """Return each support measure with the reasons for and against its use, the uses and the remaining uses, on any date: by the
    policy and the consortium's state of that day. Readers of the consortium may ask. Raises NotFound."""
    consortium = readable_consortium(session, actor, id)
    day = date.fromisoformat(on) if on else clock.today()
    policy = _policy_on(policies, day, clock.today())
    state_row = register.state_on(session, id, day)
    state = StateOnDay(
        day,
        consortium.recognised_on,
        state_row.status if state_row else None,
        state_row.last_grade if state_row else None,
        state_row.graded_on if state_row else None,
        bool(state_row and state_row.under_guidance),
    )
    uses = supports.uses(session, id, day)
    items = [assess(measure, state, uses, policy.evaluation.cycle_years).answer() for measure in policy.measures]
    return {"consortium": id, "on": day.isoformat(), "policy": policy.ref, "items": items}


def list_support_requests(
    session: Session, actor: Actor, id: str, limit: int = 50, cursor: str | None = None, measure: str | None = None
) -> PageDict[SupportAnswerDict]:
    """The support requests of a consortium, the newest first. Raises NotFound for actors who may not read the consortium."""
    readable_consortium(session, actor, id)
    statement = select(table.c.id, Support).where(table.c.consortium_id == id)
    if measure:
        statement = statement.where(table.c.measure == measure)
    rows, next_cursor = page(session, statement, [table.c.id], limit=limit, cursor=cursor, descending=True)
    return {"items": [row.Support.answer() for row in rows], "next_cursor": next_cursor}


def get_support_request(session: Session, actor: Actor, id: str, request: str) -> SupportAnswerDict:
    """Return one support request with the actions that the actor may take on it. Raises NotFound."""
    consortium = readable_consortium(session, actor, id)
    requested = supports.request(session, id, request)
    return {**requested.answer(), "actions": support_actions(actor, requested, consortium)}


def _policy_on(policies: Policies, day: date, today: date) -> Policy:
    """Return the policy in force on a day. For a day before the first policy, return today's, so that the caller still gets an
    answer."""
    try:
        return policies.in_force(day)
    except UnknownPolicy:
        return policies.in_force(today)
