"""Passwords at the door: hashed before they go on, checked with a brake on guessing."""

from __future__ import annotations

import logging
from typing import Any

from flask import g, request

from gateway.calls import idempotency_key
from gateway.frame import frame
from gateway.identity import passwords
from gateway.limits import place_of
from services.kernel.errors import Invalid, TooMany, Unauthenticated
from services.kernel.identity import NOBODY

log = logging.getLogger(__name__)


def hashed(body: dict[str, Any], username: str) -> dict[str, Any]:
    """The body with the password's hash in its place; hashing takes its time here, not in a transaction."""
    passwords.check(body["password"], username)
    secret = passwords.hashed(body["password"], username, idempotency_key())
    return {name: value for name, value in body.items() if name != "password"} | {"password_hash": secret}


def checked(username: str, password: str, pointer: str | None = None) -> None:
    """Pass when this is the account's password. Unauthenticated otherwise, or Invalid at `pointer` where somebody who is logged
    in proves it once more; TooMany after some failures from one address."""
    wait(max(frame().logins.wait(_attempt(username)), frame().places.wait(_place())))
    known = frame().identity.call("gateway", "credentials", {"username": username}, NOBODY, correlation_id=g.correlation_id)
    if not passwords.matches(password, known and known["password_hash"]):
        failed(username)
        if pointer:
            raise Invalid.field(pointer, "wrong_password", "当前密码不正确。", "This is not your password.")
        raise Unauthenticated("wrong_credentials", "用户名或密码不正确。", "The username or the password is wrong.")


def failed(username: str) -> None:
    """Count a failure against the name and the address, and against the address."""
    frame().logins.count(_attempt(username))
    frame().places.count(_place())
    log.warning("login refused", extra={"correlation_id": g.correlation_id})


def passed(username: str) -> None:
    """Forgive earlier failures: the whole login went well."""
    frame().logins.forget(_attempt(username))
    frame().codes.forget(username)


def _attempt(username: str) -> str:
    return f"{username} {_place()}"


def _place() -> str:
    return place_of(request.remote_addr)


def wait(seconds: int) -> None:
    """TooMany while there are seconds to wait."""
    if seconds:
        raise TooMany(
            "too_many_attempts",
            f"尝试次数过多，请在 {seconds} 秒后重试。",
            f"Too many attempts; please try again in {seconds} seconds.",
            retry_after=seconds,
        )
