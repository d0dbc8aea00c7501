"""The moved date of a demonstration. The offset is stored in the database, so that all processes of a service use the same
one."""

from __future__ import annotations

import time
from datetime import date, timedelta

from sqlalchemy import select

from services.kernel.clock import DomainClock
from services.kernel.errors import Invalid
from services.kernel.persistence.database import Database
from services.kernel.persistence.tables import domain_clock

#: Seconds between two reads of the offset, which another process may have changed.
READ_INTERVAL = 1.0


class MovedClock:
    """Moves the domain's clock, if `allowed` (on a demonstration platform), and applies the moves that other processes of the
    service made."""

    def __init__(self, clock: DomainClock, database: Database, *, allowed: bool) -> None:
        self._clock = clock
        self._database = database
        self._allowed = allowed
        self._last_read = 0.0

    def follow(self) -> None:
        """Read the stored offset and apply it to the clock: another process of this service may have changed it."""
        if not self._allowed or time.monotonic() - self._last_read < READ_INTERVAL:
            return
        self._last_read = time.monotonic()
        with self._database.read() as session:
            days = session.execute(select(domain_clock.c.offset_days)).scalar_one_or_none()
        if days is not None:
            self._clock.offset = timedelta(days=days)

    def move(self, to: date) -> None:
        """Move the domain's date forward, so that `to` is today. Raises Invalid unless this is a demonstration platform."""
        if not self._allowed:
            raise Invalid.field(
                "/as_of",
                "future_date",
                "只有演示环境才能把日期拨到未来；请填写今天或更早的日期。",
                "Only a demonstration platform can move its date; give today or an earlier date.",
            )
        offset = self._clock.offset_to(to)
        with self._database.write() as session:
            row = session.execute(select(domain_clock)).one_or_none()
            statement = domain_clock.update() if row else domain_clock.insert()
            session.execute(statement.values(id=1, offset_days=offset.days))
        self._clock.offset = offset
