"""Every date that the platform computes is a calendar date in Beijing (Asia/Shanghai)."""

from datetime import UTC, date, datetime, timedelta

from services.kernel.clock import DomainClock, end_of_day, local_date, start_of_day
from services.kernel.testing import FixedClock


def test_the_new_year_begins_at_sixteen_utc() -> None:
    assert FixedClock(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)).today() == date(2026, 12, 31)
    assert FixedClock(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)).today() == date(2027, 1, 1)


def test_a_day_ends_one_microsecond_before_the_next_begins() -> None:
    day = date(2026, 12, 31)
    assert end_of_day(day) + timedelta(microseconds=1) == start_of_day(date(2027, 1, 1))
    assert local_date(end_of_day(day)) == day


def test_moving_the_date_lands_on_it() -> None:
    clock = DomainClock()
    target = clock.today() + timedelta(days=400)
    clock.offset = clock.offset_to(target)
    assert clock.today() == target
