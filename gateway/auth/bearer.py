"""The bearer: the account for which a request's credentials act, and the limits of the credentials."""

from __future__ import annotations

from dataclasses import dataclass

from services.kernel.identity import NOBODY, Actor


@dataclass(frozen=True, slots=True)
class Bearer:
    """The account for which a request acts, and the limits of the credentials in its Authorization header. `session`: the login
    to which it belongs; `key`: the API key. An API key has `scopes` and its own limit of requests per minute. Without `may_sign`,
    an applicant works for the organisation but cannot bind it."""

    actor: Actor
    session: str | None = None
    key: str | None = None
    scopes: frozenset[str] | None = None
    per_minute: int | None = None
    may_sign: bool = True


#: The bearer of a request without credentials.
ANONYMOUS = Bearer(NOBODY)
