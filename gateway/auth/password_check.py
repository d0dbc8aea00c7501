"""Passwords in the gateway. They are hashed here before they are sent to identity, and checked under the limits on login
attempts."""

from __future__ import annotations

import logging

from flask import g, request

from gateway.context import gateway_context
from gateway.http.rate_limit import network_of
from gateway.identity import passwords
from gateway.identity.answers import Credentials, Login
from gateway.service_client import idempotency_key
from services.kernel.errors import Invalid, Unauthenticated
from services.kernel.identity import NOBODY

log = logging.getLogger(__name__)


def password_hash(password: str, username: str) -> str:
    """Check a new password and return its hash. Raises Invalid if the password is too easy to guess. Hashing is slow, so it
    happens here and not inside a transaction."""
    passwords.check(password, username)
    return passwords.hashed(password, username, idempotency_key())


def require_password(username: str, password: str, pointer: str) -> None:
    """Check the password that a logged-in user enters again. Raises Invalid at `pointer` if the password is wrong, TooMany after
    too many wrong passwords."""
    with gateway_context().throttle.password(username, place()) as attempt:
        if _matching_credentials(username, password) is None:
            raise Invalid.field(pointer, "wrong_password", "当前密码不正确。", "This is not your password.")
        attempt.taken_back()


def open_session(username: str, password: str, code: str | None, client: str | None, seconds: int) -> Login:
    """Open a session if the password and the code are right, and return the login that identity answers. Raises Unauthenticated
    if one of them is wrong, TooMany after too many wrong ones."""
    payload = {"username": username, "code": code, "seconds": seconds, "client": client}
    with gateway_context().throttle.password(username, place()) as attempt:
        credentials = _matching_credentials(username, password)
        if credentials is None:
            raise Unauthenticated("wrong_credentials", "账号或密码不正确。", "The username or the password is wrong.")
        if credentials["second_factor"] and code is not None:
            with gateway_context().throttle.code(username) as proof:
                login: Login = gateway_context().identity.call("gateway", "open_session", payload, NOBODY)
                proof.succeeded()
        else:
            login = gateway_context().identity.call("gateway", "open_session", payload, NOBODY)
        attempt.succeeded()
    return login


def _matching_credentials(username: str, password: str) -> Credentials | None:
    """Return the account's stored credentials if this is its password; otherwise None."""
    credentials: Credentials | None = gateway_context().identity.call(
        "gateway", "credentials", {"username": username}, NOBODY, correlation_id=g.correlation_id
    )
    if passwords.matches(password, credentials and credentials["password_hash"]):
        return credentials
    log.warning("login refused", extra={"correlation_id": g.correlation_id})
    return None


def place() -> str:
    """Return the client's address in the form in which attempts are counted."""
    return network_of(request.remote_addr)
