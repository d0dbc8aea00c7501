"""Who may use which route. Every route carries `@allow(...)` or `@public`, or the application does not start.

This is the outer door: whose case it is, the services decide by their own facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import g, request

from gateway.frame import frame
from services.kernel.errors import DomainError, Unauthenticated
from services.kernel.identity import NOBODY, ROLES, Actor

View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks of its caller: nothing (`public`), or an account with one of `roles`."""

    public: bool
    roles: tuple[str, ...] = ()


def allow(*roles: str) -> Callable[[View], View]:
    """Only accounts with any of these roles; with none named, any account."""
    if unknown := set(roles) - set(ROLES):
        raise ValueError(f"there are no roles {sorted(unknown)}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            who = actor()
            if who is NOBODY:
                raise Unauthenticated("login_required", "请先登录。", "Please log in first.")
            if roles:
                who.require(*roles)
            return view(*args, **kwargs)

        guarded.access = Access(False, roles or ROLES)  # type: ignore[attr-defined]
        return guarded

    return decorate


def public(view: View) -> View:
    """Anybody, with or without an account."""

    @wraps(view)
    def open_to_all(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    open_to_all.access = Access(True)  # type: ignore[attr-defined]
    return open_to_all


def access_of(view: object) -> Access | None:
    """What a route asks of its caller; None where it was forgotten to say."""
    return getattr(view, "access", None)


def identify() -> None:
    """Read the bearer token once, before the route: whom it names, or why it cannot be used."""
    g.identified = NOBODY
    header = request.headers.get("Authorization")
    if header is not None:
        try:
            g.identified = frame().tokens.actor(header)
        except DomainError as error:
            g.identified = error


def actor() -> Actor:
    """Who is asking; NOBODY without a token. Unauthenticated when there is one that cannot be used."""
    identified: Actor | DomainError = g.identified
    if isinstance(identified, DomainError):
        raise identified
    return identified
