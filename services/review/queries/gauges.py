"""Gauges about cases, for operators and for the bureaus: how many wait at each stage, and how many are late."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.kernel.clock import Clock
from services.policy import holidays_known_through
from services.policy.bureaus import BUREAUS
from services.review.tables import cases

#: The number of days before the due date of a stage from which on the stage counts as due soon.
SOON = 3


def cases_open(session: Session) -> dict[tuple[str, ...], float]:
    """Cases that wait for a bureau."""
    return _case_counts(session)


def cases_due_soon(session: Session, clock: Clock) -> dict[tuple[str, ...], float]:
    """Cases that wait for a bureau and are due within three days."""
    today = clock.today()
    return _case_counts(session, cases.c.due_on.between(today.isoformat(), (today + timedelta(days=SOON)).isoformat()))


def cases_overdue(session: Session, clock: Clock) -> dict[tuple[str, ...], float]:
    """Cases that wait for a bureau and whose due date has passed."""
    return _case_counts(session, cases.c.due_on < clock.today().isoformat())


def deadlines_without_holidays(session: Session) -> dict[tuple[str, ...], float]:
    """Open deadlines in a year whose public holidays the platform does not know yet."""
    waiting = _case_counts(session, cases.c.due_on > f"{holidays_known_through()}-12-31")
    return {("review",): sum(waiting.values())} if waiting else {}


def _case_counts(session: Session, *when: ColumnElement[bool]) -> dict[tuple[str, ...], float]:
    """Count cases by bureau and stage. The statement names the bureaus, so that PostgreSQL can use the inbox's index and does not
    read closed cases."""
    waiting = (cases.c.bureau.in_(BUREAUS), cases.c.settled == 0, *when)
    rows = session.execute(
        select(cases.c.bureau, cases.c.stage, func.count()).where(*waiting).group_by(cases.c.bureau, cases.c.stage)
    )
    return {(bureau, stage): count for bureau, stage, count in rows}
