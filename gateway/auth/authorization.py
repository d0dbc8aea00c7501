"""The access rules of routes. Every route has `@allow(...)` or `@public`; otherwise the application does not start.

This is only the first check: each service decides by its own data whether the actor may see the case.
"""

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


#: The scopes that an API key may have: read, write, read the event feed, manage webhooks.
SCOPES = ("read", "write", "events", "webhooks")


@dataclass(frozen=True, slots=True)
class Access:
    """The requirements of a route: none (`public`), or an account with one of `roles`. A request with an API key needs `scope`,
    and is refused if `keys` is false. `signs`: the route binds the organisation, so an applicant needs the right to sign."""

    public: bool
    roles: tuple[str, ...] = ()
    scope: str | None = None
    signs: bool = False
    keys: bool = True

    def key_scope(self, method: str) -> str | None:
        """Return the scope that an API key needs on this route with an HTTP method; None if the key needs no scope or is
        refused."""
        return (self.scope or _scope_of(method)) if self.keys and not self.public else None


def allow(*roles: str, scope: str | None = None, signs: bool = False, keys: bool = True) -> Callable[[View], View]:
    """Mark a route so that only accounts with one of these roles may call it; without roles, any account. An API key needs
    `scope`; by default `read` for GET and HEAD and `write` for other methods. If `keys` is false, the route is only for people
    who logged in."""
    if unknown := set(roles) - set(ROLES):
        raise ValueError(f"there are no roles {sorted(unknown)}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            account = actor()
            if account is NOBODY:
                raise Unauthenticated("login_required", "请先登录。", "Please log in first.")
            if roles:
                account.require(*roles)
            if not keys:
                _logged_in()
            within_bounds(scope or _scope_of(request.method), signs=signs)
            return view(*args, **kwargs)

        guarded.access = Access(False, roles or tuple(ROLES), scope, signs, keys)  # type: ignore[attr-defined]
        return guarded

    return decorate


def public(view: View) -> View:
    """Mark a route so that every caller may use it, with or without an account."""

    @wraps(view)
    def open_to_all(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    open_to_all.access = Access(True)  # type: ignore[attr-defined]
    return open_to_all


def access_of(view: object) -> Access | None:
    """Return the requirements of a route; None if its view has neither decorator."""
    return getattr(view, "access", None)


def _scope_of(method: str) -> str:
    return "read" if method in ("GET", "HEAD") else "write"


def _logged_in() -> None:
    """Raise Forbidden if the request uses an API key: programs use keys, and several people may know one."""
    if bearer().key is not None:
        raise Forbidden(
            "login_required_here",
            "登录、密码、两步验证和本人信息只能由账号持有人登录后办理，不能使用接口密钥。",
            "Sessions, passwords, second factor and personal data are for the account's holder after login, not for API keys.",
        )


def within_bounds(scope: str, *, signs: bool) -> None:
    """Raise Forbidden for an API key without the scope and, if the route `signs`, for a delegate who may not bind the
    organisation."""
    asking = bearer()
    if asking.scopes is not None and scope not in asking.scopes:
        scope_name = label("scope", scope)
        raise Forbidden(
            "scope_required",
            f"该密钥没有“{scope_name.zh}”权限，请联系平台管理员换发。",
            f"This key may not {scope_name.en}; ask the operator for another.",
            scope=scope,
        )
    if signs and not asking.may_sign:
        raise Forbidden(
            "not_delegated",
            "您可以为本单位填报，但提交、确认等须由账号持有人或有签署授权的同事办理。",
            "You may prepare this for your organisation; an account that may sign for it has to do this step.",
        )


def identify() -> None:
    """Read the request's credentials once, before the route runs. Store the result: the bearer, or the error that says why the
    credentials are refused."""
    g.identified = ANONYMOUS
    header = request.headers.get("Authorization")
    if header is not None:
        try:
            g.identified = gateway_context().bearer(header)
        except DomainError as error:
            g.identified = error


def bearer() -> Bearer:
    """Return the bearer of the request's credentials; ANONYMOUS if it has none. Raises Unauthenticated if the credentials are
    refused."""
    identified: Bearer | DomainError = g.identified
    if isinstance(identified, DomainError):
        raise identified
    return identified


def actor() -> Actor:
    """Return the actor of the request; the anonymous actor if it has no credentials. Raises Unauthenticated if the credentials
    are refused."""
    return bearer().actor
