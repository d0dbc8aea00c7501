"""If an account's second factor is on, the account's password alone does not log in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pyotp
import pytest
from sqlalchemy import select

from gateway.identity.tables import accounts
from services.kernel.clock import real_now
from tests.integration.gateway.platform import Platform


def switch_on(gateway: Platform, username: str = "450200-chief") -> tuple[pyotp.TOTP, list[str]]:
    """Switch an account's second factor on; return its authenticator and its recovery codes."""
    proof = {"password": gateway.accounts[username]["password"]}
    given = gateway.send(username, "POST", "/me/second-factor", proof).get_json()
    phone = pyotp.parse_uri(given["uri"])
    assert isinstance(phone, pyotp.TOTP)
    answer = gateway.send(username, "POST", "/me/second-factor/confirmation", {"code": phone.now()})
    assert answer.status_code == 200, answer.get_json()
    return phone, answer.get_json()["recovery_codes"]


def log_in(gateway: Platform, code: str | None, username: str = "450200-chief") -> tuple[int, str]:
    body = {"username": username, "password": gateway.accounts[username]["password"], "code": code}
    answer = gateway.client.post("/api/v1/auth/token", json=body)
    return answer.status_code, answer.get_json().get("code", "")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Set the identity service's clock five minutes ahead, so that the code with which the second factor was switched on is no
    longer in use; return the time."""
    at = datetime.fromtimestamp(real_now().timestamp() + 300, UTC)
    monkeypatch.setattr("gateway.identity.second_factor.real_now", lambda: at)
    return at


def test_a_secret_that_was_not_confirmed_asks_nobody_for_a_code(gateway: Platform) -> None:
    proof = {"password": gateway.accounts["450200-chief"]["password"]}
    gateway.send("450200-chief", "POST", "/me/second-factor", proof)
    wrong = gateway.send("450200-chief", "POST", "/me/second-factor/confirmation", {"code": "000000"})
    assert (wrong.status_code, wrong.get_json()["errors"][0]["code"]) == (422, "wrong_code")
    assert log_in(gateway, None)[0] == 200


def test_it_is_begun_with_the_password_alone(gateway: Platform) -> None:
    answer = gateway.send("450200-chief", "POST", "/me/second-factor", {"password": "not the password"})
    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, "wrong_password")


def test_the_password_needs_a_code_beside_it(gateway: Platform, later: datetime) -> None:
    phone, _ = switch_on_before(gateway)
    assert log_in(gateway, None) == (401, "code_required")
    assert log_in(gateway, "000000") == (401, "wrong_code")
    assert log_in(gateway, phone.at(later))[0] == 200
    assert gateway.send("450200-chief", "GET", "/me").get_json()["second_factor"] is True


def switch_on_before(gateway: Platform) -> tuple[pyotp.TOTP, list[str]]:
    proof = {"password": gateway.accounts["450200-chief"]["password"]}
    given = gateway.send("450200-chief", "POST", "/me/second-factor", proof).get_json()
    phone = pyotp.parse_uri(given["uri"])
    assert isinstance(phone, pyotp.TOTP)
    from gateway.identity import second_factor

    code = phone.at(second_factor.real_now(), counter_offset=-1)
    answer = gateway.send("450200-chief", "POST", "/me/second-factor/confirmation", {"code": code})
    return phone, answer.get_json()["recovery_codes"]


def test_a_code_typed_in_full_width_is_the_same_code(gateway: Platform, later: datetime) -> None:
    phone, _ = switch_on_before(gateway)
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    assert log_in(gateway, "验证码") == (401, "wrong_code")
    assert log_in(gateway, f" {phone.at(later).translate(wide)} ")[0] == 200


def test_a_code_opens_once(gateway: Platform, later: datetime) -> None:
    phone, _ = switch_on_before(gateway)
    assert log_in(gateway, phone.at(later))[0] == 200
    assert log_in(gateway, phone.at(later)) == (401, "wrong_code")


def test_a_recovery_code_opens_once(gateway: Platform) -> None:
    _, codes = switch_on(gateway)
    assert len(codes) == 10
    assert log_in(gateway, codes[0])[0] == 200
    assert log_in(gateway, codes[0]) == (401, "wrong_code")
    assert ("second_factor.recovery_used", "account/450200-chief") in gateway.audited()


def test_wrong_codes_are_counted_like_wrong_passwords(gateway: Platform) -> None:
    _, codes = switch_on(gateway)
    for _ in range(5):
        assert log_in(gateway, "000000")[0] == 401
    assert log_in(gateway, codes[0]) == (429, "too_many_attempts")


def test_wrong_codes_are_counted_wherever_they_come_from(gateway_with: Callable[..., Platform]) -> None:
    gateway = gateway_with(proxies="1")
    _, codes = switch_on(gateway)
    password = gateway.accounts["450200-chief"]["password"]
    body = {"username": "450200-chief", "password": password, "code": "000000"}

    def tried(code: str, place: int) -> int:
        named = {"X-Forwarded-For": f"192.0.2.{place}"}
        return gateway.client.post("/api/v1/auth/token", json=body | {"code": code}, headers=named).status_code

    assert [tried("000000", place) for place in range(6)] == [401, 401, 401, 401, 401, 429]
    # Only a client that knows the password can cause this, so no other client can lock the owner out. Until the time is over, not
    # even a right code is checked.
    assert tried(codes[0], 200) == 429


def test_who_lost_everything_is_helped_by_the_operator(gateway: Platform) -> None:
    switch_on(gateway)
    assert gateway.send("operator", "DELETE", "/accounts/450200-chief/second-factor").status_code == 200
    assert log_in(gateway, None)[0] == 200


def test_the_secret_is_not_to_be_read_in_the_database(gateway: Platform) -> None:
    proof = {"password": gateway.accounts["450200-chief"]["password"]}
    secret = gateway.send("450200-chief", "POST", "/me/second-factor", proof).get_json()["secret"]
    with gateway.identity.database.read() as session:
        kept = session.execute(select(accounts.c.second_factor).where(accounts.c.username == "450200-chief")).scalar_one()
    assert secret not in str(kept)
