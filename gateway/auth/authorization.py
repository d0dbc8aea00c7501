"""Who may use which route. Every route carries `@allow(...)` or `@public`, or the application does not start.

This is the outer door: whose case it is, the services decide by their own facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import g, request

from gateway.auth.bearer import ANONYMOUS, Bearer
from gateway.context import gateway_context
from services.contracts.labels import label
from services.contracts.roles import ROLES
from services.kernel.errors import DomainError, Forbidden, Unauthenticated
from services.kernel.identity import NOBODY, Actor

View = Callable[..., Any]


#: What an API key may be given: to read, to write, to read the feed of events, to keep webhooks.
SCOPES = ("read", "write", "events", "webhooks")


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks of its caller: nothing (`public`), or an account with one of `roles`. An API key needs `scope`, and is
    refused without `keys`; an applicant must be one who may sign where it binds the organisation (`signs`)."""

    public: bool
    roles: tuple[str, ...] = ()
    scope: str | None = None
    signs: bool = False
    keys: bool = True

    def key_scope(self, method: str) -> str | None:
        """The scope an API key needs; None where it needs none, or is refused."""
        return (self.scope or _scope_of(method)) if self.keys and not self.public else None


def allow(*roles: str, scope: str | None = None, signs: bool = False, keys: bool = True) -> Callable[[View], View]:
    """Only accounts with any of these roles; with none named, any account. A key needs the `scope`: `read` for what is read and
    `write` for the rest, unless the route says another. Without `keys` the route is for people who logged in."""
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
            if not keys:
                _logged_in()
            within_bounds(scope or _scope_of(request.method), signs=signs)
            return view(*args, **kwargs)

        guarded.access = Access(False, roles or tuple(ROLES), scope, signs, keys)  # type: ignore[attr-defined]
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


def _scope_of(method: str) -> str:
    return "read" if method in ("GET", "HEAD") else "write"


def _logged_in() -> None:
    """Forbidden to an API key: it is a program's, and several people may know it."""
    if bearer().key is not None:
        raise Forbidden(
            "login_required_here",
            "登录、密码、两步验证和本人信息只能由账号持有人登录后办理，不能使用接口密钥。",
            "Sessions, passwords, second factor and personal data are for the account's holder after login, not for API keys.",
        )


def within_bounds(scope: str, *, signs: bool) -> None:
    """Forbidden to a key without the scope, and to a delegate who may not bind the organisation."""
    asking = bearer()
    if asking.scopes is not None and scope not in asking.scopes:
        word = label("scope", scope)
        raise Forbidden(
            "scope_required",
            f"该密钥没有“{word.zh}”权限，请联系平台管理员换发。",
            f"This key may not {word.en}; ask the operator for another.",
            scope=scope,
        )
    if signs and not asking.may_sign:
        raise Forbidden(
            "not_delegated",
            "您可以为本单位填报，但提交、确认等须由账号持有人或有签署授权的同事办理。",
            "You may prepare this for your organisation; somebody who may sign for it has to do this step.",
        )


def identify() -> None:
    """Read the credentials once, before the route: whom they name, or why they cannot be used."""
    g.identified = ANONYMOUS
    header = request.headers.get("Authorization")
    if header is not None:
        try:
            g.identified = gateway_context().bearer(header)
        except DomainError as error:
            g.identified = error


def bearer() -> Bearer:
    """Whose credentials came with the request; ANONYMOUS without any. Unauthenticated when they cannot be used."""
    identified: Bearer | DomainError = g.identified
    if isinstance(identified, DomainError):
        raise identified
    return identified


def actor() -> Actor:
    """Who is asking; NOBODY without credentials. Unauthenticated when they cannot be used."""
    return bearer().actor
