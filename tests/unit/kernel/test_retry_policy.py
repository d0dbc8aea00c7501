"""Failed work is tried again after growing delays, until it is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.kernel.retry_policy import RetryPolicy

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_work_is_given_up_when_the_delays_are_used_up() -> None:
    # Given a policy with two delays
    policy = RetryPolicy((10, 60))
    # Then the first two failures have a next try, and the third has none
    assert [policy.next_try(failures, NOW) for failures in (1, 2, 3)] == [
        NOW + timedelta(seconds=10),
        NOW + timedelta(seconds=60),
        None,
    ]


def test_the_last_delay_repeats_until_the_work_has_lasted_too_long() -> None:
    # Given a policy whose tries end an hour after the first
    policy = RetryPolicy((10, 1800), lasts=timedelta(hours=1))
    # Then the last of the two delays is repeated within the hour
    assert policy.next_try(5, NOW, began=NOW - timedelta(minutes=30)) == NOW + timedelta(minutes=30)
    # And a try that would come after the hour is not made
    assert policy.next_try(5, NOW, began=NOW - timedelta(minutes=30, seconds=1)) is None
