"""The province manages its own pool of experts and third parties (A6(2))."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from gateway.identity.tables import accounts
from services.kernel.clock import local_date, real_now
from tests.integration.gateway.platform import Platform

OFFICER, CHIEF = "450000-officer", "450000-chief"
EXPERT = {
    "kind": "expert",
    "username": "expert-new",
    "password": "correct horse",
    "name": "覃明",
    "phone": "13812345678",
    "expert": {"employer": "12450000MB0AAAA01Q", "fields": ["甘蔗育种"]},
}
INSTITUTION = {
    "kind": "third_party",
    "username": "institute-new",
    "password": "correct horse",
    "name": "示例评审中心",
    "organisation": "12450000MB0AAAA01Q",
}


def day(after: int) -> str:
    return (local_date(real_now()) + timedelta(days=after)).isoformat()


def add(gateway: Platform, who: str = OFFICER, **more: Any) -> Any:
    return gateway.send(who, "POST", "/reviewers", EXPERT | more)


def listed(gateway: Platform, query: str = "", who: str = OFFICER) -> list[str]:
    answer = gateway.send(who, "GET", f"/reviewers?limit=200{query}")
    return [item["username"] for item in answer.get_json()["items"]]


def verified(gateway: Platform) -> list[str] | None:
    with gateway.identity.database.read() as session:
        found: list[str] | None = session.execute(select(accounts.c.verified).where(accounts.c.username == "expert-new")).scalar()
    return found


@pytest.mark.parametrize("body", [EXPERT, INSTITUTION])
def test_the_province_adds_a_reviewer_who_logs_in(gateway: Platform, body: dict[str, Any]) -> None:
    added = gateway.send(OFFICER, "POST", "/reviewers", body | {"until": day(365), "reason": "增补"})
    assert added.status_code == 201
    answer = added.get_json()
    assert (answer["kind"], answer["state"], answer["until"]) == (body["kind"], "active", day(365))
    [line] = answer["history"]
    assert (line["act"], line["by"], line["until"], line["reason"]) == ("added", OFFICER, day(365), "增补")
    assert gateway.log_in(body["username"], "correct horse").status_code == 200
    # And the review service receives the account and its term
    event = next(event for event in reversed(gateway.events()) if event.type == "account.changed")
    assert (event.subject, event.data["roles"], event.data["term_until"]) == (
        f"account/{body['username']}",
        [body["kind"]],
        day(365),
    )


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"expert": None}, "/expert"),
        ({"kind": "officer"}, "/kind"),
        ({"organisation": "12450000MB0AAAA01Q"}, "/organisation"),
        ({"until": day(-1)}, "/until"),
    ],
)
def test_what_is_no_sound_reviewer_is_refused_at_its_field(gateway: Platform, more: dict[str, Any], pointer: str) -> None:
    refused = add(gateway, **more)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_cities_neither_read_nor_keep_the_pool(gateway: Platform) -> None:
    add(gateway)
    for who in ("450200-officer", "450200-chief"):
        for method, path, body in (
            ("GET", "/reviewers", None),
            ("GET", "/reviewers/expert-new", None),
            ("POST", "/reviewers", EXPERT | {"username": "another"}),
            ("PATCH", "/reviewers/expert-new", {"name": "改"}),
            ("POST", "/reviewers/expert-new/renewal", {}),
            ("POST", "/reviewers/expert-new/closing", {"reason": "退休"}),
        ):
            answer = gateway.send(who, method, path, body)
            assert (answer.status_code, answer.get_json()["code"]) == (403, "province_only"), (method, path)


def test_the_pool_is_of_reviewers_alone(gateway: Platform) -> None:
    for method, path, body in (
        ("GET", "/reviewers/450200-officer", None),
        ("PATCH", "/reviewers/450200-officer", {"name": "改"}),
        ("POST", "/reviewers/operator/closing", {"reason": "越权"}),
        ("POST", "/reviewers/no-such-account/renewal", {}),
    ):
        answer = gateway.send(CHIEF, method, path, body)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "unknown_reviewer")
    kinds = {item["kind"] for item in gateway.send("auditor", "GET", "/reviewers?limit=200").get_json()["items"]}
    assert kinds == {"expert", "third_party"}


def test_a_closed_reviewer_logs_in_no_more_until_renewed(gateway: Platform) -> None:
    add(gateway)
    closed = gateway.send(CHIEF, "POST", "/reviewers/expert-new/closing", {"reason": "退休"}).get_json()
    assert (closed["state"], closed["history"][-1]["reason"]) == ("closed", "退休")
    assert gateway.log_in("expert-new", "correct horse").status_code == 401
    assert gateway.events()[-1].data["active"] is False
    again = gateway.send(CHIEF, "POST", "/reviewers/expert-new/closing", {"reason": "退休"})
    assert (again.status_code, again.get_json()["code"]) == (409, "reviewer_closed")
    renewed = gateway.send(OFFICER, "POST", "/reviewers/expert-new/renewal", {"until": day(30), "reason": "返聘"}).get_json()
    assert (renewed["state"], renewed["until"]) == ("active", day(30))
    assert [line["act"] for line in renewed["history"]] == ["added", "closed", "renewed"]
    assert gateway.log_in("expert-new", "correct horse").status_code == 200


def test_a_change_needs_the_version_that_was_read_and_reaches_review(gateway: Platform) -> None:
    etag = add(gateway).headers["ETag"]
    body = {"expert": {"employer": "12450000MB0AAAA01Q", "declared_interests": ["91450200MA5KAAAA09"]}}
    changed = gateway.send(OFFICER, "PATCH", "/reviewers/expert-new", body, If_Match=etag)
    assert changed.get_json()["expert"]["declared_interests"] == ["91450200MA5KAAAA09"]
    assert gateway.events()[-1].data["expert"]["declared_interests"] == ["91450200MA5KAAAA09"]
    assert gateway.send(OFFICER, "PATCH", "/reviewers/expert-new", body, If_Match=etag).status_code == 412
    reset = gateway.send(OFFICER, "PATCH", "/reviewers/expert-new", {"password": "another horse"})
    assert reset.status_code == 200
    assert gateway.log_in("expert-new", "another horse").status_code == 200


def test_an_address_that_the_province_changed_is_verified_no_more(gateway: Platform) -> None:
    # Given a reviewer with a verified e-mail address, to which the platform sends links for a new password
    add(gateway, email="expert@example.cn")
    with gateway.identity.database.write() as session:
        session.execute(update(accounts).where(accounts.c.username == "expert-new").values(verified=["email"]))
    # When the province changes another field, then the e-mail address stays verified; when the province changes the address, then
    # it is no longer verified
    assert gateway.send(OFFICER, "PATCH", "/reviewers/expert-new", {"name": "覃某"}).status_code == 200
    assert verified(gateway) == ["email"]
    assert gateway.send(OFFICER, "PATCH", "/reviewers/expert-new", {"email": "other@example.cn"}).status_code == 200
    assert verified(gateway) == []


def test_the_list_is_filtered_and_masks_what_only_one_look_shows(gateway: Platform) -> None:
    add(gateway)
    gateway.send(OFFICER, "POST", "/reviewers", INSTITUTION)
    assert "expert-new" in listed(gateway)
    assert listed(gateway, "&kind=third_party&q=institute") == ["institute-new"]
    assert listed(gateway, "&q=甘蔗") == listed(gateway, "&q=覃明") == ["expert-new"]
    gateway.send(CHIEF, "POST", "/reviewers/expert-new/closing", {"reason": "退休"})
    assert "expert-new" in listed(gateway, "&state=closed")
    assert "expert-new" not in listed(gateway, "&state=active")
    # Then the list shows the telephone number masked; the single record shows it in full, and the reading is recorded
    items = gateway.send(OFFICER, "GET", "/reviewers?state=closed").get_json()["items"]
    assert "*" in next(item["phone"] for item in items if item["username"] == "expert-new")
    assert gateway.send(OFFICER, "GET", "/reviewers/expert-new").get_json()["phone"] == "13812345678"
    looks = gateway.send("auditor", "GET", "/accounts/expert-new/access-log").get_json()["items"]
    assert [(look["by"], look["what"]) for look in looks] == [(OFFICER, "contact")]


def test_the_province_is_reminded_a_month_before_a_term_ends_and_once(gateway: Platform) -> None:
    today = gateway.identity.clock.today()
    add(gateway, until=(today + timedelta(days=30)).isoformat())
    add(gateway, username="expert-later", until=(today + timedelta(days=31)).isoformat())
    for _ in range(2):
        gateway.send("operator", "POST", "/sweeps", {"as_of": today.isoformat()})
    told = [event.data["username"] for event in gateway.events() if event.type == "reviewer.term_ending"]
    assert told == ["expert-new"]
    # When the reviewer's term is renewed, the province gets one reminder before the new term ends, too.
    gateway.send(OFFICER, "POST", "/reviewers/expert-new/renewal", {"until": (today + timedelta(days=20)).isoformat()})
    gateway.send("operator", "POST", "/sweeps", {"as_of": today.isoformat()})
    told = [event.data["username"] for event in gateway.events() if event.type == "reviewer.term_ending"]
    assert told == ["expert-new", "expert-new"]
