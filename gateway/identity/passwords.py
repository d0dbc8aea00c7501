"""Passwords: which ones are accepted, and their hashes (argon2id). This module uses no database."""

from __future__ import annotations

import hashlib
import os

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from services.kernel.errors import Invalid

#: The least number of characters of a password, and of different characters in it.
SHORTEST = 10
DIFFERENT = 5

# OWASP's argon2id profile for servers: 19 MiB, two passes, one lane; about 20 ms per hash.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
#: A login with an unknown name is checked against this hash, so that it takes as long as one with a known name.
_NOBODYS = _hasher.hash(os.urandom(16).hex())


def check(password: str, username: str, pointer: str = "/password") -> None:
    """Raise Invalid at `pointer` if a password is too easy to guess."""
    if len(password) < SHORTEST or len(set(password)) < DIFFERENT:
        raise Invalid.field(
            pointer,
            "weak_password",
            f"密码至少 {SHORTEST} 个字符，且至少含 {DIFFERENT} 个不同字符。",
            f"A password has at least {SHORTEST} characters, {DIFFERENT} of them different.",
        )
    if username.lower() in password.lower():
        raise Invalid.field(pointer, "weak_password", "密码不能包含用户名。", "A password may not contain the username.")


def hashed(password: str, username: str, key: str | None) -> str:
    """Return the hash of a password to store. `key` is the request's Idempotency-Key: a repeated request then has the same hash,
    so that the repetition is recognised."""
    salt = hashlib.sha256(f"{key}\0{username}".encode()).digest()[:16] if key else os.urandom(16)
    return _hasher.hash(password, salt=salt)


def matches(password: str, stored_hash: str | None) -> bool:
    """Return whether the password matches the stored hash. If no hash is stored, the check takes as long nevertheless."""
    try:
        return _hasher.verify(stored_hash or _NOBODYS, password) and stored_hash is not None
    except (Argon2Error, InvalidHashError):
        return False
