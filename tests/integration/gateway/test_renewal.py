"""A login lasts while it is renewed: it ends after an idle time without a renewal, and after a maximum time in any case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from services.kernel.clock import real_now
from tests.integration.gateway.platform import Platform


def renew(gateway: Platform, token: str) -> TestResponse:
    return gateway.client.post("/api/v1/auth/renewal", headers={"Authorization": f"Bearer {token}"})


def later(monkeypatch: pytest.MonkeyPatch, **passed: int) -> None:
    now = real_now() + timedelta(**passed)
    monkeypatch.setattr("gateway.identity.sessions.real_now", lambda: now)


def test_a_renewal_is_the_next_token_of_the_same_login(gateway: Platform) -> None:
    # Given a login
    login = gateway.log_in("auditor").get_json()
    # When the login is renewed
    renewed = renew(gateway, login["access_token"]).get_json()
    # Then both tokens belong to one session, and logging out ends both
    sessions = gateway.client.get(
        "/api/v1/me/sessions", headers={"Authorization": f"Bearer {renewed['access_token']}"}
    ).get_json()
    assert [item["current"] for item in sessions["items"]] == [True]
    assert renewed["session_ends_at"] == login["session_ends_at"]
    assert datetime.fromisoformat(login["renew_by"]) <= datetime.fromisoformat(renewed["renew_by"])
    ended = gateway.client.post("/api/v1/auth/logout", headers={"Authorization": f"Bearer {renewed['access_token']}"})
    assert ended.get_json() == {"closed": 1}
    assert renew(gateway, login["access_token"]).status_code == 401


def test_a_login_that_was_idle_is_not_renewed(gateway: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a login that was renewed after 20 minutes
    token = gateway.log_in("auditor").get_json()["access_token"]
    later(monkeypatch, minutes=20)
    assert renew(gateway, token).status_code == 200
    # When the login is renewed after 29 further minutes, then it is still valid; after 30 further minutes it is not
    later(monkeypatch, minutes=49)
    assert renew(gateway, token).status_code == 200
    later(monkeypatch, minutes=79)
    refused = renew(gateway, token)
    assert (refused.status_code, refused.get_json()["code"]) == (401, "session_idle")


def test_a_login_ends_after_its_hours_whatever_is_done(
    gateway_with: Callable[..., Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given logins that last one hour at most
    gateway = gateway_with(session_hours="1")
    token = gateway.log_in("auditor").get_json()["access_token"]
    # When the login is renewed within the hour, then the new token is valid only until the hour ends
    later(monkeypatch, minutes=25)
    assert 34 * 60 <= renew(gateway, token).get_json()["expires_in"] <= 35 * 60
    later(monkeypatch, minutes=54)
    assert 5 * 60 <= renew(gateway, token).get_json()["expires_in"] <= 6 * 60
    # Then the login has ended after the hour, although it was in use
    later(monkeypatch, minutes=61)
    refused = renew(gateway, token)
    assert (refused.status_code, refused.get_json()["code"]) == (401, "session_over")


def test_a_closed_account_is_not_renewed(gateway: Platform) -> None:
    token = gateway.log_in("auditor").get_json()["access_token"]
    assert gateway.send("operator", "PATCH", "/accounts/auditor", {"active": False}).status_code == 200
    assert renew(gateway, token).status_code == 401
