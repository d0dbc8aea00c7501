"""A client may send a limited number of requests per minute."""

from __future__ import annotations

import pytest

from gateway.http.rate_limit import RateLimits, network_of


class Watch:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_client_gets_its_minute_worth_and_then_one_at_a_time() -> None:
    watch = Watch()
    buckets = RateLimits(60, watch)
    assert [buckets.take("a").wait for _ in range(60)] == [0] * 60
    assert buckets.take("a").wait == 2  # The bucket gets its next token before two seconds have passed.
    watch.now += 1
    assert buckets.take("a").wait == 0
    assert buckets.take("a").wait > 0


def test_one_client_does_not_use_up_anothers_share() -> None:
    buckets = RateLimits(1, Watch())
    assert (buckets.take("a").wait, buckets.take("b").wait) == (0, 0)
    assert buckets.take("a").wait > 0


def test_a_client_is_told_what_it_has_left_and_may_have_a_limit_of_its_own() -> None:
    buckets = RateLimits(60, Watch())
    assert (buckets.take("a").limit, buckets.take("a").left) == (60, 58)
    assert [buckets.take("key", 2).wait > 0 for _ in range(3)] == [False, False, True]


def test_no_limit_is_no_limit() -> None:
    buckets = RateLimits(0, Watch())
    assert [buckets.take("a").wait for _ in range(1000)] == [0] * 1000


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (None, ""),
        ("not an address", "not an address"),
    ],
)
def test_who_has_a_whole_network_is_one_client(address: str | None, place: str) -> None:
    assert network_of(address) == place
