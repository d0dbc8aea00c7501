"""A code that the identity provider gave for a login opens a session of this platform: once, for the person who logged in, and
for the login for which it was given."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.test import TestResponse

from tests.helpers.openid_provider import CLIENT, SECRET, OpenIdProvider, running
from tests.integration.gateway.platform import Platform

BACK = "https://guichuang.example/login/sso/callback"
OFFICER = {"preferred_username": "li4", "name": "李四", "email": "li4@example.cn", "roles": ["officer"], "bureau": "450200"}
PEOPLE = {"u-1": OFFICER, "u-2": {"preferred_username": "zhao6", "name": "赵六"}}


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with running(PEOPLE) as provider:
        yield provider


@pytest.fixture
def sso(provider: OpenIdProvider, gateway_with: Callable[..., Platform]) -> Platform:
    return gateway_with(oidc_issuer=provider.url, oidc_client=CLIENT, oidc_secret=SECRET)


def login(provider: OpenIdProvider, subject: str = "u-1") -> dict[str, str]:
    """Let a person log in at the provider; return the request body with which the platform exchanges the code for a session."""
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    code = provider.grant(subject, client_id=CLIENT, redirect_uri=BACK, nonce=nonce, code_challenge=challenge)
    return {"code": code, "code_verifier": verifier, "redirect_uri": BACK, "nonce": nonce}


def exchange(gateway: Platform, body: dict[str, str]) -> TestResponse:
    return gateway.client.post("/api/v1/auth/exchange", json=body)


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json().get("code", "")


def ask(gateway: Platform, answer: TestResponse, path: str = "/me", method: str = "GET") -> TestResponse:
    token = answer.get_json()["access_token"]
    return gateway.client.open(f"/api/v1{path}", method=method, headers={"Authorization": f"Bearer {token}"})


def test_a_code_opens_a_session_that_a_logout_closes(provider: OpenIdProvider, sso: Platform) -> None:
    # When the provider redirects a person back to the platform, which exchanges the code
    answer = exchange(sso, login(provider))
    # Then the person is logged in to the account that the provider's claims name, with a session and a token of this platform
    me = ask(sso, answer).get_json()
    assert (me["username"], me["roles"], me["bureau"]) == ("li4@sso", ["officer"], "450200")
    assert me["external"] == f"{provider.url}#u-1"
    [session] = ask(sso, answer, "/me/sessions").get_json()["items"]
    assert session["current"] is True
    assert ("session.opened_by_sso", "account/li4@sso") in sso.audited()
    assert ask(sso, answer, "/auth/renewal", "POST").status_code == 200
    # and a logout ends the session
    assert ask(sso, answer, "/auth/logout", "POST").status_code == 200
    assert code_of(ask(sso, answer)) == (401, "token_revoked")


def test_a_code_works_once(provider: OpenIdProvider, sso: Platform) -> None:
    body = login(provider)
    assert exchange(sso, body).status_code == 200
    assert code_of(exchange(sso, body)) == (401, "sso_refused")


@pytest.mark.parametrize("part", ["code", "code_verifier", "redirect_uri", "nonce"])
def test_a_code_of_another_login_is_refused(provider: OpenIdProvider, sso: Platform, part: str) -> None:
    # Given the values of two logins, When a code is exchanged with one value of the other login, as an attacker might try, Then
    # the exchange is refused
    body, other = login(provider), login(provider)
    other["redirect_uri"] = "https://attacker.example/"
    assert code_of(exchange(sso, body | {part: other[part]})) == (401, "sso_refused")
    assert not [subject for action, subject in sso.audited() if action == "session.opened_by_sso"]


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": None},
        {"nonce": ["x"]},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},
        {"azp": "another-client"},
        {"iss": "https://login.example"},
        {"exp": 1},
        {"sub": None},
    ],
    ids=str,
)
def test_an_id_token_that_is_not_for_this_login_is_refused(
    provider: OpenIdProvider, sso: Platform, changed: dict[str, Any]
) -> None:
    provider.changed = changed
    assert code_of(exchange(sso, login(provider))) == (401, "sso_refused")


def test_an_id_token_for_several_audiences_names_this_client_as_its_party(provider: OpenIdProvider, sso: Platform) -> None:
    provider.changed = {"aud": [CLIENT, "another-client"], "azp": CLIENT}
    assert exchange(sso, login(provider)).status_code == 200


def test_an_id_token_that_another_key_signed_is_refused(provider: OpenIdProvider, sso: Platform) -> None:
    provider.signer = rsa.generate_private_key(65537, 2048)
    assert code_of(exchange(sso, login(provider))) == (401, "sso_refused")


def test_an_access_token_for_the_api_is_no_id_token_of_the_client(provider: OpenIdProvider, sso: Platform) -> None:
    """A token whose audience is that of bearer tokens (GUICHUANG_OIDC_AUDIENCE) is refused, because the audience of an ID token
    is the client."""
    provider.changed = {"aud": "guichuang"}
    assert code_of(exchange(sso, login(provider))) == (401, "sso_refused")


@pytest.mark.parametrize("broken", [500, 403, 302])
def test_a_provider_that_fails_is_away_for_the_moment(provider: OpenIdProvider, sso: Platform, broken: int) -> None:
    assert exchange(sso, login(provider)).status_code == 200
    provider.broken = broken
    answer = exchange(sso, login(provider))
    assert code_of(answer) == (503, "identity_provider_away")
    assert answer.headers["Retry-After"]
    # and logins at the platform itself are not affected
    assert sso.log_in("auditor").status_code == 200


def test_a_provider_that_was_never_reached_is_away(gateway_with: Callable[..., Platform]) -> None:
    with running(PEOPLE) as gone:
        url = gone.url
    gateway = gateway_with(oidc_issuer=url, oidc_client=CLIENT)
    assert code_of(gateway.client.get("/api/v1/auth/sso")) == (503, "identity_provider_away")
    body = {"code": "c", "code_verifier": "v" * 43, "redirect_uri": BACK, "nonce": "n"}
    assert code_of(exchange(gateway, body)) == (503, "identity_provider_away")
    # The list of login methods does not wait for the provider, so that the login page appears immediately
    assert gateway.client.get("/api/v1/auth/methods").get_json()["sso"] == {"issuer": url, "client_id": CLIENT}


def test_a_wrong_secret_is_the_platforms_fault_and_not_the_persons(
    provider: OpenIdProvider, gateway_with: Callable[..., Platform], caplog: pytest.LogCaptureFixture
) -> None:
    gateway = gateway_with(oidc_issuer=provider.url, oidc_client=CLIENT, oidc_secret="another secret")
    assert code_of(exchange(gateway, login(provider))) == (503, "identity_provider_away")
    assert "invalid_client" in caplog.text
    assert "another secret" not in caplog.text


@pytest.mark.parametrize("methods", [["client_secret_post"], None])
def test_the_secret_is_sent_as_the_provider_wants_it(provider: OpenIdProvider, sso: Platform, methods: list[str] | None) -> None:
    provider.about = {"token_endpoint_auth_methods_supported": methods}
    assert exchange(sso, login(provider)).status_code == 200


def test_a_public_client_sends_no_secret(provider: OpenIdProvider, gateway_with: Callable[..., Platform]) -> None:
    provider.secret = ""
    gateway = gateway_with(oidc_issuer=provider.url, oidc_client=CLIENT)
    assert exchange(gateway, login(provider)).status_code == 200


def test_claims_that_make_no_account_are_refused_with_the_reason(provider: OpenIdProvider, sso: Platform) -> None:
    answer = exchange(sso, login(provider, "u-2"))
    assert code_of(answer) == (401, "claims_not_usable")
    assert "角色" in answer.get_json()["detail"]


def test_a_closed_account_stays_closed(provider: OpenIdProvider, sso: Platform) -> None:
    opened = exchange(sso, login(provider))
    sso.send("operator", "PATCH", "/accounts/li4@sso", {"active": False})
    assert code_of(exchange(sso, login(provider))) == (401, "account_closed")
    assert code_of(ask(sso, opened)) == (401, "token_revoked")


def test_a_linked_account_is_the_operators(provider: OpenIdProvider, sso: Platform) -> None:
    """An account that the operator linked to a person at the provider needs no second factor at this login, because the provider
    is responsible for one. It is asked only at logins with the account's password."""
    sso.send("operator", "PATCH", "/accounts/expert-1", {"external": f"{provider.url}#u-2"})
    me = ask(sso, exchange(sso, login(provider, "u-2"))).get_json()
    assert (me["username"], me["roles"]) == ("expert-1", ["expert"])


