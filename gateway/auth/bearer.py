"""Who a request comes from, and within which bounds."""

from __future__ import annotations

from dataclasses import dataclass

from services.kernel.identity import NOBODY, Actor


@dataclass(frozen=True, slots=True)
class Bearer:
    """What an Authorization header stands for. `session` is the login it belongs to, `key` the API key; a key has `scopes`, and
    requests a minute of its own. Without `may_sign` an applicant works for the organisation but does not bind it."""

    actor: Actor
    session: str | None = None
    key: str | None = None
    scopes: frozenset[str] | None = None
    per_minute: int | None = None
    may_sign: bool = True


#: A request without credentials.
ANONYMOUS = Bearer(NOBODY)
