"""Encrypt secrets that must be readable later, such as webhook secrets, before they are stored in a database."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


def new_vault_key() -> str:
    """Return a new key as text."""
    return Fernet.generate_key().decode()


@lru_cache(maxsize=8)
def _keys(text: str) -> tuple[Fernet, ...]:
    return tuple(Fernet(key) for key in text.split())


@lru_cache(maxsize=32)
def _derived(text: str, purpose: str) -> tuple[bytes, ...]:
    """Derive one key for this purpose from each key of the vault. A value that was encrypted for one purpose is not valid for
    another."""
    return tuple(hmac.digest(base64.urlsafe_b64decode(key), purpose.encode(), hashlib.sha256) for key in text.split())


class Vault:
    """Encrypts with the first of its keys and decrypts with any of them. To change the key, an operator adds a new key before the
    old one and removes the old one later. The keys are in files and the databases contain only encrypted values, so a copy of the
    files alone, or of a database alone, reveals nothing. `keys` may be a function that returns the present keys."""

    def __init__(self, keys: str | Callable[[], str]) -> None:
        self._key_source = keys
        if not self._keys:
            raise ValueError("a vault needs a key")

    @property
    def _text(self) -> str:
        return self._key_source if isinstance(self._key_source, str) else self._key_source()

    @property
    def _keys(self) -> tuple[Fernet, ...]:
        return _keys(self._text)

    def seal(self, secret: str) -> str:
        return self._keys[0].encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt a value. Raises ValueError if the value was not encrypted with one of this vault's keys."""
        try:
            return MultiFernet(self._keys).decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise ValueError("sealed with a key that is not here") from error

    def tags(self, purpose: str, message: bytes) -> tuple[bytes, ...]:
        """Return the HMAC-SHA256 of a message, one for each key of the vault, under keys derived for this purpose. The first HMAC
        belongs to the key in use; by the others, an HMAC that was made with an older key is recognised."""
        return tuple(hmac.digest(key, message, hashlib.sha256) for key in _derived(self._text, purpose))

    def derived(self, purpose: str) -> Vault:
        """Return a vault with keys derived for one purpose; no other vault can decrypt its values."""
        return Vault(" ".join(base64.urlsafe_b64encode(tag).decode() for tag in self.tags(purpose, b"seal")))

    @property
    def has_several_keys(self) -> bool:
        """Return whether the vault has more than one key, because the key is being changed, so that some values may be encrypted
        with a key that will be removed."""
        return len(self._keys) > 1

    def newest(self, sealed: str) -> bool:
        """Return whether the value is encrypted with the key in use."""
        try:
            self._keys[0].decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True
