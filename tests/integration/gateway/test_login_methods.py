"""Every client may read the ways to log in; only a client on the machine itself may use the demonstration's accounts without a
password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.gateway.platform import Platform

METHODS, LOGIN = "/api/v1/auth/methods", "/api/v1/auth/demonstration"
#: Requests that do not come from the machine itself: from another host, through a proxy, or with the host name of another site.
FOREIGN: list[dict[str, Any]] = [
    {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}},
    {"environ_base": {"REMOTE_ADDR": "::ffff:192.0.2.7"}},
    {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    {"headers": {"Forwarded": "for=127.0.0.1"}},
    {"headers": {"Via": "1.1 proxy"}},
    {"headers": {"Host": "site.example"}},
    {"headers": {"Host": "127.0.0.1.site.example:8000"}},
]


def test_the_machine_itself_logs_in_with_one_click(gateway: Platform) -> None:
    # Given the login page of a demonstration on this machine
    methods = gateway.client.get(METHODS).get_json()
    assert (methods["password"], methods["sso"], methods["demonstration"]) == (True, None, True)
    officer = next(account for account in methods["accounts"] if account["username"] == "450200-officer")
    assert (officer["roles"], officer["bureau"], officer["bureau_name"]) == (["officer"], "450200", "柳州市科学技术局")
    # When the reader chooses one of the demonstration's accounts
    token = gateway.client.post(LOGIN, json={"username": "450200-officer"}).get_json()["access_token"]
    # Then the reader is logged in, as with the account's password
    me = gateway.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).get_json()
    assert (me["username"], me["bureau"]) == ("450200-officer", "450200")


@pytest.mark.parametrize("asked", FOREIGN, ids=str)
def test_nobody_else_sees_or_uses_the_accounts(gateway: Platform, asked: dict[str, Any]) -> None:
    methods = gateway.client.get(METHODS, **asked).get_json()
    assert (methods["demonstration"], methods["accounts"]) == (False, [])
    assert gateway.client.post(LOGIN, json={"username": "auditor"}, **asked).status_code == 404


@pytest.mark.parametrize("settings", [{"seed": ""}, {"proxies": "1"}])
def test_no_other_platform_offers_them(gateway_with: Callable[..., Platform], settings: dict[str, str]) -> None:
    gateway = gateway_with(**settings)
    assert gateway.client.get(METHODS).get_json()["accounts"] == []
    assert gateway.client.post(LOGIN, json={"username": "auditor"}).status_code == 404


def test_an_account_that_has_another_password_now_is_not_opened(gateway: Platform) -> None:
    changed = {"current": gateway.accounts["auditor"]["password"], "new": "correct horse battery"}
    assert gateway.send("auditor", "PUT", "/me/password", changed).status_code == 200
    assert gateway.client.post(LOGIN, json={"username": "auditor"}).status_code == 401
    assert gateway.client.post(LOGIN, json={"username": "no-such-account"}).status_code == 404


def test_the_identity_provider_is_named(gateway_with: Callable[..., Platform]) -> None:
    gateway = gateway_with(oidc_issuer="https://login.example")
    assert gateway.client.get(METHODS).get_json()["sso"] == {"issuer": "https://login.example"}
