"""Secrets that must be read again, such as those that sign for others: sealed before they reach a database."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


def new_vault_key() -> str:
    """A fresh key as text."""
    return Fernet.generate_key().decode()


class Vault:
    """Seals with the first of its keys and opens with any: a new key is put in front, the old one leaves later. The keys are
    files, the databases hold only what is sealed, so that a copy of one alone gives nothing away."""

    def __init__(self, keys: str) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys.split()])

    def seal(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """ValueError when it was sealed with another key."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise ValueError("sealed with a key that is not here") from error
