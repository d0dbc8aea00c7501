"""A login at the identity provider, stored in a cookie of the browser: the authorization request, and the check of the provider's
answer.

`state`, `nonce` and the PKCE verifier are kept in a sealed cookie of the browser that began the login. An answer is refused,
before its code is used, if it belongs to a login of another browser, if it comes too late, or if another provider gave it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from console import security
from console.context import console

#: Seconds within which the provider must send the browser back after the login began.
LONGEST = 10 * 60
#: Path of the page to which the provider sends the browser back; it is registered at the provider.
CALLBACK = "/login/sso/callback"


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """One login that a browser began. `next` is the page that follows, `until` the instant (seconds since 1970) at which the
    login expires; with `issuer_in_response` the provider's answer must name its issuer."""

    state: str
    nonce: str
    verifier: str
    issuer: str
    issuer_in_response: bool
    next: str | None
    until: float

    @classmethod
    def begin(cls, issuer: str, *, issuer_in_response: bool, next: str | None) -> PendingLogin:
        state, nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        return cls(state, nonce, verifier, issuer, issuer_in_response, next, time.time() + LONGEST)

    @classmethod
    def of_cookie(cls, cookie: str) -> PendingLogin | None:
        """Return the login that a browser's cookie contains; None if the cookie contains none, or if the login has expired."""
        document = console().sealer.open("sso", cookie)
        pending = cls(**document) if document else None
        return pending if pending and time.time() < pending.until else None

    def address(self, endpoint: str, client: str, scope: str, language: str) -> str:
        """Return the address of the provider's login page for this login."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": redirect_uri(),
            "scope": scope,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "ui_locales": "zh-CN" if language == "zh" else "en",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def answered_by(self, answer: Mapping[str, str]) -> bool:
        """Return whether the query of a request to `CALLBACK` is the answer to this login (RFC 6749 section 10.12, RFC 9207)."""
        if not hmac.compare_digest(self.state.encode(), answer.get("state", "").encode()):
            return False
        issuer = answer.get("iss", "" if self.issuer_in_response else self.issuer)
        return issuer == self.issuer

    def exchange(self, code: str) -> dict[str, Any]:
        """Return the body of the request that exchanges the provider's authorisation code for a session of the platform (`POST
        /auth/exchange`)."""
        return {"code": code, "code_verifier": self.verifier, "redirect_uri": redirect_uri(), "nonce": self.nonce}


def redirect_uri() -> str:
    """Return the address of `CALLBACK`. It is never built from the Host of a request, which a client can choose."""
    return console().settings.public_url.rstrip("/") + CALLBACK


def cookie_name() -> str:
    return f"{security.cookie_name()}-sso"


def set_cookie(response: Response, pending: PendingLogin | None) -> None:
    """Store the login in a cookie of the browser for `LONGEST` seconds; None removes the cookie. The cookie is `SameSite=Lax`,
    because the provider's redirect comes from another site."""
    secure = security.encrypted()
    if pending is None:
        response.delete_cookie(cookie_name(), path="/", secure=secure, httponly=True, samesite="Lax")
        return
    sealed = console().sealer.seal("sso", asdict(pending))
    response.set_cookie(cookie_name(), sealed, max_age=LONGEST, path="/", secure=secure, httponly=True, samesite="Lax")
