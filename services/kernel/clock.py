"""Time. Sources of time. Commands and queries get the domain's clock as an argument, because a demonstration platform can move it
forward. Security code uses `real_now`, which cannot be moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

#: The time zone of every calendar date in the domain.
SHANGHAI = ZoneInfo("Asia/Shanghai")


def real_now() -> datetime:
    """Return the real instant in UTC, independent of the domain's clock. It is used for tokens, retries, limits on attempts, and
    retention."""
    return datetime.now(UTC)


class Clock(Protocol):
    """The domain's source of time."""

    def now(self) -> datetime: ...

    def today(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Until:
    """A clock that always shows one instant. Sweeps use it to find everything that is due by then."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def today(self) -> date:
        return local_date(self.instant)


class DomainClock:
    """The real time plus an offset. The offset is zero, except on a demonstration platform whose date was moved."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """Return the present instant, with time zone UTC."""
        return real_now() + self.offset

    def today(self) -> date:
        """Return the present calendar date in Asia/Shanghai."""
        return self.now().astimezone(SHANGHAI).date()

    def offset_to(self, day: date) -> timedelta:
        """Return the offset with which `day` would be today: the present offset and a number of whole days."""
        return self.offset + (day - self.today())


def end_of_day(day: date) -> datetime:
    """Return the last instant of a calendar date in Asia/Shanghai. A deadline on that date passes at this instant."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, 999999, tzinfo=SHANGHAI).astimezone(UTC)


def received_instant(clock: Clock, received_at: float | None) -> datetime:
    """Return the domain's instant at which the gateway received a request (`received_at`, a Unix time of the real clock). By this
    instant, a submission that reached the gateway in time is in time, however long it waits in a queue. Without `received_at`,
    return the present instant."""
    waited = max(0.0, real_now().timestamp() - received_at) if received_at is not None else 0.0
    return clock.now() - timedelta(seconds=waited)


def start_of_day(day: date) -> datetime:
    """Return the first instant of a calendar date in Asia/Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def local_date(instant: datetime) -> date:
    """Return the calendar date in Asia/Shanghai on which an instant falls."""
    return instant.astimezone(SHANGHAI).date()
