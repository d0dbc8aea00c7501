"""Personal data: only accounts that need the data may read them, each reading is recorded, their owner can export them, and they
can be erased."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from services.kernel.persistence.tables import idempotency
from tests.integration.gateway.platform import Platform

NEW = {
    "username": "li4",
    "password": "correct horse",
    "roles": ["officer"],
    "bureau": "450300",
    "name": "李四",
    "phone": "13812345678",
    "email": "li4@example.cn",
}
ASKED = {
    "uscc": "91450200MA5KAAAA09",
    "name": "柳州示例智能装备有限公司",
    "region": "450203",
    "kind": "enterprise",
    "contact": {"name": "张三", "phone": "13912345678", "email": "zhang3@example.cn"},
    "username": "zhang3",
    "password": "correct horse",
}


def made(gateway: Platform) -> None:
    assert gateway.send("operator", "POST", "/accounts", NEW).status_code == 201
    gateway._tokens["li4"] = gateway.log_in("li4", "correct horse").get_json()["access_token"]


def test_who_opens_an_account_unmasked_is_written_down_and_its_owner_sees_it(gateway: Platform) -> None:
    made(gateway)
    assert gateway.send("operator", "GET", "/accounts/li4").get_json()["phone"] == "13812345678"
    looks = gateway.send("li4", "GET", "/me/access-log").get_json()["items"]
    assert [(look["by"], look["role"], look["what"]) for look in looks] == [("operator", "operator", "contact")]
    assert gateway.send("auditor", "GET", "/accounts/li4/access-log").get_json()["items"] == looks


def test_a_list_of_registrations_masks_and_opening_one_is_written_down(gateway: Platform) -> None:
    id = gateway.send("", "POST", "/registrations", ASKED).get_json()["id"]
    [listed] = gateway.send("450200-officer", "GET", "/registrations?status=pending").get_json()["items"]
    assert (listed["contact"]["phone"], listed["contact"]["email"]) == ("139****78", "z***@example.cn")
    opened = gateway.send("450200-officer", "GET", f"/registrations/{id}").get_json()
    assert opened["contact"]["phone"] == "13912345678"
    assert gateway.send("450300-officer", "GET", f"/registrations/{id}").status_code == 404


def test_who_looked_at_a_registration_is_seen_by_whom_the_account_is_made_for(gateway: Platform) -> None:
    registered(gateway)
    looks = gateway.send("zhang3", "GET", "/me/access-log").get_json()["items"]
    assert [look["by"] for look in looks] == ["450200-officer"]
    assert gateway.send("auditor", "GET", "/accounts/zhang3/access-log").get_json()["items"] == looks
    assert len(gateway.send("zhang3", "GET", "/me/data").get_json()["identity"]["looks"]) == 1


def test_deciding_a_registration_shows_no_more_than_the_list(gateway: Platform) -> None:
    id = gateway.send("", "POST", "/registrations", ASKED).get_json()["id"]
    decided = gateway.send("450200-officer", "POST", f"/registrations/{id}/approval", {"decision": "approve"}).get_json()
    assert (decided["contact"]["phone"], decided["contact"]["email"]) == ("139****78", "z***@example.cn")


def test_nobody_gets_what_another_gave_who_asked_for_the_same_name_before(gateway: Platform) -> None:
    refused = gateway.send("", "POST", "/registrations", ASKED | {"contact": {"name": "旁人", "phone": "13700000000"}}).get_json()
    refusal = {"decision": "refuse", "reason": "材料不符"}
    gateway.send("450200-officer", "POST", f"/registrations/{refused['id']}/approval", refusal)
    id = registered(gateway)
    data = gateway.send("zhang3", "GET", "/me/data").get_json()["identity"]
    assert [one["id"] for one in data["registrations"]] == [id]
    assert "旁人" not in str(data)


def registered(gateway: Platform) -> str:
    """Create an account by a registration that an officer has read and approved, and log in; return the registration's id."""
    id = str(gateway.send("", "POST", "/registrations", ASKED).get_json()["id"])
    gateway.send("450200-officer", "GET", f"/registrations/{id}")
    gateway.send("450200-officer", "POST", f"/registrations/{id}/approval", {"decision": "approve"})
    gateway._tokens["zhang3"] = gateway.log_in("zhang3", "correct horse").get_json()["access_token"]
    return id


