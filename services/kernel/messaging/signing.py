"""Ed25519 signatures. Each process signs with its own key. There is no shared secret with which a city could sign as the
province."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.contracts.payload import JsonObject
from services.kernel.clock import real_now
from services.kernel.errors import Forbidden


def new_key() -> str:
    """Return a new private key as text."""
    return base64.urlsafe_b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()


@lru_cache(maxsize=16)
def private_key(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(text))


@lru_cache(maxsize=256)
def public_keys(text: str) -> tuple[Ed25519PublicKey, ...]:
    """Parse public keys, one per line. Raises ValueError if a line is not a key."""
    return tuple(Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(line)) for line in text.split())


class Signer:
    """Signs in the name of one party with its private key (32 bytes, base64url). `private` may be a function that returns the
    present key, so that the key can change while the process runs."""

    def __init__(self, name: str, private: str | Callable[[], str]) -> None:
        self.name = name
        self._private = private
        private_key(self._private_text)  # Parse the key now, so that an invalid key fails at the start.

    @property
    def _private_text(self) -> str:
        return self._private if isinstance(self._private, str) else self._private()

    @property
    def key(self) -> Ed25519PrivateKey:
        return private_key(self._private_text)

    @property
    def public(self) -> str:
        return base64.urlsafe_b64encode(self.key.public_key().public_bytes_raw()).decode()

    def wrap(self, body: bytes) -> bytes:
        """Return the signed message, `<name>.<signature>\\n<body>`."""
        return self.name.encode() + b"." + base64.urlsafe_b64encode(self.key.sign(body)) + b"\n" + body

    def signature(self, body: bytes) -> str:
        """Return `<name>.<signature>`, to be stored separately from the body."""
        return f"{self.name}.{base64.urlsafe_b64encode(self.key.sign(body)).decode()}"

    def statement(self, content: Mapping[str, object], *, seconds: float) -> str:
        """Return a signed statement, valid for `seconds`, that other parties can pass on and verify."""
        body = {"content": content, "expires_at": real_now().timestamp() + seconds}
        return self.wrap(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()).decode()


class Verifier:
    """Verifies signatures by the public keys of named parties. A party has several keys while its key is being replaced.
    `trusted` may be a function that returns the present keys."""

    def __init__(self, trusted: Mapping[str, str] | Callable[[], Mapping[str, str]]) -> None:
        self._trusted = trusted

    def keys(self, name: str) -> tuple[Ed25519PublicKey, ...]:
        """Return the valid public keys of a party, the newest first; empty for an unknown party."""
        trusted = self._trusted() if callable(self._trusted) else self._trusted
        return public_keys(trusted.get(name, ""))

    def unwrap(self, signed: bytes) -> tuple[str, bytes]:
        """Return the name of the party that signed a message, and the message's body. Raises Forbidden if the signature is not
        valid."""
        head, _, body = signed.partition(b"\n")
        name, _, signature = head.rpartition(b".")
        try:
            party, decoded = name.decode(), base64.urlsafe_b64decode(signature)
        except ValueError:
            raise _bad_signature() from None
        if not any(_is_valid(key, decoded, body) for key in self.keys(party)):
            raise _bad_signature()
        return party, body

    def signed_by(self, signature: str, body: bytes, *signers: str) -> bool:
        """Return whether one of these parties signed the body with this signature."""
        name, _, encoded = signature.rpartition(".")
        try:
            decoded = base64.urlsafe_b64decode(encoded)
        except ValueError:
            return False
        return name in signers and any(_is_valid(key, decoded, body) for key in self.keys(name))

    def read(self, statement: str, *signers: str) -> JsonObject:
        """Return the content of a statement that one of `signers` signed. Raises Forbidden if another party signed the statement,
        or if it is forged or expired. A deployment that signs as `<service>.<bureau>` counts as the service, but only for its own
        bureau."""
        name, body = self.unwrap(statement.encode())
        data = json.loads(body)
        content: JsonObject = data["content"]
        service, _, bureau = name.partition(".")
        own_bureau = not bureau or content.get("bureau") == bureau
        if service not in signers or not own_bureau or data["expires_at"] < real_now().timestamp():
            raise Forbidden("statement_refused", "授权凭证无效或已过期，请重试。", "The statement is another's or has expired.")
        return content


def _is_valid(key: Ed25519PublicKey, signature: bytes, body: bytes) -> bool:
    try:
        key.verify(signature, body)
    except InvalidSignature:
        return False
    return True


def _bad_signature() -> Forbidden:
    return Forbidden("bad_signature", "签名无效，请求未被处理。", "The signature does not hold.")
