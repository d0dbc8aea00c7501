"""The holder of an organisation's account gives accounts to colleagues, with or without the right to sign."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.kernel.clock import local_date, real_now
from tests.integration.gateway.platform import Platform

COLLEAGUE = {"username": "li4", "password": "correct horse", "name": "李四", "phone": "13812345678"}


def delegate(gateway: Platform, **more: Any) -> Any:
    return gateway.send("applicant-1", "POST", "/delegations", COLLEAGUE | more)


def submit(gateway: Platform) -> str:
    gateway._tokens["li4"] = gateway.log_in("li4", "correct horse").get_json()["access_token"]
    return str(gateway.send("li4", "POST", "/applications/450200-1/submission").get_json()["code"])


def test_a_colleague_works_for_the_same_organisation(gateway: Platform) -> None:
    made = delegate(gateway)
    assert made.status_code == 201
    assert made.get_json()["organisation"] == gateway.accounts["applicant-1"]["organisation"]
    assert made.get_json()["delegation"] == {"by": "applicant-1", "may_sign": False, "until": None}
    listed = gateway.send("applicant-1", "GET", "/delegations").get_json()["items"]
    assert [item["username"] for item in listed] == ["applicant-1", "li4"]


def test_who_may_not_sign_does_not_bind_the_organisation(gateway: Platform) -> None:
    delegate(gateway)
    assert submit(gateway) == "not_delegated"
    # When the holder gives a colleague the right to sign, Then the gateway lets the colleague's submission through to the
    # service, which decides on it
    assert gateway.send("applicant-1", "PATCH", "/delegations/li4", {"may_sign": True}).status_code == 200
    assert submit(gateway) != "not_delegated"


def test_a_delegation_ends_with_its_day(gateway: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    today = local_date(real_now())
    assert delegate(gateway, until=today.isoformat()).status_code == 201
    assert gateway.log_in("li4", "correct horse").status_code == 200
    tomorrow = real_now() + timedelta(days=1)
    monkeypatch.setattr("gateway.identity.domain.real_now", lambda: tomorrow)
    assert gateway.log_in("li4", "correct horse").status_code == 401
    past = delegate(gateway, username="wang5", until=today.isoformat())
    assert (past.status_code, past.get_json()["errors"][0]["pointer"]) == (422, "/until")


def test_closing_a_delegation_ends_its_logins(gateway: Platform) -> None:
    delegate(gateway)
    submit(gateway)
    assert gateway.send("applicant-1", "PATCH", "/delegations/li4", {"active": False}).status_code == 200
    assert gateway.send("li4", "GET", "/me").status_code == 401


def test_the_holder_opens_what_the_holder_closed(gateway: Platform) -> None:
    # Given a colleague whose account the holder has closed
    delegate(gateway)
    closed = gateway.send("applicant-1", "PATCH", "/delegations/li4", {"active": False}).get_json()
    assert (closed["active"], closed["delegation"]["closed_by"]) == (False, "applicant-1")
    # When the holder opens the account again, Then the colleague can log in
    opened = gateway.send("applicant-1", "PATCH", "/delegations/li4", {"active": True}).get_json()
    assert (opened["active"], "closed_by" in opened["delegation"]) == (True, False)
    assert gateway.log_in("li4", "correct horse").status_code == 200


@pytest.mark.parametrize("closed_before", [False, True])
def test_the_holder_does_not_open_what_the_operator_closed(gateway: Platform, closed_before: bool) -> None:
    # Given a colleague whose account the operator has closed, in one case after the holder had closed it
    delegate(gateway)
    if closed_before:
        gateway.send("applicant-1", "PATCH", "/delegations/li4", {"active": False})
    assert gateway.send("operator", "PATCH", "/accounts/li4", {"active": False}).status_code == 200
    # When the holder tries to open the account, or closes it again and then opens it
    first = gateway.send("applicant-1", "PATCH", "/delegations/li4", {"active": True})
    gateway.send("applicant-1", "PATCH", "/delegations/li4", {"active": False})
    second = gateway.send("applicant-1", "PATCH", "/delegations/li4", {"active": True, "may_sign": True})
    # Then the account stays closed
    assert [answer.get_json()["code"] for answer in (first, second)] == ["closed_by_operator"] * 2
    assert gateway.log_in("li4", "correct horse").status_code == 401
    # And the operator can open the account
    assert gateway.send("operator", "PATCH", "/accounts/li4", {"active": True}).status_code == 200
    assert gateway.log_in("li4", "correct horse").status_code == 200


def test_an_erased_colleague_does_not_come_back(gateway: Platform) -> None:
    delegate(gateway)
    assert gateway.send("operator", "POST", "/accounts/li4/erasure").status_code == 200
    assert gateway.send("applicant-1", "PATCH", "/delegations/li4", {"active": True}).get_json()["code"] == "account_erased"


def test_a_delegate_delegates_nothing_and_another_organisation_sees_nothing(gateway: Platform) -> None:
    delegate(gateway, may_sign=True)
    submit(gateway)
    assert gateway.send("li4", "GET", "/delegations").get_json()["code"] == "principal_required"
    assert gateway.send("applicant-2", "PATCH", "/delegations/li4", {"active": False}).status_code == 404
    # The holder cannot close the holder's own account here, because it is not a delegation.
    assert gateway.send("applicant-1", "PATCH", "/delegations/applicant-1", {"active": False}).status_code == 404


def test_the_operator_makes_a_delegate_the_holder(gateway: Platform) -> None:
    delegate(gateway)
    assert gateway.send("operator", "PATCH", "/accounts/li4", {"delegation": None}).get_json()["delegation"] is None
    submit(gateway)
    assert gateway.send("li4", "GET", "/delegations").status_code == 200
