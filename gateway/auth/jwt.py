"""Access tokens that this platform issues: short-lived, signed, and refused soon after their session or account ends."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TypedDict, cast

import jwt

from gateway.auth.bearer import Bearer
from gateway.identity.answers import Login, Standing
from services.kernel.clock import real_now
from services.kernel.errors import Unauthenticated
from services.kernel.identity import NOBODY, Actor
from services.kernel.messaging.rpc import Caller
from services.kernel.messaging.signing import Signer, Verifier

ISSUER = "guichuang"
#: Seconds for which an account's state is cached. When an account changes, its old tokens are accepted for at most this long.
CACHE_SECONDS = 5
#: The largest number of verified tokens that are cached.
CACHE_SIZE = 10_000


class TokenClaims(TypedDict):
    """The claims of an access token that this platform issued. `exp`: seconds since 1970."""

    sub: str
    name: str | None
    roles: list[str]
    bureau: str | None
    organisation: str | None
    version: int
    session: str
    may_sign: bool
    exp: int


@dataclass(frozen=True, slots=True)
class Verified:
    """A token whose signature is valid, and the version that its account had when the token was issued or, for single sign-on,
    verified."""

    bearer: Bearer
    expires_at: float
    version: int


class Tokens:
    """Issues tokens (JWT, EdDSA) with the gateway's own key, and reads tokens signed with any valid key of the gateway: after a
    change of the key, the previous key stays valid for some time. `identity` is asked for the present versions of accounts."""

    def __init__(self, signer: Signer, verifier: Verifier, minutes: int, identity: Caller) -> None:
        self._signer = signer
        self._verifier = verifier
        self.seconds = minutes * 60
        self._identity = identity
        self._keys = verifier.keys(signer.name)
        self._verified: OrderedDict[str, Verified] = OrderedDict()
        self._standings: OrderedDict[tuple[str, str | None], tuple[float, Standing | None]] = OrderedDict()

    def issue(self, login: Login) -> str:
        """Sign a token for a login that identity has opened."""
        now = int(real_now().timestamp())
        claims = {
            "name": login["name"],
            "roles": login["roles"],
            "bureau": login["bureau"],
            "organisation": login["organisation"],
            "version": login["version"],
            "session": login["session"],
            "may_sign": login["may_sign"],
            "iss": ISSUER,
            "sub": login["username"],
            "iat": now,
            "exp": now + login["seconds"],
        }
        return jwt.encode(claims, self._signer.key, algorithm="EdDSA")

    def bearer(self, token: str) -> Bearer:
        """Return the bearer that a token names. Raises Unauthenticated if this platform did not issue the token, or if it is no
        longer valid."""
        self._follow_keys()
        verified = self._verified.get(token) or self._verify(token)
        return self.living(token, verified)

    def living(self, token: str, verified: Verified) -> Bearer:
        """Return the bearer of a verified token, and cache the token. Raises Unauthenticated if the token, its session or its
        account has ended or changed."""
        self._verified[token] = verified
        if len(self._verified) > CACHE_SIZE:
            self._verified.popitem(last=False)
        if verified.expires_at <= real_now().timestamp():
            raise expired()
        standing = self._standing(verified.bearer)
        if standing is None or standing["version"] != verified.version:
            self._verified.pop(token, None)
            raise Unauthenticated(
                "token_revoked",
                "登录已结束，或账号已变更、停用，请重新登录。",
                "The session is over, or the account was changed or closed; please log in again.",
            )
        return _with_acting_roles(verified.bearer, standing["acting_for"])

    def remembered(self, token: str) -> Verified | None:
        """Return the cached facts about a token; None if it is not cached. A cached token was verified by this class or by the
        single sign-on `Provider`."""
        return self._verified.get(token)

    def _verify(self, token: str) -> Verified:
        claims = self._claims(token)
        actor = Actor(claims["sub"], tuple(claims["roles"]), claims["bureau"], claims["organisation"], claims["name"])
        bearer = Bearer(actor, session=claims["session"], may_sign=claims["may_sign"])
        return Verified(bearer, claims["exp"], claims["version"])

    def _claims(self, token: str) -> TokenClaims:
        """Return the claims of a token whose signature is valid. Every key is tried, because a token need not name its key; there
        are rarely more than two."""
        required = {"require": ["exp", "sub", "version", "session"]}
        for key in self._keys:
            try:
                claims = jwt.decode(token, key, algorithms=["EdDSA"], issuer=ISSUER, options=required)  # type: ignore[arg-type]
                return cast(TokenClaims, claims)
            except jwt.InvalidSignatureError:
                continue
            except jwt.ExpiredSignatureError:
                raise expired() from None
            except jwt.InvalidTokenError:
                raise invalid() from None
        raise invalid()

    def _follow_keys(self) -> None:
        """Clear the cache if the gateway's keys have changed, so that tokens verified with old keys are verified again."""
        keys = self._verifier.keys(self._signer.name)
        if keys is not self._keys:
            self._keys = keys
            self._verified.clear()

    def _standing(self, bearer: Bearer) -> Standing | None:
        """Return the account's present version and the chief in whose name the account signs today; None if the account or
        session does not exist or has ended."""
        login = (bearer.actor.username, bearer.session)
        cached = self._standings.get(login)
        if cached is None or cached[0] < time.monotonic() - CACHE_SECONDS:
            payload = {"username": login[0], "id": login[1]}
            cached = (time.monotonic(), self._identity.call("gateway", "standing", payload, NOBODY))
            self._standings[login] = cached
            if len(self._standings) > CACHE_SIZE:
                self._standings.popitem(last=False)
        return cached[1]

    def forget(self, username: str) -> None:
        """Drop the cached state of an account, because this process has just changed the account or one of its sessions."""
        for login in [login for login in tuple(self._standings) if login[0] == username]:
            self._standings.pop(login, None)


def _with_acting_roles(bearer: Bearer, acts_for: str | None) -> Bearer:
    """Return the bearer with its roles of today: an officer who acts for a chief also has the role chief."""
    if acts_for is None:
        return bearer
    account = bearer.actor
    return replace(bearer, actor=replace(account, roles=("chief", *account.roles), acting_for=acts_for))


def invalid() -> Unauthenticated:
    return Unauthenticated("token_invalid", "登录凭证无效，请重新登录。", "The token is not valid; please log in again.")


def expired() -> Unauthenticated:
    return Unauthenticated("token_expired", "登录已过期，请重新登录。", "The token has expired; please log in again.")
