"""The types of identity's answers that only the gateway reads. Those that clients read are in
`services.contracts.gateway.answers`."""

from __future__ import annotations

from typing import TypedDict

from services.kernel.identity import ActorDict


class Credentials(TypedDict):
    """The hash against which a password is checked, and whether a login also requires a code."""

    password_hash: str
    second_factor: bool


class AccountIdentity(TypedDict):
    """The fields of an account that decide what its holder may do."""

    username: str
    name: str
    roles: list[str]
    bureau: str | None
    organisation: str | None


class Login(AccountIdentity):
    """The contents of a session's token. `seconds`: the time for which the token is valid."""

    version: int
    session: str
    may_sign: bool
    opened_at: str
    seconds: int


class Standing(TypedDict):
    """The present state of an account. `version`: the version that a valid token contains. `acting_for`: the chief in whose name
    the account signs today."""

    version: int
    acting_for: str | None


class ExternalAccount(AccountIdentity):
    """The account of a person who logged in at the identity provider."""

    version: int
    may_sign: bool


class UsedKey(TypedDict):
    """The account for which an API key acts, and the key's rights. `left_today`: the number of requests that the key may still
    make today. `expires_at`: seconds since 1970."""

    actor: ActorDict
    scopes: list[str]
    per_minute: int
    left_today: int
    expires_at: float


class ResetDone(TypedDict):
    """The result of a password reset. `closed`: the number of sessions that were ended."""

    closed: int
    username: str


class LimitedAttempt(TypedDict):
    """An attempt to count, such as a login: at most `most` attempts with the same `key` are allowed in `seconds`.
    `unless_familiar`: the attempt does not count at an address from which the account has logged in before."""

    key: str
    most: int
    seconds: int
    unless_familiar: bool


class CountedAttempts(TypedDict):
    """`counted`: the keys for which an attempt was counted; `wait`: the seconds until the next attempt is allowed, 0 if this one
    is."""

    wait: int
    counted: list[str]
