"""API keys: limited to scopes, to a time and to a number of requests, and never shown again."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from deploy import composition
from gateway.auth.api_key_auth import ApiKeys
from gateway.identity.tables import api_keys
from services.kernel.clock import real_now
from services.kernel.errors import TooMany, Unavailable
from services.kernel.messaging.rpc import Caller
from tests.integration.gateway.platform import Line, Platform


def new_key(gateway: Platform, **more: Any) -> dict[str, Any]:
    body = {
        "account": "portal",
        "name": "柳州门户",
        "scopes": ["read"],
        "expires_at": (real_now() + timedelta(days=30)).isoformat(),
    } | more
    answer = gateway.send("operator", "POST", "/api-keys", body)
    assert answer.status_code == 201, answer.get_json()
    return dict(answer.get_json())


def use(gateway: Platform, key: str, method: str = "GET", path: str = "/me", body: Any = None) -> TestResponse:
    return gateway.client.open(f"/api/v1{path}", method=method, json=body, headers={"Authorization": f"Bearer {key}"})


def test_a_key_acts_as_its_account(gateway: Platform) -> None:
    answer = use(gateway, new_key(gateway)["key"])
    assert (answer.status_code, answer.get_json()["username"]) == (200, "portal")


def test_a_key_is_shown_once_and_kept_as_a_digest(gateway: Platform) -> None:
    made = new_key(gateway)
    [listed] = gateway.send("operator", "GET", "/api-keys?account=portal").get_json()["items"]
    assert made["key"].startswith("gck_")
    assert "key" not in listed
    with gateway.identity.database.read() as session:
        row = session.execute(select(api_keys)).one()
    assert made["key"] not in str(row)


def test_a_key_does_what_its_scopes_say(gateway: Platform) -> None:
    read = new_key(gateway)["key"]
    answer = use(gateway, read, "PUT", "/notification-preferences", {"language": "zh", "muted": []})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "scope_required")
    write = new_key(gateway, scopes=["write"])["key"]
    assert use(gateway, write).get_json()["code"] == "scope_required"


def test_a_revoked_key_ends(gateway: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    made = new_key(gateway)
    assert use(gateway, made["key"]).status_code == 200
    assert gateway.send("operator", "DELETE", f"/api-keys/{made['id']}").get_json()["revoked_at"]
    now = time.monotonic()
    monkeypatch.setattr("gateway.auth.api_key_auth.time.monotonic", lambda: now + 6)
    answer = use(gateway, made["key"])
    assert (answer.status_code, answer.get_json()["code"]) == (401, "key_invalid")


def test_an_expired_key_ends(gateway: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    made = new_key(gateway)
    assert use(gateway, made["key"]).status_code == 200
    after = real_now() + timedelta(days=31)
    monkeypatch.setattr("gateway.auth.api_key_auth.real_now", lambda: after)
    assert use(gateway, made["key"]).get_json()["code"] == "key_invalid"


def test_a_key_does_not_follow_its_account_into_another_role(gateway: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    key = new_key(gateway, scopes=["read", "write"])["key"]
    assert gateway.send("operator", "PATCH", "/accounts/portal", {"roles": ["operator"]}).status_code == 200
    answer = use(gateway, key, path="/accounts")
    assert (answer.status_code, answer.get_json()["code"]) == (401, "key_invalid")


@pytest.mark.parametrize("forged", ["gck_", "gck_x", "gck_x_y", "gck_{id}_wrong"])
def test_what_is_no_key_opens_nothing(gateway: Platform, forged: str) -> None:
    made = new_key(gateway)
    assert use(gateway, forged.format(id=made["id"])).status_code == 401


def test_a_days_requests_are_counted_over_all_gateways(gateway: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    key = new_key(gateway, per_day=5)["key"]
    assert [use(gateway, key).status_code for _ in range(3)] == [200] * 3
    # When this gateway asks the identity service about the key again, it reports the requests that it has counted, and only the
    # rest of the day's quota is left
    now = time.monotonic()
    monkeypatch.setattr("gateway.auth.api_key_auth.time.monotonic", lambda: now + 6)
    answers = [use(gateway, key) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert answers[-1].get_json()["code"] == "quota_used_up"
    assert answers[-1].headers["Retry-After"]


def test_a_key_has_a_limit_a_minute_of_its_own(gateway_with: Callable[..., Platform]) -> None:
    gateway = gateway_with(rate_limit="600")
    key = new_key(gateway, per_minute=2)["key"]
    answers = [use(gateway, key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers[:2]] == ["1", "0"]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"account": "auditor"}, "/account"),
        ({"account": "nobody-here"}, "/account"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "2099-01-01T00:00:00Z"}, "/expires_at"),
        ({"scopes": ["everything"]}, "/scopes/0"),
    ],
)
def test_a_key_that_could_not_be_is_refused(gateway: Platform, wrong: dict[str, Any], pointer: str) -> None:
    body = {"account": "portal", "name": "x", "scopes": ["read"], "expires_at": (real_now() + timedelta(1)).isoformat()}
    answer = gateway.send("operator", "POST", "/api-keys", body | wrong)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_requests_that_could_not_be_reported_are_reported_later(gateway: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given an API key with a quota of three requests a day, of which two are used
    key = new_key(gateway, per_day=3)["key"]
    line = Line({"rpc.gateway": gateway.identity})
    keys = ApiKeys(Caller(line, composition.signer("gateway", gateway.settings)))
    for _ in range(2):
        keys.bearer(key)
    # When the identity service cannot be reached while the gateway reports these requests
    now = time.monotonic()
    monkeypatch.setattr("gateway.auth.api_key_auth.time.monotonic", lambda: now + 6)
    line.cut = True
    with pytest.raises(Unavailable):
        keys.bearer(key)
    # Then these requests count as soon as the service can be reached again: one request is left
    line.cut = False
    keys.bearer(key)
    with pytest.raises(TooMany):
        keys.bearer(key)
