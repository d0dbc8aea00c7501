"""The bearer of a request's credentials, and its limits."""

from __future__ import annotations

from dataclasses import dataclass

from services.kernel.identity import NOBODY, Actor


@dataclass(frozen=True, slots=True)
class Bearer:
    """The meaning of an Authorization header. `session` is the login that it belongs to, `key` the API key. A key has `scopes`
    and its own limit of requests per minute. Without `may_sign`, an applicant works for the organisation but cannot bind it."""

    actor: Actor
    session: str | None = None
    key: str | None = None
    scopes: frozenset[str] | None = None
    per_minute: int | None = None
    may_sign: bool = True


#: A request without credentials.
ANONYMOUS = Bearer(NOBODY)
