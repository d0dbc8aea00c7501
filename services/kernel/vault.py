"""Secrets that must be read again, such as those that sign for others: sealed before they reach a database."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


def new_vault_key() -> str:
    """A fresh key as text."""
    return Fernet.generate_key().decode()


@lru_cache(maxsize=8)
def _keys(text: str) -> tuple[Fernet, ...]:
    return tuple(Fernet(key) for key in text.split())


@lru_cache(maxsize=32)
def _derived(text: str, purpose: str) -> tuple[bytes, ...]:
    """One key for each key of the vault, for one purpose alone: no purpose can speak for another."""
    return tuple(hmac.digest(base64.urlsafe_b64decode(key), purpose.encode(), hashlib.sha256) for key in text.split())


class Vault:
    """Seals with the first of its keys and opens with any: a new key is put in front, the old one leaves later. The keys are
    files, the databases hold only what is sealed, so that a copy of one alone gives nothing away. `keys` may be a function that
    tells the present ones."""

    def __init__(self, keys: str | Callable[[], str]) -> None:
        self._told = keys
        if not self._keys:
            raise ValueError("a vault needs a key")

    @property
    def _text(self) -> str:
        return self._told if isinstance(self._told, str) else self._told()

    @property
    def _keys(self) -> tuple[Fernet, ...]:
        return _keys(self._text)

    def seal(self, secret: str) -> str:
        return self._keys[0].encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """ValueError when it was sealed with another key."""
        try:
            return MultiFernet(self._keys).decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise ValueError("sealed with a key that is not here") from error

    def tags(self, purpose: str, message: bytes) -> tuple[bytes, ...]:
        """The HMAC-SHA256 of a message under a key derived for this purpose from each key of the vault; the first is of the key
        in use, the others recognise what older keys signed."""
        return tuple(hmac.digest(key, message, hashlib.sha256) for key in _derived(self._text, purpose))

    def derived(self, purpose: str) -> Vault:
        """A vault with a key for one purpose alone, derived from each key of this one: what it sealed opens for no other."""
        return Vault(" ".join(base64.urlsafe_b64encode(tag).decode() for tag in self.tags(purpose, b"seal")))

    @property
    def several(self) -> bool:
        """Whether keys are being changed, so that something may be sealed with one that is to leave."""
        return len(self._keys) > 1

    def newest(self, sealed: str) -> bool:
        """Whether it is sealed with the key that seals now."""
        try:
            self._keys[0].decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True
