"""Limit the requests of each client, counted in this process."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address

from services.kernel.errors import TooMany

#: The largest number of clients whose requests are counted. If there are more, the count of the client that has sent no request
#: for the longest time is dropped.
MOST = 20_000


@lru_cache(maxsize=4096)
def network_of(address: str | None) -> str:
    """Return the client's address in the form that is counted. For IPv6 it is the /64 network, because one client can use all
    addresses in it."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return address or ""
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or IPv6Network((parsed, 64), strict=False))


@dataclass(frozen=True, slots=True)
class Taken:
    """The result of taking one request from a bucket. `wait` is 0, or the seconds after which to try again; `limit` 0 means that
    there is no limit."""

    wait: int
    limit: int
    left: int


class RateLimits:
    """Has a token bucket for each client. A full bucket allows `per_minute` requests without a pause, and refills evenly in a
    minute; 0 means no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, client: str, per_minute: int | None = None) -> Taken:
        """Take one request from the client's bucket. `per_minute` is the size of the bucket, if the client has a limit of its
        own."""
        size = self.per_minute if per_minute is None else per_minute
        if not self.per_minute:
            return Taken(0, 0, 0)
        now, rate = self._clock(), size / 60
        with self._lock:
            left, refilled_at = self._left.get(client, (float(size), now))
            left = min(float(size), left + (now - refilled_at) * rate)
            allowed = left >= 1
            left = left - 1 if allowed else left
            self._left[client] = (left, now)
            self._left.move_to_end(client)
            if len(self._left) > MOST:
                self._left.popitem(last=False)
        return Taken(0 if allowed else int((1 - left) / rate) + 1, size, int(left))


def require(result: Taken) -> None:
    """Raise TooMany if the client's bucket was empty."""
    if wait := result.wait:
        raise TooMany(
            "too_many_requests",
            f"请求过于频繁，请在 {wait} 秒后重试。",
            f"Too many requests; please come back in {wait} seconds.",
            retry_after=wait,
        )
