"""Accounts log in with a password and get a token, which is valid until it expires or its account changes."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.auth.jwt import CACHE_SECONDS
from gateway.auth.login_throttle import LOGIN_ATTEMPTS_FROM
from services.kernel.identity import Actor
from services.kernel.messaging.signing import new_key
from tests.integration.gateway.platform import Platform


def claims(token: str) -> dict[str, object]:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))  # type: ignore[no-any-return]


def test_a_password_buys_a_token_that_says_who_one_is(gateway: Platform) -> None:
    answer = gateway.log_in("450200-chief").get_json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    said = claims(answer["access_token"])
    assert (said["sub"], said["roles"], said["bureau"], said["organisation"]) == ("450200-chief", ["chief"], "450200", None)
    assert "password" not in json.dumps(said)


def test_me_is_who_logged_in(gateway: Platform) -> None:
    me = gateway.send("450200-chief", "GET", "/me").get_json()
    assert (me["username"], me["roles"], me["bureau"]) == ("450200-chief", ["chief"], "450200")
    assert "password_hash" not in me


@pytest.mark.parametrize("username", ["450200-chief", "nobody-here"])
def test_a_wrong_password_and_an_unknown_name_are_answered_alike(gateway: Platform, username: str) -> None:
    answer = gateway.log_in(username, "not the password")
    assert answer.status_code == 401
    assert answer.get_json()["code"] == "wrong_credentials"


def test_after_five_failures_even_the_right_password_waits(gateway: Platform) -> None:
    for _ in range(5):
        assert gateway.log_in("auditor", "not the password").status_code == 401
    answer = gateway.log_in("auditor")
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(answer.headers["Retry-After"]) <= 301
    assert gateway.log_in("operator").status_code == 200


def test_one_address_does_not_try_name_after_name(gateway_with: Callable[..., Platform]) -> None:
    gateway = gateway_with(rate_limit="6000", proxies="1")
    here, there = {"X-Forwarded-For": "192.0.2.7"}, {"X-Forwarded-For": "192.0.2.8"}
    for number in range(LOGIN_ATTEMPTS_FROM):
        assert gateway.log_in(f"name-{number}", "not the password", headers=here).status_code == 401
    assert gateway.log_in("one-more-name", "not the password", headers=here).get_json()["code"] == "too_many_attempts"
    assert gateway.log_in("auditor", headers=there).status_code == 200


def test_success_forgives_earlier_failures(gateway: Platform) -> None:
    for _ in range(3):
        for _ in range(4):
            gateway.log_in("auditor", "not the password")
        assert gateway.log_in("auditor").status_code == 200


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "login_required"),
        ("Bearer x.y.z", "token_invalid"),
        ("Bearer ", "token_invalid"),
        ("Basic YTpi", "token_invalid"),
    ],
)
def test_without_a_good_token_one_is_nobody(gateway: Platform, header: str | None, code: str) -> None:
    answer = gateway.client.get("/api/v1/me", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.get_json()["code"]) == (401, code)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_token_expires(gateway_with: Callable[..., Platform]) -> None:
    gateway = gateway_with(token_minutes="0")
    answer = gateway.send("auditor", "GET", "/me")
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_expired")


def test_a_remembered_token_expires_too(gateway: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gateway.send("auditor", "GET", "/me").status_code == 200
    late = claims(gateway.token("auditor"))["exp"]
    assert isinstance(late, int)
    monkeypatch.setattr("gateway.auth.jwt.real_now", lambda: datetime.fromtimestamp(late + 1, UTC))
    assert gateway.send("auditor", "GET", "/me").get_json()["code"] == "token_expired"


@pytest.mark.parametrize("algorithm", ["none", "HS256", "EdDSA"])
def test_nobody_else_can_make_a_token(gateway: Platform, algorithm: str) -> None:
    said = claims(gateway.token("auditor")) | {"roles": ["operator"]}
    strange = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(new_key()))
    public = (gateway.settings.keys_folder / "gateway.pub").read_text()
    key = {"none": None, "HS256": public, "EdDSA": strange}[algorithm]
    forged = jwt.encode(said, key, algorithm=algorithm)  # type: ignore[arg-type]
    answer = gateway.client.get("/api/v1/accounts", headers={"Authorization": f"Bearer {forged}"})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_invalid")


def test_closing_an_account_ends_its_tokens(gateway: Platform) -> None:
    assert gateway.send("auditor", "GET", "/me").status_code == 200
    assert gateway.send("operator", "PATCH", "/accounts/auditor", {"active": False}).status_code == 200
    assert gateway.send("auditor", "GET", "/me").get_json()["code"] == "token_revoked"
    assert gateway.log_in("auditor").get_json()["code"] == "wrong_credentials"


def test_a_change_made_elsewhere_is_believed_at_the_latest_after_some_seconds(
    gateway: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gateway.send("auditor", "GET", "/me").status_code == 200
    # When another process of the gateway changes the account that has the token
    payload = {"username": "auditor", "changes": {"name": "新名"}}
    gateway.known.call("gateway", "change_account", payload, Actor("operator", ("operator",)))
    # Then this process refuses the account's tokens as soon as its cached copy of the account is too old
    now = time.monotonic()
    monkeypatch.setattr("gateway.auth.jwt.time.monotonic", lambda: now + CACHE_SECONDS + 1)
    assert gateway.send("auditor", "GET", "/me").get_json()["code"] == "token_revoked"
