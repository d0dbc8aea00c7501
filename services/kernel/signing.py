"""Ed25519 signatures: what one process says can be checked, and no shared secret lets a city speak for the province."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.kernel.clock import real_now
from services.kernel.errors import Forbidden


def new_key() -> str:
    """A fresh private key as text."""
    return base64.urlsafe_b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


class Signer:
    """Signs for one named party with its private key (32 bytes, base64url)."""

    def __init__(self, name: str, private: str) -> None:
        self.name = name
        self._key = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(private))

    @property
    def public(self) -> str:
        return base64.urlsafe_b64encode(self._key.public_key().public_bytes_raw()).decode()

    def wrap(self, body: bytes) -> bytes:
        """`<name>.<signature>\\n<body>`."""
        return self.name.encode() + b"." + base64.urlsafe_b64encode(self._key.sign(body)) + b"\n" + body

    def statement(self, content: dict[str, Any], *, seconds: float) -> str:
        """A statement that others can carry about and verify, valid for `seconds`."""
        body = {"content": content, "expires_at": real_now().timestamp() + seconds}
        return self.wrap(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()).decode()


class Verifier:
    """Checks what named parties signed, by their public keys."""

    def __init__(self, trusted: Mapping[str, str]) -> None:
        self._keys = {name: Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key)) for name, key in trusted.items()}

    def unwrap(self, signed: bytes) -> tuple[str, bytes]:
        """Who signed it, and the body. Forbidden when the signature does not hold."""
        head, _, body = signed.partition(b"\n")
        name, _, signature = head.rpartition(b".")
        try:
            self._keys[name.decode()].verify(base64.urlsafe_b64decode(signature), body)
        except (KeyError, ValueError, InvalidSignature):
            raise Forbidden("bad_signature", "签名无效，请求未被处理。", "The signature does not hold.") from None
        return name.decode(), body

    def read(self, statement: str, *signers: str) -> dict[str, Any]:
        """The content of a statement by one of these `signers`; Forbidden when it is another's, forged or expired."""
        name, body = self.unwrap(statement.encode())
        data = json.loads(body)
        if name not in signers or data["expires_at"] < real_now().timestamp():
            raise Forbidden("statement_refused", "授权凭证无效或已过期，请重试。", "The statement is another's or has expired.")
        content: dict[str, Any] = data["content"]
        return content
