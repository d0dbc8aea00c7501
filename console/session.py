"""A reader's session, encrypted in a cookie. The browser never sees the API's token, and any console process can read the cookie.

The cookie contains the token, the CSRF secret, the account data that pages show, and three times. It is encrypted with AES-GCM.
Each key is derived with HKDF from a key in the keys folder; the newest key encrypts, and every key decrypts.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import time
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


@dataclass(frozen=True, slots=True)
class Session:
    """One login in one browser. `account` is the account data that pages show; instants are seconds since 1970."""

    token: str
    token_ends: float
    account: dict[str, Any]
    csrf: str
    started: float
    seen: float

    def over(self, *, idle: int, longest: int) -> bool:
        """Return whether the session was idle for more than `idle` seconds, or has lasted more than `longest` seconds in
        total."""
        now = time.time()
        return now - self.seen > idle or now - self.started > longest

    def touched(self) -> Session:
        """Return the same session with the present time as the time of its last use."""
        return replace(self, seen=time.time())

    def renewed(self, token: str, seconds: int) -> Session:
        """Return the same session with a new token that is valid for `seconds`."""
        return replace(self, token=token, token_ends=time.time() + seconds)

    def proves(self, sent: str) -> bool:
        """Return whether `sent` is this session's CSRF secret."""
        return hmac.compare_digest(self.csrf.encode(), sent.encode())


class Sealer:
    """Encrypts small JSON documents for cookies and hidden fields. An encrypted text is bound to its purpose: a text that was
    made for a cookie is refused in a form's field."""

    def __init__(self, keys: Callable[[], tuple[str, ...]]) -> None:
        self._keys = keys

    def seal(self, purpose: str, document: Any) -> str:
        plain = zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
        nonce = os.urandom(_NONCE)
        sealed = _cipher(self._keys()[0]).encrypt(nonce, plain, purpose.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")

    def open(self, purpose: str, sealed: str) -> Any:
        """Return the document in an encrypted text; None if it was not encrypted with these keys for this purpose."""
        try:
            raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        except ValueError:
            return None
        for key in self._keys():
            try:
                plain = _cipher(key).decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode())
            except (InvalidTag, ValueError):
                continue
            return json.loads(zlib.decompress(plain))
        return None

    def begin_session(self, token: str, seconds: int, account: dict[str, Any]) -> Session:
        """Return a session that begins now, with a token that is valid for `seconds`. Its CSRF secret is the account's encrypted
        name. Every encryption uses a new nonce, so the secret is random; and a form that is sent after the session has ended
        shows to which account it belongs."""
        now = time.time()
        return Session(token, now + seconds, account, self.seal("form", account.get("username")), now, now)

    def owner_of(self, csrf: str) -> str | None:
        """Return the account for which a form with this CSRF secret was shown; None if this console did not create the secret."""
        owner = self.open("form", csrf)
        return owner if isinstance(owner, str) else None

    def seal_session(self, session: Session) -> str:
        return self.seal("session", asdict(session))

    def open_session(self, sealed: str) -> Session | None:
        document = self.open("session", sealed)
        return Session(**document) if document else None


@lru_cache(maxsize=8)
def _cipher(secret: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, b"guichuang console").derive(secret.encode()))
