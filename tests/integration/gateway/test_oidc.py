"""Tokens of the province's single sign-on are accepted for exactly the rights that their claims give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jwt
import pytest
from werkzeug.test import TestResponse

from deploy.local_services.postgres import Postgres
from services.kernel.identity import NOBODY as NOT_KNOWN
from services.kernel.messaging.signing import new_key, private_key
from tests.integration.gateway.platform import Platform
from tests.integration.gateway.provider import IdentityProvider

MAPPING = """
[claims]
roles = "guichuang.roles"
bureau = "department"

[roles]
"kjt-jingban" = "officer"
"kjt-fuze" = "chief"

[bureaus]
"柳州市科学技术局" = "450200"
"""
OFFICER = {
    "sub": "u-1001",
    "preferred_username": "li4",
    "name": "李四",
    "email": "li4@example.cn",
    "department": "柳州市科学技术局",
    "guichuang": {"roles": ["kjt-jingban", "of-another-system"]},
}
NOBODY = {"sub": "u-2002", "preferred_username": "zhao6", "name": "赵六"}


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[IdentityProvider]:
    provider = IdentityProvider(tmp_path / "provider")
    provider.start(OFFICER, NOBODY)
    yield provider
    provider.stop()


@pytest.fixture
def sso(provider: IdentityProvider, gateway_with: Callable[..., Platform], tmp_path: Path) -> Platform:
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    return gateway_with(oidc_issuer=provider.issuer, oidc_mapping=str(tmp_path / "mapping.toml"))


def me(gateway: Platform, token: str) -> TestResponse:
    return gateway.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json().get("code", "")


def test_somebody_of_the_issuer_has_an_account_as_the_claims_say(provider: IdentityProvider, sso: Platform) -> None:
    said = me(sso, provider.token("u-1001")).get_json()
    assert (said["username"], said["name"], said["roles"], said["bureau"]) == ("li4@sso", "李四", ["officer"], "450200")
    assert said["external"] == f"{provider.issuer}#u-1001"
    assert ("account.changed", "account/li4@sso") in sso.audited()
    # The person's next login uses the same account, and publishes no further event.
    me(sso, provider.token("u-1001"))
    assert [subject for _, subject in sso.audited()].count("account/li4@sso") == 1


def test_of_the_first_requests_that_come_at_once_each_finds_the_account(tmp_path: Path, postgres: Postgres) -> None:
    gateway = Platform(tmp_path / "var", db_gateway=postgres.create_database("sso"))
    said = {"username": "li4", "name": "李四", "email": None, "roles": ["officer"], "bureau": "450200", "organisation": None}
    asked = {"external": "https://sso.example#u-1", "said": said}
    with ThreadPoolExecutor(8) as pool:
        seen = pool.map(lambda _: gateway.known.call("gateway", "see_external", asked, NOT_KNOWN)["username"], range(8))
        assert set(seen) == {"li4@sso"}
    gateway.close()


def test_claims_that_make_no_account_are_refused_with_the_reason(provider: IdentityProvider, sso: Platform) -> None:
    answer = me(sso, provider.token("u-2002"))
    assert code_of(answer) == (401, "claims_not_usable")
    assert "角色" in answer.get_json()["detail"]


def test_the_account_follows_the_claims(provider: IdentityProvider, sso: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.auth.oidc.KEYS_AGAIN", 0)
    assert me(sso, provider.token("u-1001")).get_json()["roles"] == ["officer"]
    provider.stop()
    provider.start(OFFICER | {"guichuang": {"roles": ["kjt-fuze"]}})
    assert me(sso, provider.token("u-1001")).get_json()["roles"] == ["chief"]


def test_a_token_for_somebody_else_is_refused(provider: IdentityProvider, sso: Platform) -> None:
    assert code_of(me(sso, provider.token("u-1001", client="another-system"))) == (401, "token_invalid")


def test_the_issuers_keys_may_change(provider: IdentityProvider, sso: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    before = provider.token("u-1001")
    assert me(sso, before).status_code == 200
    # When the issuer signs with a new key, Then its tokens are refused until the gateway may fetch the issuer's keys again, and
    # are accepted from then on
    provider.stop()
    provider.start(OFFICER)
    assert code_of(me(sso, provider.token("u-1001"))) == (401, "token_invalid")
    monkeypatch.setattr("gateway.auth.oidc.KEYS_AGAIN", 0)
    assert me(sso, provider.token("u-1001")).status_code == 200


def test_while_the_issuer_is_away_its_known_keys_do(provider: IdentityProvider, sso: Platform) -> None:
    first, second = provider.token("u-1001"), provider.token("u-1001")
    assert me(sso, first).status_code == 200
    provider.stop()
    assert me(sso, second).status_code == 200


def test_where_no_key_was_ever_had_the_caller_is_asked_to_come_back(provider: IdentityProvider, sso: Platform) -> None:
    token = provider.token("u-1001")
    provider.stop()
    assert code_of(me(sso, token)) == (503, "identity_provider_away")
    # and logins at the gateway itself are not affected
    assert sso.log_in("auditor").status_code == 200


@pytest.mark.parametrize(("lasts", "status"), [(-30, 200), (-90, 401)])
def test_clocks_may_differ_by_a_minute(
    provider: IdentityProvider, sso: Platform, monkeypatch: pytest.MonkeyPatch, lasts: int, status: int
) -> None:
    provider.stop()
    provider.start(OFFICER, lasts=lasts)
    answer = me(sso, provider.token("u-1001"))
    assert answer.status_code == status, answer.get_json()


@pytest.mark.parametrize("algorithm", ["none", "HS256", "EdDSA"])
def test_nobody_else_makes_the_issuers_tokens(provider: IdentityProvider, sso: Platform, algorithm: str) -> None:
    claims: dict[str, Any] = jwt.decode(provider.token("u-1001"), options={"verify_signature": False})
    # The platform accepts EdDSA, but this issuer has no EdDSA key.
    key = {"none": None, "HS256": new_key(), "EdDSA": private_key(new_key())}[algorithm]
    forged = jwt.encode(claims, key, algorithm=algorithm)  # type: ignore[arg-type]
    assert code_of(me(sso, forged)) == (401, "token_invalid")


def test_a_closed_account_stays_closed_whatever_the_issuer_says(provider: IdentityProvider, sso: Platform) -> None:
    me(sso, provider.token("u-1001"))
    sso.send("operator", "PATCH", "/accounts/li4@sso", {"active": False})
    assert code_of(me(sso, provider.token("u-1001"))) == (401, "account_closed")


def test_a_linked_account_keeps_what_the_operator_gave_it(provider: IdentityProvider, sso: Platform) -> None:
    linked = sso.send("operator", "PATCH", "/accounts/expert-1", {"external": f"{provider.issuer}#u-2002"})
    assert linked.status_code == 200
    said = me(sso, provider.token("u-2002")).get_json()
    assert (said["username"], said["roles"]) == ("expert-1", ["expert"])


def test_without_a_configured_issuer_its_tokens_are_nothing(provider: IdentityProvider, gateway: Platform) -> None:
    assert code_of(me(gateway, provider.token("u-1001"))) == (401, "token_invalid")