def test_a_delegate_may_not_sign_after_this_login_either(provider: OpenIdProvider, sso: Platform) -> None:
    applicant = next(account for account in sso.accounts.values() if "applicant" in account["roles"])
    colleague = {"username": "colleague", "name": "同事", "password": "correct horse battery", "may_sign": False}
    assert sso.send(applicant["username"], "POST", "/delegations", colleague).status_code == 201
    sso.send("operator", "PATCH", "/accounts/colleague", {"external": f"{provider.url}#u-2"})
    answer = exchange(sso, login(provider, "u-2"))
    assert code_of(ask(sso, answer, "/applications/any/submission", "POST")) == (403, "not_delegated")


def test_the_request_of_a_login_comes_from_the_providers_own_description(provider: OpenIdProvider, sso: Platform) -> None:
    asked = sso.client.get("/api/v1/auth/sso").get_json()
    assert asked == {
        "issuer": provider.url,
        "client_id": CLIENT,
        "authorization_endpoint": f"{provider.url}/authorize",
        "scope": "openid profile email",
        "end_session_endpoint": f"{provider.url}/logout",
        "issuer_in_response": True,
    }


@pytest.mark.parametrize("address", [None, "javascript:alert(1)", 5])
def test_an_address_that_no_browser_should_follow_is_not_handed_on(provider: OpenIdProvider, sso: Platform, address: Any) -> None:
    provider.about = {"authorization_endpoint": address, "end_session_endpoint": address}
    assert code_of(sso.client.get("/api/v1/auth/sso")) == (503, "identity_provider_away")


def test_without_a_client_there_is_no_login_in_the_browser(
    provider: OpenIdProvider, gateway_with: Callable[..., Platform]
) -> None:
    gateway = gateway_with(oidc_issuer=provider.url)
    assert gateway.client.get("/api/v1/auth/methods").get_json()["sso"] == {"issuer": provider.url}
    assert code_of(gateway.client.get("/api/v1/auth/sso")) == (404, "no_single_sign_on")
    assert code_of(exchange(gateway, login(provider))) == (404, "no_single_sign_on")


def test_refused_codes_are_limited_by_address_and_good_ones_are_not(
    provider: OpenIdProvider, gateway_with: Callable[..., Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.auth.login_throttle.CODES_REFUSED", 2)
    gateway = gateway_with(oidc_issuer=provider.url, oidc_client=CLIENT, oidc_secret=SECRET, rate_limit="1000")
    assert [exchange(gateway, login(provider)).status_code for _ in range(3)] == [200] * 3
    bad = login(provider) | {"code": "unknown"}
    assert [exchange(gateway, bad).status_code for _ in range(3)] == [401, 401, 429]
