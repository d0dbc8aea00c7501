"""Access tokens of the local identity provider: short, signed, and dead soon after their account was changed."""

from __future__ import annotations

import base64
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.kernel.clock import real_now
from services.kernel.errors import Unauthenticated
from services.kernel.identity import NOBODY, Actor
from services.kernel.rpc import Caller

ISSUER = "guichuang"
#: Seconds for which an account's state is believed: the longest a changed account's old tokens live on.
BELIEVED = 5
#: Verified tokens remembered.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Verified:
    actor: Actor
    expires_at: float
    version: int


class Tokens:
    """Issues and reads tokens (JWT, EdDSA) with the gateway's private key; `identity` tells accounts' present versions."""

    def __init__(self, private: str, minutes: int, identity: Caller) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(private))
        self._public = self._private.public_key()
        self.seconds = minutes * 60
        self._identity = identity
        self._verified: OrderedDict[str, _Verified] = OrderedDict()
        self._versions: OrderedDict[str, tuple[float, int | None]] = OrderedDict()

    def issue(self, account: dict[str, Any]) -> str:
        """A token for an account as identity answers it."""
        now = int(real_now().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": account["username"],
            "name": account["name"],
            "roles": account["roles"],
            "bureau": account["bureau"],
            "organisation": account["organisation"],
            "version": account["version"],
            "iat": now,
            "exp": now + self.seconds,
        }
        return jwt.encode(claims, self._private, algorithm="EdDSA")

    def actor(self, header: str) -> Actor:
        """Whom an Authorization header names. Unauthenticated when it is no token of ours, or no longer good."""
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise _invalid()
        verified = self._verified.get(token) or self._verify(token)
        if verified.expires_at <= real_now().timestamp():
            raise _expired()
        if self._version(verified.actor.username) != verified.version:
            raise Unauthenticated(
                "token_revoked", "账号已变更或停用，请重新登录。", "The account was changed or closed; please log in again."
            )
        return verified.actor

    def _verify(self, token: str) -> _Verified:
        try:
            claims = jwt.decode(
                token, self._public, algorithms=["EdDSA"], issuer=ISSUER, options={"require": ["exp", "sub", "version"]}
            )
        except jwt.ExpiredSignatureError:
            raise _expired() from None
        except jwt.InvalidTokenError:
            raise _invalid() from None
        actor = Actor(claims["sub"], tuple(claims["roles"]), claims["bureau"], claims["organisation"], claims["name"])
        verified = _Verified(actor, claims["exp"], claims["version"])
        self._verified[token] = verified
        if len(self._verified) > MOST:
            self._verified.popitem(last=False)
        return verified

    def _version(self, username: str) -> int | None:
        """The account's present version; None when there is no such account or it is closed."""
        found = self._versions.get(username)
        if found is None or found[0] < time.monotonic() - BELIEVED:
            version = self._identity.call("gateway", "account_version", {"username": username}, NOBODY)
            found = (time.monotonic(), version)
            self._versions[username] = found
            if len(self._versions) > MOST:
                self._versions.popitem(last=False)
        return found[1]

    def forget(self, username: str) -> None:
        """The account has just been changed here: ask again."""
        self._versions.pop(username, None)


def _invalid() -> Unauthenticated:
    return Unauthenticated("token_invalid", "登录凭证无效，请重新登录。", "The token is not valid; please log in again.")


def _expired() -> Unauthenticated:
    return Unauthenticated("token_expired", "登录已过期，请重新登录。", "The token has expired; please log in again.")
