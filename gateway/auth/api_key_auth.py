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
#: Seconds for which a key's state is cached. After this time its locally counted requests are added to the common count of all
#: gateways.
CACHE_SECONDS = 5
#: The most keys that are cached.
CACHE_SIZE = 2_000


@dataclass(slots=True)
class _Known:
    bearer: Bearer
    expires_at: float
    believed_until: float
    left_today: int
    #: Requests that identity has not counted yet.
    uncounted: int = 0


class ApiKeys:
    """Authenticates requests by keys (`gck_<id>_<secret>`). A key's daily quota covers all gateway processes. Each process may
    exceed it by the requests that other processes have not reported yet."""

    def __init__(self, identity: Caller) -> None:
        self._identity = identity
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def bearer(self, key: str) -> Bearer:
        """Return the account for which a key acts, with the key's limits. Raises Unauthenticated if the key is invalid, expired
        or revoked, TooMany if its requests of the day are used up."""
        digest = digest_of(key)
        with self._lock:
            known = self._known.get(digest)
            fresh = known is not None and time.monotonic() < known.believed_until
        if known is None or not fresh:
            known = self._ask(key, digest, known)
        if known.expires_at <= real_now().timestamp():
            raise _over()
        with self._lock:
            known.uncounted += 1
            used_up = known.uncounted > known.left_today
        if used_up:
            raise TooMany(
                "quota_used_up",
                "该密钥今天的请求次数已用完，明天零时（北京时间）恢复；如需更多请联系平台管理员。",
                "This key's requests of today are used up; it goes on at midnight, Beijing time. Ask the operator for more.",
                retry_after=3600,
            )
        return known.bearer

    def _ask(self, key: str, digest: str, known: _Known | None) -> _Known:
        id, _, secret = key.removeprefix(PREFIX).partition("_")
        if not id or not secret:
            raise invalid()
        with self._lock:
            told = known.uncounted if known else 0
            if known:
                known.uncounted = 0
        try:
            asked = {"id": id, "digest": digest, "requests": told}
            said: UsedKey | None = self._identity.call("gateway", "use_key", asked, NOBODY)
        except BaseException:
            # The next call reports the requests again. If this call arrived and only its answer was lost, they count twice. For a
            # daily quota that is better than requests that never count.
            with self._lock:
                if known:
                    known.uncounted += told
            raise
        if said is None:
            with self._lock:
                self._known.pop(digest, None)
            raise _over()
        bearer = Bearer(Actor.from_dict(said["actor"]), key=id, scopes=frozenset(said["scopes"]), per_minute=said["per_minute"])
        believed_until = time.monotonic() + CACHE_SECONDS
        with self._lock:
            if other := self._known.get(digest):  # Keep the requests that other threads counted during the call.
                other.bearer, other.expires_at = bearer, said["expires_at"]
                other.believed_until, other.left_today = believed_until, said["left_today"]
                return other
            new = self._known[digest] = _Known(bearer, said["expires_at"], believed_until, said["left_today"])
            if len(self._known) > CACHE_SIZE:
                self._known.popitem(last=False)
        return new


def _over() -> Unauthenticated:
    return Unauthenticated(
        "key_invalid",
        "密钥无效、已到期或已撤销，请联系平台管理员换发。",
        "The key is not valid, has expired or was revoked; ask the operator for another.",
    )
