"""Cookies, security headers, and the protection against forged requests."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, g, request

from console.problems import Problem
from console.session import Sealer, Session
from console.settings import ConsoleSettings

_SAFE = ("GET", "HEAD", "OPTIONS")
#: The blueprints whose pages begin a session.
LOGINS = ("sign_in",)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def encrypted() -> bool:
    """Return whether the browser reached this page over https."""
    return request.is_secure


def on_loopback() -> bool:
    """Return whether the page was requested on the same machine, where plain http is not a risk."""
    return (urlsplit(request.host_url).hostname or "") in _LOOPBACK


def cookie_name() -> str:
    """Return the name of the session cookie. The prefix `__Host-` binds it to this host and to https; without https a browser
    would refuse the prefix."""
    return "__Host-guichuang" if encrypted() else "guichuang"


def set_session_cookie(response: Response, session: Session | None, sealer: Sealer) -> None:
    name, secure = cookie_name(), encrypted()
    if session is None:
        response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")
        return
    response.set_cookie(name, sealer.seal_session(session), path="/", secure=secure, httponly=True, samesite="Lax")


def refuse_forgery() -> None:
    """Refuse an unsafe request that does not come from a page of this console.

    `Sec-Fetch-Site: same-origin` decides if the browser sends it; over plain http it does not, and `Origin` decides. In a session
    the request must also contain the session's CSRF secret, in the form or in a header; a login need not contain it, because the
    login page may have been opened before the account logged in in another window. Raises Problem 403 otherwise.
    """
    if request.method in _SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    same_origin = site == "same-origin" if site else request.headers.get("Origin") == request.host_url.rstrip("/")
    if not same_origin:
        raise Problem.of_console(403, "foreign_origin")
    session = g.session or g.ended
    if request.blueprint in LOGINS and request.endpoint != "sign_in.leave":
        return
    if session and not session.proves(request.headers.get("X-CSRF") or request.form.get("csrf", "")):
        raise Problem.of_console(403, "stale_form")


def set_headers(response: Response, settings: ConsoleSettings) -> None:
    """Set the security policy of a page: nothing may be loaded from another origin except the object store, and inline scripts
    and styles are forbidden."""
    store = f" {settings.store_origin}" if settings.store_origin else ""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src 'self' data:{store}; connect-src 'self'{store}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    if encrypted():
        headers["Strict-Transport-Security"] = "max-age=31536000"
    for name, value in headers.items():
        response.headers.setdefault(name, value)
