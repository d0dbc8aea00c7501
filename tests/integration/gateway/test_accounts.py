"""The operator creates, lists and changes the accounts of the platform."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.gateway.platform import Platform

NEW = {
    "username": "li4",
    "password": "correct horse",
    "roles": ["officer"],
    "bureau": "450300",
    "name": "李四",
    "phone": "13812345678",
}
EXPERT = {
    "employer": "12450000MB0AAAA01Q",
    "former_employers": [],
    "fields": ["新材料"],
    "declared_interests": ["91450200MA5KAAAA09"],
}


def test_a_new_account_can_log_in_and_the_services_hear_of_it(gateway: Platform) -> None:
    answer = gateway.send("operator", "POST", "/accounts", NEW)
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    assert gateway.log_in("li4", "correct horse").status_code == 200
    event = gateway.events()[-1]
    assert (event.type, event.subject, event.bureau) == ("account.changed", "account/li4", "450300")
    assert event.data == {
        "username": "li4",
        "roles": ["officer"],
        "bureau": "450300",
        "organisation": None,
        "active": True,
        "expert": None,
        "term_until": None,
    }
    assert gateway.audited()[-1] == ("account.changed", "account/li4")


def test_what_an_expert_has_to_do_with_whom_is_told_to_the_services(gateway: Platform) -> None:
    body = {"username": "wang5", "password": "correct horse", "roles": ["expert"], "name": "王五", "expert": EXPERT}
    assert gateway.send("operator", "POST", "/accounts", body).get_json()["expert"] == EXPERT
    event = gateway.events()[-1]
    assert (event.bureau, event.data["expert"]) == ("450000", EXPERT)


def test_the_list_masks_phones_and_me_does_not(gateway: Platform) -> None:
    gateway.send("operator", "POST", "/accounts", NEW)
    listed = gateway.send("operator", "GET", "/accounts?bureau=450300").get_json()["items"]
    assert {item["username"]: item["phone"] for item in listed}["li4"] == "138****78"
    own = gateway.log_in("li4", "correct horse").get_json()["access_token"]
    me = gateway.client.get("/api/v1/me", headers={"Authorization": f"Bearer {own}"}).get_json()
    assert me["phone"] == "13812345678"


def test_the_list_is_read_page_by_page_and_holds_everybody_once(gateway: Platform) -> None:
    names: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = gateway.send("operator", "GET", f"/accounts?limit=7{cursor and '&cursor=' + cursor}").get_json()
        names += [item["username"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert names == sorted(gateway.accounts)


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"password": "short"}, "/password", "weak_password"),
        ({"username": "Li 4"}, "/username", "bad_username"),
        ({"roles": ["king"]}, "/roles/0", "not_a_choice"),
        ({"roles": []}, "/roles", "list_length"),
        ({"roles": ["officer", "applicant"]}, "/roles", "roles_apart"),
        ({"bureau": "459999"}, "/bureau", "unknown_bureau"),
        ({"phone": "call me"}, "/phone", "bad_phone"),
        ({"version": 9}, "/version", "unknown_field"),
        ({"expert": EXPERT | {"employer": "12450000MB0AAAA01X"}}, "/expert/employer", "bad_uscc"),
    ],
)
def test_what_cannot_be_an_account_is_refused_where_it_is_wrong(
    gateway: Platform, change: dict[str, Any], pointer: str, code: str
) -> None:
    before = len(gateway.events())
    answer = gateway.send("operator", "POST", "/accounts", NEW | change)
    assert answer.status_code == 422
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in answer.get_json()["errors"]]
    assert len(gateway.events()) == before


def test_a_name_is_given_once(gateway: Platform) -> None:
    gateway.send("operator", "POST", "/accounts", NEW)
    again = gateway.send("operator", "POST", "/accounts", NEW)
    assert (again.status_code, again.get_json()["code"]) == (409, "username_taken")


def test_a_repeat_with_its_key_is_answered_and_not_done_again(gateway: Platform) -> None:
    first = gateway.send("operator", "POST", "/accounts", NEW, Idempotency_Key="k1")
    again = gateway.send("operator", "POST", "/accounts", NEW, Idempotency_Key="k1")
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    told = [event.type for event in gateway.events() if event.subject == "account/li4"]
    assert told == ["account.contact_changed", "account.changed"]


def test_the_same_key_with_another_body_is_refused(gateway: Platform) -> None:
    gateway.send("operator", "POST", "/accounts", NEW, Idempotency_Key="k1")
    other = gateway.send("operator", "POST", "/accounts", NEW | {"password": "another horse"}, Idempotency_Key="k1")
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")


def test_a_refusal_is_not_remembered(gateway: Platform) -> None:
    assert gateway.send("operator", "POST", "/accounts", NEW | {"bureau": "459999"}, Idempotency_Key="k1").status_code == 422
    assert gateway.send("operator", "POST", "/accounts", NEW, Idempotency_Key="k1").status_code == 201


def test_a_lost_race_changes_nothing(gateway: Platform) -> None:
    gateway.send("operator", "POST", "/accounts", NEW)
    assert gateway.send("operator", "PATCH", "/accounts/li4", {"name": "李"}, If_Match='"1"').headers["ETag"] == '"2"'
    lost = gateway.send("operator", "PATCH", "/accounts/li4", {"name": "里"}, If_Match='"1"')
    assert (lost.status_code, lost.get_json()["code"]) == (412, "version_changed")
    listed = gateway.send("operator", "GET", "/accounts?bureau=450300").get_json()["items"]
    assert [item["name"] for item in listed if item["username"] == "li4"] == ["李"]


def test_only_what_is_named_changes(gateway: Platform) -> None:
    gateway.send("operator", "POST", "/accounts", NEW)
    changed = gateway.send("operator", "PATCH", "/accounts/li4", {"bureau": "450400"}).get_json()
    assert (changed["bureau"], changed["name"], changed["roles"]) == ("450400", "李四", ["officer"])
    assert gateway.log_in("li4", "correct horse").status_code == 200
    gateway.send("operator", "PATCH", "/accounts/li4", {"password": "another horse"})
    assert gateway.log_in("li4", "correct horse").status_code == 401
    assert gateway.log_in("li4", "another horse").status_code == 200


@pytest.mark.parametrize("change", [{"active": False}, {"roles": ["auditor"]}])
def test_the_operator_cannot_lock_the_door_from_outside(gateway: Platform, change: dict[str, Any]) -> None:
    answer = gateway.send("operator", "PATCH", "/accounts/operator", change)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "own_account")


def test_a_person_of_the_identity_provider_is_linked_to_one_account(gateway: Platform) -> None:
    linked = {"external": "https://sso.example#u-1"}
    assert gateway.send("operator", "PATCH", "/accounts/expert-1", linked).status_code == 200
    again = gateway.send("operator", "PATCH", "/accounts/expert-2", linked)
    assert (again.status_code, again.get_json()["code"]) == (409, "external_taken")


def test_an_unknown_account_is_not_found(gateway: Platform) -> None:
    assert gateway.send("operator", "PATCH", "/accounts/nobody-here", {"name": "x"}).status_code == 404
