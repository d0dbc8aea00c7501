"""Authentication by API key. The state of a key is cached for some seconds, and the requests made in that time are counted
locally."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from gateway.auth.bearer import Bearer
from gateway.auth.jwt import invalid
from gateway.identity.answers import UsedKey
from gateway.identity.api_keys import digest_of
from services.kernel.clock import real_now
from services.kernel.errors import TooMany, Unauthenticated
from services.kernel.identity import NOBODY, Actor
from services.kernel.messaging.rpc import Caller

#: The prefix of every key, so that scanners recognise a leaked key.
PREFIX = "gck_"
#: Seconds for which a key's state is cached. After this time the requests that this process counted for the key are added to the
#: common count of all gateway processes.
CACHE_SECONDS = 5
#: The largest number of keys whose state is cached.
CACHE_SIZE = 2_000


@dataclass(slots=True)
class _CachedKey:
    bearer: Bearer
    expires_at: float
    believed_until: float
    left_today: int
    #: The number of requests with this key that are not reported to the accounts service (identity) yet.
    uncounted: int = 0


class ApiKeys:
    """Authenticates requests by keys (`gck_<id>_<secret>`). A key's daily quota covers all gateway processes. Each process may
    exceed it by the requests that other processes have not reported yet."""

    def __init__(self, identity: Caller) -> None:
        self._identity = identity
        self._cached: OrderedDict[str, _CachedKey] = OrderedDict()
        self._lock = threading.Lock()

    def bearer(self, key: str) -> Bearer:
        """Return the account for which a key acts, with the key's limits. Raises Unauthenticated if the key is invalid, expired
        or revoked, TooMany if the key's daily number of requests is used up."""
        digest = digest_of(key)
        with self._lock:
            cached = self._cached.get(digest)
            fresh = cached is not None and time.monotonic() < cached.believed_until
        if cached is None or not fresh:
            cached = self._report_use(key, digest, cached)
        if cached.expires_at <= real_now().timestamp():
            raise _key_invalid()
        with self._lock:
            cached.uncounted += 1
            used_up = cached.uncounted > cached.left_today
        if used_up:
            raise TooMany(
                "quota_used_up",
                "该密钥今天的请求次数已用完，明天零时（北京时间）恢复；如需更多请联系平台管理员。",
                "This key's requests of today are used up; it goes on at midnight, Beijing time. Ask the operator for more.",
                retry_after=3600,
            )
        return cached.bearer

    def _report_use(self, key: str, digest: str, cached: _CachedKey | None) -> _CachedKey:
        id, _, secret = key.removeprefix(PREFIX).partition("_")
        if not id or not secret:
            raise invalid()
        with self._lock:
            reported = cached.uncounted if cached else 0
            if cached:
                cached.uncounted = 0
        try:
            payload = {"id": id, "digest": digest, "requests": reported}
            used: UsedKey | None = self._identity.call("gateway", "use_key", payload, NOBODY)
        except BaseException:
            # The next call reports the requests again. If this call arrived and only its answer was lost, the requests count
            # twice. For a daily quota that is better than requests that never count.
            with self._lock:
                if cached:
                    cached.uncounted += reported
            raise
        if used is None:
            with self._lock:
                self._cached.pop(digest, None)
            raise _key_invalid()
        bearer = Bearer(Actor.from_dict(used["actor"]), key=id, scopes=frozenset(used["scopes"]), per_minute=used["per_minute"])
        believed_until = time.monotonic() + CACHE_SECONDS
        with self._lock:
            if cached_meanwhile := self._cached.get(digest):  # Keep the requests that other threads counted during the call.
                cached_meanwhile.bearer, cached_meanwhile.expires_at = bearer, used["expires_at"]
                cached_meanwhile.believed_until, cached_meanwhile.left_today = believed_until, used["left_today"]
                return cached_meanwhile
            added = self._cached[digest] = _CachedKey(bearer, used["expires_at"], believed_until, used["left_today"])
            if len(self._cached) > CACHE_SIZE:
                self._cached.popitem(last=False)
        return added


def _key_invalid() -> Unauthenticated:
    return Unauthenticated(
        "key_invalid",
        "密钥无效、已到期或已撤销，请联系平台管理员换发。",
        "The key is not valid, has expired or was revoked; ask the operator for another.",
    )
