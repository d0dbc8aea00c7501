"""An organisation asks for its first account; its city's bureau, or the province, decides."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from deploy.parts.postgres import Postgres
from tests.integration.gateway.platform import Platform

ASKED = {
    "uscc": "91450200MA5KAAAA09",
    "name": "柳州示例智能装备有限公司",
    "region": "450203",
    "kind": "enterprise",
    "contact": {"name": "赵六", "phone": "13900001111"},
    "username": "liuzhou-demo",
    "password": "correct horse",
}


RIVAL = ASKED | {"uscc": "12450000MB0AAAA01Q", "username": "rival"}
ONE_MORE = "91450200MA5KBBBB0Y"


def asked(gateway: Platform, **change: Any) -> str:
    answer = gateway.send("", "POST", "/registrations", ASKED | change)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def decide(gateway: Platform, who: str, id: str, **body: Any) -> Any:
    return gateway.send(who, "POST", f"/registrations/{id}/approval", body)


def test_anybody_may_ask_and_learns_who_decides(gateway: Platform) -> None:
    answer = gateway.send("", "POST", "/registrations", ASKED).get_json()
    assert (answer["status"], answer["bureau"]) == ("pending", "450200")
    event = gateway.events()[-1]
    assert (event.type, event.bureau, event.data["uscc"]) == ("registration.requested", "450200", ASKED["uscc"])
    assert "contact" not in event.data


def test_before_it_is_approved_nobody_logs_in(gateway: Platform) -> None:
    asked(gateway)
    assert gateway.log_in("liuzhou-demo", "correct horse").status_code == 401


@pytest.mark.parametrize("who", ["450200-officer", "450200-chief", "450000-officer"])
def test_the_city_or_the_province_approves_and_the_account_is_there(gateway: Platform, who: str) -> None:
    id = asked(gateway)
    answer = decide(gateway, who, id, decision="approve")
    assert (answer.status_code, answer.get_json()["status"], answer.get_json()["decided_by"]) == (200, "approved", who)
    token = gateway.log_in("liuzhou-demo", "correct horse").get_json()["access_token"]
    me = gateway.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).get_json()
    assert (me["roles"], me["organisation"], me["name"]) == (["applicant"], ASKED["uscc"], "赵六")
    changed, approved = gateway.events()[-2:]
    assert (changed.type, changed.data["organisation"]) == ("account.changed", ASKED["uscc"])
    assert approved.type == "registration.approved"
    assert approved.data["article"] == "A6(1)"
    assert {name: approved.data[name] for name in ("uscc", "name", "region", "kind", "username")} == {
        name: ASKED[name] for name in ("uscc", "name", "region", "kind", "username")
    }


def test_another_citys_bureau_does_not_even_know_of_it(gateway: Platform) -> None:
    id = asked(gateway)
    assert decide(gateway, "450300-chief", id, decision="approve").status_code == 404
    assert gateway.send("450300-chief", "GET", "/registrations?status=pending").get_json()["items"] == []
    assert [
        item["id"] for item in gateway.send("450200-officer", "GET", "/registrations?status=pending").get_json()["items"]
    ] == [id]


def test_the_province_sees_all_newest_first(gateway: Platform) -> None:
    first = asked(gateway)
    second = asked(gateway, region="440305", username="shenzhen-demo", uscc="12450000MB0AAAA01Q")
    pending = gateway.send("450000-chief", "GET", "/registrations?status=pending").get_json()["items"]
    assert [(item["id"], item["bureau"]) for item in pending] == [(second, "450000"), (first, "450200")]
    assert "password_hash" not in pending[0]


def test_a_refusal_needs_its_reason(gateway: Platform) -> None:
    id = asked(gateway)
    answer = decide(gateway, "450200-chief", id, decision="refuse")
    assert answer.get_json()["errors"][0]["code"] == "reason_required"
    assert decide(gateway, "450200-chief", id, decision="refuse", reason="执照不清").get_json()["status"] == "refused"
    assert (gateway.events()[-1].type, gateway.events()[-1].data["reason"]) == ("registration.refused", "执照不清")
    assert gateway.log_in("liuzhou-demo", "correct horse").status_code == 401


def test_a_decided_one_stays_decided(gateway: Platform) -> None:
    id = asked(gateway)
    decide(gateway, "450200-chief", id, decision="approve")
    again = decide(gateway, "450200-chief", id, decision="refuse", reason="x").get_json()
    assert (again["status"], again["code"], again["current_status"]) == (409, "already_decided", "approved")


def test_after_a_refusal_one_may_ask_again(gateway: Platform) -> None:
    decide(gateway, "450200-chief", asked(gateway), decision="refuse", reason="执照不清")
    assert decide(gateway, "450200-chief", asked(gateway), decision="approve").status_code == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"username": "operator"}, "username_taken"),
        ({"username": "system"}, "username_taken"),
        ({"username": "liuzhou-demo", "uscc": "12450000MB0AAAA01Q"}, "username_taken"),
    ],
)
def test_a_name_in_use_or_asked_for_is_taken(gateway: Platform, change: dict[str, Any], code: str) -> None:
    asked(gateway)
    answer = gateway.send("", "POST", "/registrations", ASKED | change)
    assert (answer.status_code, answer.get_json()["code"]) == (409, code)


def test_an_organisation_with_an_account_asks_its_holder(gateway: Platform) -> None:
    uscc = gateway.accounts["applicant-1"]["organisation"]
    answer = gateway.send("", "POST", "/registrations", ASKED | {"uscc": uscc})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "organisation_has_account")


def test_of_two_that_ask_for_one_organisation_one_is_approved(gateway: Platform) -> None:
    first, second = asked(gateway), asked(gateway, username="another")
    assert decide(gateway, "450200-chief", first, decision="approve").status_code == 200
    late = decide(gateway, "450200-chief", second, decision="approve").get_json()
    assert late["code"] == "organisation_has_account"
    items = gateway.send("450200-chief", "GET", "/registrations?status=pending").get_json()["items"]
    assert [item["id"] for item in items] == [second]


def test_of_many_who_decide_at_once_one_does(tmp_path: Path, postgres: Postgres) -> None:
    gateway = Platform(tmp_path / "var", db_gateway=postgres.create_database("registrations"))
    id = asked(gateway)
    officials = ["450200-chief", "450200-officer", "450000-chief", "450000-officer"]
    for who in officials:
        gateway.token(who)  # logged in before they race
    with ThreadPoolExecutor(8) as pool:
        statuses = pool.map(lambda who: decide(gateway, who, id, decision="approve").status_code, officials * 2)
        assert sorted(statuses) == [200, *[409] * 7]
        names = pool.map(lambda _: gateway.send("", "POST", "/registrations", RIVAL).status_code, range(8))
        assert sorted(names) == [201, *[409] * 7]
        twice = [asked(gateway, uscc=ONE_MORE, username=f"too-{place}") for place in range(4)]
        statuses = pool.map(lambda id: decide(gateway, "450200-chief", id, decision="approve").status_code, twice)
        assert sorted(statuses) == [200, *[409] * 3]
    gateway.close()
