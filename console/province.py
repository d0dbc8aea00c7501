"""The province's platform, as the console of a bureau with a platform of its own sees it: which pages it has, and whether it can
be reached."""

from __future__ import annotations

import threading
import time

import urllib3

#: Pages that a bureau's own platform serves. All other pages of a menu are at the province's platform.
OWN = frozenset(
    (
        "todo.show",
        "reviews.listed",
        "phrases.show",
        "acting_chiefs.listed",
        "account.show",
        "operations.accounts",
        "api_keys.listed",
    )
)
#: Seconds after which the page that is requested next checks again whether the province's platform answers.
FRESH = 10.0
#: Seconds to wait for the province's platform. A page waits this long at most once in `FRESH` seconds.
PATIENCE = 1.0


class Province:
    """The province's platform at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool = urllib3.PoolManager(retries=False, timeout=PATIENCE)
        self._lock = threading.Lock()
        self._reached = True
        self._checked = float("-inf")

    @property
    def reached(self) -> bool:
        """Return whether the province's platform answered the last check. The first request after `FRESH` seconds checks again;
        requests during a check use the last result."""
        if time.monotonic() - self._checked > FRESH and self._lock.acquire(blocking=False):
            try:
                self._reached = self._answers()
                self._checked = time.monotonic()
            finally:
                self._lock.release()
        return self._reached

    def _answers(self) -> bool:
        try:
            return self._pool.request("GET", f"{self.url}/healthz", redirect=False).status == 200
        except urllib3.exceptions.HTTPError:
            return False
