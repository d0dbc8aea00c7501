"""Names, codes and contacts are accepted as people type them, and stored in one spelling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from sqlalchemy import insert, select

from gateway.identity.passwords import hashed
from gateway.identity.tables import accounts
from services.kernel.clock import real_now
from tests.integration.gateway.platform import Platform

PASSWORD = "correct horse battery"


def new_account(gateway: Platform, username: str, **more: Any) -> Any:
    body = {"username": username, "password": PASSWORD, "roles": ["auditor"], "name": "李 四"} | more
    return gateway.send("operator", "POST", "/accounts", body)


def stored_before(gateway: Platform, username: str) -> None:
    """Insert an account with a name as it could be stored before the platform cleaned names."""
    row = {
        "username": username,
        "password_hash": hashed(PASSWORD, username, None),
        "name": "旧账号",
        "roles": ["auditor"],
        "active": True,
        "version": 1,
        "created_at": real_now(),
    }
    with gateway.identity.database.write() as session:
        session.execute(insert(accounts).values(**row))


@pytest.mark.parametrize("typed", ["li.si", "Li.Si", " li.si ", "ｌｉ．ｓｉ", "li\u200b.si", "LI. SI"])
def test_a_login_asks_for_no_capitals_blanks_or_width(gateway: Platform, typed: str) -> None:
    assert new_account(gateway, "li.si").status_code == 201
    assert gateway.log_in(typed, PASSWORD).status_code == 200


@pytest.mark.parametrize("typed", ["LI.SI", "ｌｉ．ｓｉ", " li.si\u200b"])
def test_an_account_is_stored_in_one_spelling_and_its_other_spellings_are_taken(gateway: Platform, typed: str) -> None:
    assert new_account(gateway, "Li.Si").get_json()["username"] == "li.si"
    refused = new_account(gateway, typed)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "username_taken")


@pytest.mark.writes_rows
@pytest.mark.parametrize("stored", ["Zhang.San", "ｚｈａｎｇ．ｓａｎ", "zhang. san"])
def test_an_account_with_an_older_spelling_keeps_working_and_cannot_be_made_again(gateway: Platform, stored: str) -> None:
    stored_before(gateway, stored)
    assert gateway.log_in(stored, PASSWORD).status_code == 200
    assert gateway.log_in("zhang.san", PASSWORD).status_code == 200
    assert gateway.send("operator", "GET", f"/accounts/{stored}").get_json()["username"] == stored
    assert new_account(gateway, "zhang.san").status_code == 409


def test_spellings_of_one_name_share_its_count_of_failures(gateway: Platform) -> None:
    for typed in ("auditor", "Auditor", " auditor", "AUDITOR", "ａｕｄｉｔｏｒ"):
        assert gateway.log_in(typed, "not the password").status_code == 401
    assert gateway.log_in("auditor").status_code == 429


def test_a_path_names_an_account_in_any_spelling(gateway: Platform) -> None:
    assert gateway.send("operator", "GET", "/accounts/ＡＵＤＩＴＯＲ").get_json()["username"] == "auditor"
    assert gateway.send("operator", "PATCH", "/accounts/Auditor%20", {"name": "新名"}).get_json()["name"] == "新名"


def test_contacts_are_stored_as_mail_and_telephone_take_them(gateway: Platform) -> None:
    made = new_account(
        gateway, "li.si", phone="０７７１－５８８６０００ 转8001", email="O'Brien＠Example.org\u200b", name="李\r\n四"
    )
    assert made.status_code == 201, made.get_json()
    seen = gateway.send("operator", "GET", "/accounts/li.si").get_json()
    assert (seen["phone"], seen["email"], seen["name"]) == ("0771-5886000转8001", "O'Brien@example.org", "李四")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", "a..b@example.org", "bad_email"),
        ("phone", "none", "bad_phone"),
        ("name", "\x00", "bad_character"),
        ("username", "李四", "bad_username"),
        ("username", "li si", "bad_username"),
        ("organisation", "000000000000000000", "bad_uscc"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(gateway: Platform, field: str, value: str, code: str) -> None:
    refused = new_account(gateway, **({"username": "li.si"} | {field: value}))
    if value == "\x00":  # In JSON, this character can occur only as an escape sequence.
        assert refused.status_code == 422
        return
    assert {error["pointer"]: error["code"] for error in refused.get_json()["errors"]} == {f"/{field}": code}


@pytest.mark.parametrize("grouped", ["{} {}", "{}-{}", "{}\u3000{}", "{}–{}"])
def test_a_code_of_the_telephone_is_taken_in_groups_and_full_width(
    gateway: Platform, monkeypatch: pytest.MonkeyPatch, grouped: str
) -> None:
    # Given a chief who switched on the second factor with a code typed in full-width digits
    proof = {"password": gateway.accounts["450200-chief"]["password"]}
    given = gateway.send("450200-chief", "POST", "/me/second-factor", proof).get_json()
    phone = pyotp.TOTP(given["secret"])
    full = str.maketrans("0123456789", "０１２３４５６７８９")
    on = gateway.send("450200-chief", "POST", "/me/second-factor/confirmation", {"code": phone.now().translate(full)})
    assert on.status_code == 200, on.get_json()

    # When the chief logs in with a code typed in groups of digits, then the code is accepted; a recovery code in capitals with a
    # dash is accepted too
    code = phone.at(real_now(), counter_offset=1)
    sent = {"username": "450200-Chief"} | proof
    login = gateway.client.post("/api/v1/auth/token", json=sent | {"code": grouped.format(code[:3], code[3:])})
    assert login.status_code == 200, login.get_json()
    recovery = on.get_json()["recovery_codes"][0].upper()
    login = gateway.client.post("/api/v1/auth/token", json=sent | {"code": f"{recovery[:5]}-{recovery[5:]}"})
    assert login.status_code == 200, login.get_json()


def test_the_client_that_logged_in_is_kept_without_control_characters(gateway_with: Callable[..., Platform]) -> None:
    gateway = gateway_with()
    gateway.log_in("auditor", headers={"User-Agent": "Browser\x85\x9b1"})
    with gateway.identity.database.read() as session:
        from gateway.identity.tables import sessions

        [client] = session.execute(select(sessions.c.client).where(sessions.c.username == "auditor")).scalars()
    assert client == "Browser 1"
