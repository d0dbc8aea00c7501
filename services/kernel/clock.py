"""Time. The domain's clock is injected; a demonstration platform can move it forward. Security code uses `real_now`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

#: The time zone of every calendar date in the domain.
SHANGHAI = ZoneInfo("Asia/Shanghai")


def real_now() -> datetime:
    """The real instant in UTC, independent of the domain's clock: for tokens, retries, throttles and retention."""
    return datetime.now(UTC)


class Clock(Protocol):
    """The domain's source of time."""

    def now(self) -> datetime: ...

    def today(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Until:
    """A clock fixed at one instant. Sweeps use it to find everything due by that instant."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def today(self) -> date:
        return local_date(self.instant)


class DomainClock:
    """Real time plus an offset; the offset is zero except where a demonstration moved the date."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """An aware instant in UTC."""
        return real_now() + self.offset

    def today(self) -> date:
        """The calendar date in Asia/Shanghai."""
        return self.now().astimezone(SHANGHAI).date()

    def offset_to(self, day: date) -> timedelta:
        """The offset, in whole days on top of the present one, that makes `day` today."""
        return self.offset + (day - self.today())


def end_of_day(day: date) -> datetime:
    """The last instant of a calendar date in Asia/Shanghai: the moment a deadline on that date passes."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, 999999, tzinfo=SHANGHAI).astimezone(UTC)


def received(clock: Clock, received_at: float | None) -> datetime:
    """The domain's instant at which the gateway received a request (`received_at`, a Unix time of the real clock): a submission
    that came in time counts, however long it waits in a queue. The present one where nothing is said."""
    waited = max(0.0, real_now().timestamp() - received_at) if received_at is not None else 0.0
    return clock.now() - timedelta(seconds=waited)


def start_of_day(day: date) -> datetime:
    """The first instant of a calendar date in Asia/Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def local_date(instant: datetime) -> date:
    """The calendar date in Asia/Shanghai on which an instant falls."""
    return instant.astimezone(SHANGHAI).date()
