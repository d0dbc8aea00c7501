"""A code proves an account's e-mail and telephone, and a link to a proved e-mail replaces a forgotten password."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from deploy import composition
from gateway.identity.tables import accounts, proofs
from services.kernel.clock import real_now
from tests.integration.gateway.platform import Platform

WHO = "450200-officer"
NEW = "new password 7"


def change(gateway: Platform, **contact: Any) -> Any:
    return gateway.send(WHO, "PATCH", "/me", {"password": gateway.accounts[WHO]["password"]} | contact)


def codes(gateway: Platform) -> list[str]:
    return [event.data["code"] for event in gateway.events() if event.type == "contact.code_sent"]


def confirm(gateway: Platform, code: str) -> Any:
    return gateway.send(WHO, "POST", "/me/contact-confirmation", {"code": code})


def verified(gateway: Platform, email: str = "officer@example.cn") -> None:
    change(gateway, email=email)
    assert confirm(gateway, codes(gateway)[-1]).status_code == 200


def resets(gateway: Platform) -> list[dict[str, Any]]:
    return [event.data for event in gateway.events() if event.type == "password.reset_requested"]


def request(gateway: Platform, username: str = WHO) -> Any:
    return gateway.send("", "POST", "/auth/password-reset", {"username": username})


def link(gateway: Platform, reset: str, *, by: str = "notification", seconds: float = 60) -> str:
    """Return the token that the notification service puts into the e-mail about a password reset."""
    statement = composition.signer(by, gateway.settings).statement({"reset": reset}, seconds=seconds)
    return base64.urlsafe_b64encode(statement.encode()).decode().rstrip("=")


def use(gateway: Platform, token: str, password: str = NEW) -> Any:
    return gateway.send("", "POST", "/auth/password-reset/confirmation", {"token": token, "password": password})


# Changes of an account's e-mail address and telephone


def test_a_new_address_counts_once_its_code_was_given(gateway: Platform) -> None:
    before = gateway.send(WHO, "GET", "/me").get_json()["email"]
    asked = change(gateway, email="new@example.cn")
    assert (asked.status_code, asked.get_json()["pending"], asked.get_json()["email"]) == (200, ["email"], before)
    [event] = [event for event in gateway.events() if event.type == "contact.code_sent"]
    assert (event.data["to"], event.data["channel"], event.data["language"]) == ("new@example.cn", "email", "zh")
    # When the account's owner enters a wrong code, then the account's address does not change
    assert confirm(gateway, "00000000" if event.data["code"] != "00000000" else "00000001").status_code == 422
    assert gateway.send(WHO, "GET", "/me").get_json()["email"] == before
    # When the owner enters the right code, then the new address is the account's and counts as verified, and an event gives it to
    # the service that sends letters
    answer = confirm(gateway, event.data["code"]).get_json()
    assert (answer["email"], answer["verified"], answer["pending"]) == ("new@example.cn", ["email"], [])
    assert gateway.events()[-2].type == "account.contact_changed"
    assert gateway.events()[-2].data["email"] == "new@example.cn"
    # And the code cannot be used a second time
    assert confirm(gateway, event.data["code"]).status_code == 422


def test_a_second_request_takes_the_place_of_the_first(gateway: Platform) -> None:
    change(gateway, email="one@example.cn")
    change(gateway, email="two@example.cn", phone="13812345678")
    first, second, sms = codes(gateway)
    assert confirm(gateway, first).status_code == 422
    assert confirm(gateway, second).get_json()["email"] == "two@example.cn"
    assert confirm(gateway, sms).get_json()["verified"] == ["email", "phone"]


def test_a_code_is_over_after_half_an_hour(gateway: Platform) -> None:
    change(gateway, email="new@example.cn")
    with gateway.identity.database.write() as session:
        session.execute(update(proofs).values(until=real_now() - timedelta(seconds=1)))
    assert confirm(gateway, codes(gateway)[0]).status_code == 422
    assert gateway.send(WHO, "GET", "/me").get_json()["verified"] == []


def test_wrong_codes_are_counted(gateway: Platform) -> None:
    change(gateway, email="new@example.cn")
    wrong = str((int(codes(gateway)[0]) + 1) % 10**8).zfill(8)
    assert [confirm(gateway, wrong).status_code for _ in range(6)] == [422] * 5 + [429]


def test_an_address_is_taken_away_at_once_and_needs_the_password_like_every_change(gateway: Platform) -> None:
    verified(gateway)
    assert gateway.send(WHO, "PATCH", "/me", {"email": None, "password": "wrong password"}).status_code == 422
    answer = change(gateway, email=None).get_json()
    assert (answer["email"], answer["verified"]) == (None, [])


def test_what_the_operator_enters_is_not_verified(gateway: Platform) -> None:
    verified(gateway)
    gateway.send("operator", "PATCH", f"/accounts/{WHO}", {"name": "改名"})
    assert gateway.send("operator", "GET", f"/accounts/{WHO}").get_json()["verified"] == ["email"]
    gateway.send("operator", "PATCH", f"/accounts/{WHO}", {"email": "other@example.cn"})
    assert gateway.send("operator", "GET", f"/accounts/{WHO}").get_json()["verified"] == []


# Forgotten passwords


def test_a_link_sets_a_new_password_once_and_ends_all_logins(gateway: Platform) -> None:
    verified(gateway)
    old = gateway.token(WHO)
    assert request(gateway).status_code == 202
    [asked] = resets(gateway)
    token = link(gateway, asked["reset"])
    # A weak password is refused, and the link can still be used.
    weak = use(gateway, token, "short")
    assert (weak.status_code, weak.get_json()["errors"][0]["pointer"]) == (422, "/password")
    assert use(gateway, token).get_json()["closed"] == 1
    ended = gateway.client.get("/api/v1/me", headers={"Authorization": f"Bearer {old}"})
    assert (ended.status_code, gateway.log_in(WHO).status_code, gateway.log_in(WHO, NEW).status_code) == (401, 401, 200)
    assert [event.type for event in gateway.events()][-1] == "password.reset"
    assert ("password.reset", f"account/{WHO}") in gateway.audited()
    # And the link cannot be used a second time
    assert use(gateway, token, "another password 8").get_json()["errors"][0]["code"] == "reset_refused"


def test_a_newer_request_ends_the_link_of_an_older_one(gateway: Platform) -> None:
    verified(gateway)
    request(gateway)
    request(gateway)
    first, second = resets(gateway)
    assert use(gateway, link(gateway, first["reset"])).status_code == 422
    assert use(gateway, link(gateway, second["reset"])).status_code == 200


@pytest.mark.parametrize("case", ["forged", "expired", "over", "garbage"])
def test_other_links_are_refused(gateway: Platform, case: str) -> None:
    verified(gateway)
    request(gateway)
    reset = resets(gateway)[0]["reset"]
    token = {
        "forged": lambda: link(gateway, reset, by="documents"),
        "expired": lambda: link(gateway, reset, seconds=-1),
        "over": lambda: link(gateway, reset),
        "garbage": lambda: "no token at all",
    }[case]()
    if case == "over":
        with gateway.identity.database.write() as session:
            session.execute(update(proofs).values(until=real_now() - timedelta(seconds=1)))
    refused = use(gateway, token)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/token")
    assert gateway.log_in(WHO).status_code == 200


@pytest.mark.writes_rows
@pytest.mark.parametrize("why", ["unknown", "unverified", "closed", "external"])
def test_the_answer_does_not_say_whether_a_letter_goes_out(gateway: Platform, why: str) -> None:
    if why in ("closed", "external"):
        verified(gateway)
        values = {"active": False} if why == "closed" else {"password_hash": None, "external": "https://sso#1"}
        with gateway.identity.database.write() as session:
            session.execute(update(accounts).where(accounts.c.username == WHO).values(**values))
    answer = request(gateway, "nobody-here" if why == "unknown" else WHO)
    assert (answer.status_code, answer.get_json(), resets(gateway)) == (202, {"minutes": 30}, [])


def test_requests_are_counted_for_names_that_are_there_and_for_others_alike(gateway: Platform) -> None:
    assert [request(gateway, name).status_code for name in (WHO,) * 4] == [202] * 3 + [429]
    assert [request(gateway, "nobody-here").status_code for _ in range(4)] == [202] * 3 + [429]


def test_an_erased_account_leaves_no_address_and_no_code(gateway: Platform) -> None:
    change(gateway, email="secret@example.cn")
    gateway.send(WHO, "POST", "/me/erasure", {"password": gateway.accounts[WHO]["password"]})
    assert [event.type for event in gateway.events() if event.type == "contact.code_sent"] == []
    with gateway.identity.database.read() as session:
        assert session.execute(select(proofs)).all() == []


def test_what_is_over_is_dropped(gateway: Platform) -> None:
    change(gateway, email="new@example.cn")
    with gateway.identity.database.write() as session:
        session.execute(update(proofs).values(until=real_now() - timedelta(seconds=1)))
    assert "proofs" in [done["sweep"] for done in gateway.identity.sweep()]
    with gateway.identity.database.read() as session:
        assert session.execute(select(proofs)).all() == []