def test_erasing_an_account_leaves_what_others_gave_who_asked_for_its_name(gateway: Platform) -> None:
    # Given an account, an earlier registration of the same organisation that was refused, and a registration of another
    # organisation for the same account name
    other = {"uscc": "12450000MB0AAAA01Q", "contact": {"name": "旁人", "phone": "13700000000"}}
    first = gateway.send("", "POST", "/registrations", ASKED).get_json()["id"]
    gateway.send("450200-officer", "POST", f"/registrations/{first}/approval", {"decision": "refuse", "reason": "材料不符"})
    rival = gateway.send("", "POST", "/registrations", ASKED | other).get_json()["id"]
    registered(gateway)
    # When the account is erased
    gateway.send("operator", "POST", "/accounts/zhang3/erasure")
    # Then the data of the account's own organisation are deleted, and the other organisation's registration is unchanged
    items = gateway.send("450000-officer", "GET", "/registrations").get_json()["items"]
    names = {item["id"]: item["contact"]["name"] for item in items}
    assert names[rival] == "旁人"
    assert ASKED["contact"]["name"] not in names.values()


def test_everybody_gets_what_is_kept_of_them(gateway: Platform) -> None:
    made(gateway)
    data: dict[str, Any] = gateway.send("li4", "GET", "/me/data").get_json()["identity"]
    assert (data["account"]["phone"], data["account"]["email"]) == ("13812345678", "li4@example.cn")
    assert len(data["sessions"]) == 1
    assert "password" not in str(data)


def test_an_erased_account_is_closed_and_the_person_forgotten(gateway: Platform) -> None:
    made(gateway)
    answer = gateway.send("li4", "POST", "/me/erasure", {"password": "correct horse"})
    assert answer.status_code == 200, answer.get_json()
    shown = gateway.send("operator", "GET", "/accounts/li4").get_json()
    assert (shown["active"], shown["phone"], shown["email"]) == (False, None, None)
    assert "李四" not in shown["name"]
    assert gateway.send("li4", "GET", "/me").status_code == 401
    assert gateway.log_in("li4", "correct horse").status_code == 401
    assert [event.type for event in gateway.events()][-1] == "account.erased"
    # The events in the outbox do not contain the data either. The bus is down, so none of them has been sent.
    assert "13812345678" not in str(gateway.events())
    # and no new account may get the erased account's name, because the signatures under this name are those of the erased person
    assert gateway.send("operator", "POST", "/accounts", NEW).get_json()["code"] == "username_taken"
    for change in ({"active": True, "password": "another horse"}, {"external": "https://sso#u-1"}):
        assert gateway.send("operator", "PATCH", "/accounts/li4", change).get_json()["code"] == "account_erased"


def test_erasure_forgets_what_was_given_at_registration(gateway: Platform) -> None:
    id = gateway.send("", "POST", "/registrations", ASKED).get_json()["id"]
    gateway.send("450200-officer", "POST", f"/registrations/{id}/approval", {"decision": "approve"})
    assert gateway.send("operator", "POST", "/accounts/zhang3/erasure").status_code == 200
    opened = gateway.send("450200-officer", "GET", f"/registrations/{id}").get_json()
    assert "张三" not in str(opened)
    assert "13912345678" not in str(opened)


def test_an_operator_does_not_erase_the_own_account(gateway: Platform) -> None:
    assert gateway.send("operator", "POST", "/accounts/operator/erasure").get_json()["code"] == "own_account"


def test_erasure_drops_the_stored_answers_about_the_person(gateway: Platform) -> None:
    # Given stored answers to requests: an answer to the operator, which names the account, and an answer to the bureau, which
    # shows the contact
    id = gateway.send("", "POST", "/registrations", ASKED).get_json()["id"]
    gateway.send("450200-officer", "POST", f"/registrations/{id}/approval", {"decision": "approve"}, Idempotency_Key="k")
    gateway.send("operator", "PATCH", "/accounts/zhang3", {"name": "张三丰"})
    # When the person is erased
    assert gateway.send("operator", "POST", "/accounts/zhang3/erasure").status_code == 200
    # Then no stored answer contains the person's data
    with gateway.identity.database.read() as session:
        kept = session.execute(select(idempotency.c.command, idempotency.c.answer)).all()
    assert [row.command for row in kept if "张三" in str(row.answer) or id in str(row.answer)] == []
