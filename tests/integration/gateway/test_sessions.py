"""Each login is a session that its owner can see and end. A new password ends all the account's other sessions."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.integration.gateway.platform import Platform


def send(gateway: Platform, token: str, method: str, path: str, body: Any = None) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"}
    return gateway.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)


def log_in(gateway: Platform, username: str, client: str = "") -> str:
    headers = {"User-Agent": client} if client else {}
    return str(gateway.log_in(username, headers=headers).get_json()["access_token"])


def test_everybody_sees_where_they_are_logged_in(gateway: Platform) -> None:
    office, phone = log_in(gateway, "auditor", "office"), log_in(gateway, "auditor", "phone")
    log_in(gateway, "operator", "other")
    listed = send(gateway, phone, "GET", "/me/sessions").get_json()["items"]
    assert [(item["client"], item["current"]) for item in listed] == [("phone", True), ("office", False)]
    assert office != phone


def test_a_session_that_is_closed_is_dead_at_once_and_the_others_live_on(gateway: Platform) -> None:
    office, phone = log_in(gateway, "auditor", "office"), log_in(gateway, "auditor", "phone")
    [lost] = [s["id"] for s in send(gateway, phone, "GET", "/me/sessions").get_json()["items"] if not s["current"]]
    assert send(gateway, office, "GET", "/me").status_code == 200
    assert send(gateway, phone, "DELETE", f"/me/sessions/{lost}").get_json() == {"closed": 1}
    assert send(gateway, office, "GET", "/me").get_json()["code"] == "token_revoked"
    assert send(gateway, phone, "GET", "/me").status_code == 200
    # and closing the same session again, or closing a session of another account, is answered with 404
    assert send(gateway, phone, "DELETE", f"/me/sessions/{lost}").status_code == 404
    other = log_in(gateway, "operator")
    [own] = [s["id"] for s in send(gateway, phone, "GET", "/me/sessions").get_json()["items"]]
    assert send(gateway, other, "DELETE", f"/me/sessions/{own}").status_code == 404


def test_logging_out_ends_the_token(gateway: Platform) -> None:
    token = log_in(gateway, "auditor")
    assert send(gateway, token, "POST", "/auth/logout").get_json() == {"closed": 1}
    assert send(gateway, token, "GET", "/me").get_json()["code"] == "token_revoked"


def test_all_other_logins_are_ended_together(gateway: Platform) -> None:
    first, second, here = (log_in(gateway, "auditor") for _ in range(3))
    assert send(gateway, here, "DELETE", "/me/sessions").get_json() == {"closed": 2}
    assert [send(gateway, token, "GET", "/me").status_code for token in (first, second, here)] == [401, 401, 200]


def test_a_new_password_needs_the_old_one_and_ends_the_other_logins(gateway: Platform) -> None:
    there, here = log_in(gateway, "auditor"), log_in(gateway, "auditor")
    old = gateway.accounts["auditor"]["password"]
    wrong = send(gateway, here, "PUT", "/me/password", {"current": "not the password", "new": "correct horse"})
    assert (wrong.status_code, wrong.get_json()["errors"][0]["code"]) == (422, "wrong_password")
    weak = send(gateway, here, "PUT", "/me/password", {"current": old, "new": "aaaaaaaaaaaa"})
    assert (weak.status_code, weak.get_json()["errors"][0]["pointer"]) == (422, "/new")
    assert send(gateway, here, "PUT", "/me/password", {"current": old, "new": "correct horse"}).get_json() == {"closed": 1}
    assert [send(gateway, token, "GET", "/me").status_code for token in (there, here)] == [401, 200]
    assert gateway.log_in("auditor", old).status_code == 401
    assert gateway.log_in("auditor", "correct horse").status_code == 200
    assert ("password.changed", "account/auditor") in gateway.audited()
