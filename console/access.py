"""Access to pages. Every view has `@public` or `@signed_in(...)`; otherwise the console does not start.

This only keeps people from pages that they cannot use. The API decides what an account may read and do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, redirect, request, url_for

from console.problems import Problem

View = Callable[..., Any]


def public(view: View) -> View:
    """Mark a view as a page for every visitor."""
    view.access = ()  # type: ignore[attr-defined]
    return view


def signed_in(*roles: str) -> Callable[[View], View]:
    """Mark a view as a page for accounts with one of these roles; without roles, for every account. Visitors without such an
    account are sent to the login page, and return to this page after the login."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if g.session is None and (g.ended or request.method != "GET"):
                # The error page of this problem asks for a login and keeps the form that was sent.
                raise Problem.of_console(401, "login_required")
            if g.session is None:
                return redirect(url_for("sign_in.form", next=request.full_path.rstrip("?")), 303)
            if roles and not set(roles) & set(g.session.account["roles"]):
                raise Problem.of_console(403, "wrong_role")
            return view(*args, **kwargs)

        guarded.access = roles or ("*",)  # type: ignore[attr-defined]
        return guarded

    return decorate


def declared(view: object) -> bool:
    """Return whether a view declares which visitors may open it."""
    return hasattr(view, "access")
