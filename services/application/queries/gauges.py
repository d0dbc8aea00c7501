"""Gauges for operators: publicity periods whose end is uncertain."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from services.application.tables import applications
from services.kernel.clock import end_of_day
from services.policy import holidays_known_through


def deadlines_without_holidays(session: Session) -> dict[tuple[str, ...], float]:
    """Open deadlines in a year whose public holidays the platform does not know yet."""
    last_known_day = end_of_day(date(holidays_known_through(), 12, 31))
    # Must match the partial index's predicate exactly, or PostgreSQL ignores the index.
    publicised = applications.c.status == literal_column("'publicised'")
    count = session.execute(
        select(func.count()).select_from(applications).where(publicised, applications.c.publicity_ends > last_known_day)
    ).scalar_one()
    return {("application",): count} if count else {}
