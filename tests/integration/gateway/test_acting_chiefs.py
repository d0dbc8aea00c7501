"""An officer signs in the name of a chief for a limited time. Signatures record this, and the officer's appointment ends by
itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gateway.auth import jwt
from services.kernel.clock import local_date, real_now
from services.kernel.persistence.tables import audit
from tests.integration.gateway.platform import Platform

TODAY = local_date(real_now())
OFFICER, CHIEF = "450200-officer", "450200-chief"


@pytest.fixture(autouse=True)
def not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the gateway read accounts from the identity service at every request, without a cache."""
    monkeypatch.setattr(jwt, "CACHE_SECONDS", -1)


def day(after: int) -> str:
    return (TODAY + timedelta(days=after)).isoformat()


def appoint(gateway: Platform, who: str = CHIEF, **more: Any) -> Any:
    body = {"account": OFFICER, "until": day(7), "reason": "负责人外出学习"} | more
    return gateway.send(who, "POST", "/acting-chiefs", body)


def own(gateway: Platform, who: str = OFFICER) -> tuple[list[str], str | None]:
    me = gateway.send(who, "GET", "/me").get_json()
    return me["roles"], me["acting_for"]


def at(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    now: datetime = real_now() + timedelta(days=days)
    monkeypatch.setattr("gateway.identity.acting_chiefs.real_now", lambda: now)


def test_an_officer_holds_a_chiefs_powers_in_the_chiefs_name_and_only_for_the_time(
    gateway: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert own(gateway) == (["officer"], None)
    assert appoint(gateway, **{"from": day(1)}).get_json()["state"] == "planned"
    # The officer may not sign before the first day.
    assert own(gateway) == (["officer"], None)
    # The officer may sign from the first day to the end of the last day, without another login.
    for days in (1, 7):
        at(monkeypatch, days)
        assert own(gateway) == (["chief", "officer"], CHIEF)
    # And the officer may not sign after the last day
    at(monkeypatch, 8)
    assert own(gateway) == (["officer"], None)
    [listed] = gateway.send(OFFICER, "GET", "/acting-chiefs?state=over").get_json()["items"]
    assert (listed["account"], listed["acts_for"], listed["until"]) == (OFFICER, CHIEF, day(7))


def test_what_an_acting_chief_does_is_recorded_with_the_chief_in_whose_name(gateway: Platform) -> None:
    appoint(gateway)
    asked = {
        "uscc": "91450200MA5KAAAA09",
        "name": "柳州示例智能装备有限公司",
        "region": "450203",
        "kind": "enterprise",
        "contact": {"name": "示例联系人", "phone": "0772-0000000"},
        "username": "asks-for-one",
        "password": "correct horse",
    }
    id = gateway.send("", "POST", "/registrations", asked).get_json()["id"]
    decided = gateway.send(OFFICER, "POST", f"/registrations/{id}/approval", {"decision": "approve"})
    assert decided.status_code == 200, decided.get_json()
    event = gateway.events()[-1]
    assert event.type == "registration.approved"
    assert (event.actor["username"], event.actor["role"], event.actor["acting_for"]) == (OFFICER, "acting_chief", CHIEF)
    with gateway.identity.database.read() as session:
        by_officer = select(audit.c.actor, audit.c.role).where(audit.c.action == event.type, audit.c.actor == OFFICER)
        rows = session.execute(by_officer).all()
    assert [tuple(row) for row in rows] == [(OFFICER, "acting_chief")]


def test_the_bureau_and_the_officer_are_told(gateway: Platform) -> None:
    appointment = appoint(gateway).get_json()
    gateway.send(CHIEF, "POST", f"/acting-chiefs/{appointment['id']}/ending", {"reason": "提前返回"})
    told = [(event.type, event.bureau, event.data["account"]) for event in gateway.events() if "acting_chief" in event.type]
    assert told == [("acting_chief.appointed", "450200", OFFICER), ("acting_chief.ended", "450200", OFFICER)]


def test_a_chief_ends_it_before_its_last_day_and_not_twice(gateway: Platform) -> None:
    id = appoint(gateway).get_json()["id"]
    assert gateway.send("450300-chief", "POST", f"/acting-chiefs/{id}/ending", {"reason": "越权"}).status_code == 404
    ended = gateway.send(CHIEF, "POST", f"/acting-chiefs/{id}/ending", {"reason": "提前返回"}).get_json()
    assert (ended["state"], ended["ended_by"], ended["ended_reason"]) == ("ended", CHIEF, "提前返回")
    assert own(gateway) == (["officer"], None)
    again = gateway.send(CHIEF, "POST", f"/acting-chiefs/{id}/ending", {"reason": "再次"})
    assert (again.status_code, again.get_json()["code"]) == (409, "appointment_over")
    # And the officer can be appointed for the same days again, because the appointment has ended
    assert appoint(gateway).status_code == 201


def test_an_acting_chief_neither_appoints_nor_ends(gateway: Platform) -> None:
    id = appoint(gateway).get_json()["id"]
    for path, body in (
        ("/acting-chiefs", {"account": OFFICER, "until": day(30), "reason": "延长"}),
        (f"/acting-chiefs/{id}/ending", {"reason": "结束"}),
    ):
        refused = gateway.send(OFFICER, "POST", path, body)
        assert (refused.status_code, refused.get_json()["code"]) == (403, "not_for_acting_chief")


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"account": "450300-officer"}, "/account"),  # The account belongs to another bureau.
        ({"account": CHIEF}, "/account"),  # The account is not an officer's.
        ({"account": "no-such-account"}, "/account"),
        ({"acts_for": "450300-chief"}, "/acts_for"),
        ({"acts_for": OFFICER}, "/acts_for"),
        ({"until": day(-1)}, "/until"),
        ({"from": day(-1)}, "/from"),
        ({"from": day(3), "until": day(2)}, "/until"),
        ({"until": day(400)}, "/until"),
    ],
)
def test_what_is_no_sound_appointment_is_refused_at_its_field(gateway: Platform, more: dict[str, Any], pointer: str) -> None:
    refused = appoint(gateway, **more)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_one_officer_acts_for_one_chief_at_a_time(gateway: Platform) -> None:
    assert appoint(gateway, until=day(5)).status_code == 201
    overlapping = appoint(gateway, **{"from": day(5), "until": day(9)})
    assert (overlapping.status_code, overlapping.get_json()["code"]) == (409, "acting_already")
    assert appoint(gateway, **{"from": day(6), "until": day(9)}).status_code == 201


@pytest.mark.parametrize("closed", [OFFICER, CHIEF])
def test_it_has_no_effect_once_either_account_is_closed(gateway: Platform, closed: str) -> None:
    appoint(gateway)
    assert own(gateway) == (["chief", "officer"], CHIEF)
    gateway.send("operator", "PATCH", f"/accounts/{closed}", {"active": False})
    answer = gateway.send(OFFICER, "GET", "/me")
    assert answer.status_code == 401 or answer.get_json()["roles"] == ["officer"]


def test_another_bureau_reads_none_and_the_auditor_reads_all(gateway: Platform) -> None:
    appoint(gateway)
    assert gateway.send("450300-chief", "GET", "/acting-chiefs").get_json()["items"] == []
    assert len(gateway.send("auditor", "GET", "/acting-chiefs").get_json()["items"]) == 1
    assert date.fromisoformat(gateway.send(CHIEF, "GET", "/acting-chiefs").get_json()["items"][0]["from"]) == TODAY
