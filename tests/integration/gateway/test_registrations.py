"""An organisation requests its first account; its city's bureau, or the province, decides."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.invented import new_code
from deploy.local_services.postgres import Postgres
from gateway.auth.login_throttle import RECEIPTS_FROM
from gateway.identity.registrations import new_receipt
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
    assert answer.status_code == 202, answer.text
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


def shown(gateway: Platform, id: str, who: str = "450200-officer") -> dict[str, Any]:
    """Return the registration as the bureau reads it. The list must show the same as the opened registration, except the
    contact."""
    opened: dict[str, Any] = gateway.send(who, "GET", f"/registrations/{id}").get_json()
    [listed] = [item for item in gateway.send(who, "GET", "/registrations").get_json()["items"] if item["id"] == id]
    assert listed | {"contact": None} == opened | {"contact": None}
    return opened


TAKEN = ("operator", "system", "applicant-1", "OPERATOR ")


@pytest.mark.parametrize("username", TAKEN)
def test_asking_tells_nobody_which_names_exist(gateway: Platform, username: str) -> None:
    # Given two registrations: one requests an account name that is free, and one a name that is in use
    free, taken = (
        gateway.send("", "POST", "/registrations", ASKED | {"username": name}).get_json() for name in ("is-free", username)
    )
    # Then both are accepted, and the answers differ only in the requested name and in each registration's own id and receipt
    own = ("id", "receipt", "username")
    assert {name: free[name] for name in free if name not in own} == {name: taken[name] for name in taken if name not in own}
    assert free.keys() == taken.keys()
    # And both receipts show the same status
    for answer in (free, taken):
        assert status(gateway, answer["receipt"])["status"] == "pending"
    # And only the bureau learns that the requested name is in use, and assigns another name
    assert (shown(gateway, free["id"])["username_taken"], shown(gateway, taken["id"])["username_taken"]) == (False, True)
    refused = decide(gateway, "450200-officer", taken["id"], decision="approve")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "username_taken")
    approved = decide(gateway, "450200-officer", taken["id"], decision="approve", username="liuzhou-2")
    assert (approved.status_code, approved.get_json()["username"]) == (200, "liuzhou-2")
    # Then the receipt shows the name that the bureau assigned
    seen = status(gateway, taken["receipt"])
    assert (seen["status"], seen["username"], seen["reason"]) == ("approved", "liuzhou-2", None)
    assert gateway.log_in("liuzhou-2", "correct horse").status_code == 200
    assert gateway.events()[-1].data["username"] == "liuzhou-2"


def test_a_name_asked_for_twice_is_the_first_approveds(gateway: Platform) -> None:
    first, second = asked(gateway), asked(gateway, uscc=RIVAL["uscc"])
    assert decide(gateway, "450200-chief", first, decision="approve").status_code == 200
    assert shown(gateway, second)["username_taken"] is True
    assert decide(gateway, "450200-chief", second, decision="approve").get_json()["code"] == "username_taken"
    assert decide(gateway, "450200-chief", second, decision="approve", username="other").status_code == 200


@pytest.mark.parametrize("username", ["operator", "a b"])
def test_an_assigned_name_is_free_and_sound(gateway: Platform, username: str) -> None:
    answer = decide(gateway, "450200-chief", asked(gateway), decision="approve", username=username)
    assert (answer.status_code, answer.get_json()["code"]) in ((409, "username_taken"), (422, "invalid_input"))
    assert gateway.log_in("liuzhou-demo", "correct horse").status_code == 401


def test_asking_tells_nobody_which_organisations_have_an_account(gateway: Platform) -> None:
    uscc = gateway.accounts["applicant-1"]["organisation"]
    id = asked(gateway, uscc=uscc)
    assert shown(gateway, id)["organisation_has_account"] is True
    answer = decide(gateway, "450200-officer", id, decision="approve", username="another-name")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "organisation_has_account")


def status(gateway: Platform, receipt: str) -> Any:
    return gateway.client.get(f"/api/v1/registrations/receipts/{receipt}").get_json()


def test_a_receipt_shows_how_the_request_stands_and_no_more(gateway: Platform) -> None:
    receipt = gateway.send("", "POST", "/registrations", ASKED).get_json()["receipt"]
    seen = status(gateway, receipt)
    assert seen == {
        "receipt": receipt,
        "status": "pending",
        "bureau": "450200",
        "username": None,
        "reason": None,
        "requested_at": seen["requested_at"],
        "decided_at": None,
    }
    # The receipt is accepted in any spelling: with or without dashes, in capitals or not.
    assert status(gateway, f" {receipt.lower().replace('-', ' ')}") == status(gateway, receipt.replace("-", "")) == seen
    # When the bureau refuses the registration with a reason, then the receipt shows the reason.
    [id] = [item["id"] for item in gateway.send("450200-officer", "GET", "/registrations?status=pending").get_json()["items"]]
    decide(gateway, "450200-chief", id, decision="refuse", reason="执照不清")
    assert [status(gateway, receipt)[name] for name in ("status", "reason", "username")] == ["refused", "执照不清", None]
    assert status(gateway, "K7WQ2-K7WQ2-K7WQ2-K7WQ2")["code"] == "receipt_not_found"
    # And no official can read the receipt
    assert receipt not in gateway.send("450200-officer", "GET", f"/registrations/{id}").text


def test_a_repeated_request_gets_the_same_receipt(gateway: Platform) -> None:
    twice = [gateway.send("", "POST", "/registrations", ASKED, Idempotency_Key="once").get_json() for _ in range(2)]
    assert twice[0] == twice[1]
    assert len(gateway.send("450200-officer", "GET", "/registrations?status=pending").get_json()["items"]) == 1


def test_receipts_are_not_guessed(gateway_with: Callable[..., Platform]) -> None:
    gateway = gateway_with(rate_limit="6000")
    receipt = gateway.send("", "POST", "/registrations", ASKED).get_json()["receipt"]
    # Reading one's own receipt is never limited.
    assert {status(gateway, receipt)["status"] for _ in range(2 * RECEIPTS_FROM)} == {"pending"}
    # Given as many wrong receipts as are allowed, Then further wrong receipts are refused
    codes = [status(gateway, f"K7WQ2-K7WQ2-K7WQ2-{n:05}")["code"] for n in range(RECEIPTS_FROM + 1)]
    assert codes == [*["receipt_not_found"] * RECEIPTS_FROM, "too_many_attempts"]
    assert len({new_receipt() for _ in range(1000)}) == 1000


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
        gateway.token(who)  # The official logs in before the race begins.
    with ThreadPoolExecutor(8) as pool:
        statuses = pool.map(lambda who: decide(gateway, who, id, decision="approve").status_code, officials * 2)
        assert sorted(statuses) == [200, *[409] * 7]
        rivals = [asked(gateway, uscc=new_code("450200", "enterprise"), username="rival") for _ in range(4)]
        statuses = pool.map(lambda id: decide(gateway, "450200-chief", id, decision="approve").status_code, rivals)
        assert sorted(statuses) == [200, *[409] * 3]
        twice = [asked(gateway, uscc=ONE_MORE, username=f"too-{place}") for place in range(4)]
        statuses = pool.map(lambda id: decide(gateway, "450200-chief", id, decision="approve").status_code, twice)
        assert sorted(statuses) == [200, *[409] * 3]
    gateway.close()
