"""A form that was sent after its session ended is processed after a login by the account for which the form was shown, and for no
other account."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from console.api import InProcessTransport
from console.app import create_app
from console.session import Sealer
from console.settings import ConsoleSettings
from tests.contract.conftest import Running
from tests.contract.console_pages import KEYS

SAME = {"Sec-Fetch-Site": "same-origin"}
PATH = "/account/preferences"


@pytest.fixture(scope="module")
def console(running: Running) -> Flask:
    return create_app(InProcessTransport(running.app), ConsoleSettings(lambda: KEYS, public_url="https://guichuang.example"))


def account(running: Running, username: str) -> dict[str, str]:
    return next(entry for entry in running.people.listed if entry["username"] == username)


def log_in(client: FlaskClient, who: dict[str, str], **more: str) -> TestResponse:
    fields = {"/username": who["username"], "/password": who["password"]} | more
    return client.post("/login", data=fields, headers=SAME)


def secret_of(client: FlaskClient, path: str = PATH) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def interrupted(client: FlaskClient, csrf: str, **typed: str) -> str:
    """Send the form of the preferences although the session has ended; return the sealed form that the login page contains."""
    answer = client.post(PATH, data={"csrf": csrf} | typed, headers=SAME | {"Referer": f"http://localhost{PATH}"})
    found = re.search(r'name="resume" value="([^"]+)"', answer.text)
    assert (answer.status_code, bool(found)) == (401, True)
    assert "weekly" not in answer.text
    return unescape(found[1]) if found else ""


def digest_of(client: FlaskClient) -> str:
    """Return how often the account wants a digest of its notifications, as stored in its preferences."""
    found = re.search(r'value="(\w+)" selected', client.get(PATH).text)
    assert found
    return found[1]


@pytest.fixture
def clerk(running: Running, console: Flask) -> tuple[FlaskClient, str]:
    """Return a browser in which an officer of Liuzhou has opened the form of the preferences, and the form's CSRF secret. The
    stored choice of digest is `daily`."""
    client = console.test_client()
    log_in(client, account(running, "450200-officer"))
    csrf = secret_of(client)
    client.post(PATH, data={"csrf": csrf, "digest": "daily"}, headers=SAME)
    assert digest_of(client) == "daily"
    return client, csrf


def test_the_same_account_goes_on_where_the_browser_has_lost_its_cookie(running: Running, clerk: tuple[FlaskClient, str]) -> None:
    client, csrf = clerk
    client.delete_cookie("guichuang")
    resume = interrupted(client, csrf, digest="weekly")
    answer = log_in(client, account(running, "450200-officer"), resume=resume)
    assert answer.status_code == 303
    assert digest_of(client) == "weekly"


def test_another_account_does_not_send_the_form(running: Running, clerk: tuple[FlaskClient, str]) -> None:
    # Given a form that was sent after the officer had logged out
    client, csrf = clerk
    client.post("/logout", data={"csrf": csrf}, headers=SAME)
    resume = interrupted(client, csrf, digest="weekly")
    # When the chief logs in in the same browser
    answer = log_in(client, account(running, "450200-chief"), resume=resume)
    # Then the form is processed for neither account, and the page says so
    assert (answer.status_code, answer.headers["Location"]) == (303, "/todo?dropped=1")
    assert "另一个账号" in client.get(answer.headers["Location"]).text
    assert digest_of(client) != "weekly"
    client.delete_cookie("guichuang")
    log_in(client, account(running, "450200-officer"))
    assert digest_of(client) == "daily"


def test_the_form_of_one_account_is_not_that_of_an_ended_session_of_another(
    running: Running, console: Flask, clerk: tuple[FlaskClient, str]
) -> None:
    # Given the officer's form in a browser with the cookie of a session of the chief that has ended
    _, csrf = clerk
    sealer = Sealer(lambda: KEYS)
    other = console.test_client()
    log_in(other, account(running, "450200-chief"))
    cookie = other.get_cookie("guichuang")
    session = sealer.open_session(cookie.value) if cookie else None
    assert session
    other.set_cookie("guichuang", sealer.seal_session(type(session)(session.token, 0, session.account, session.csrf, 0, 0)))
    # When the form is sent and the chief logs in
    resume = interrupted(other, csrf, digest="weekly")
    answer = log_in(other, account(running, "450200-chief"), resume=resume)
    # Then the form is not processed
    assert answer.headers["Location"] == "/todo?dropped=1"
    assert digest_of(other) != "weekly"


@pytest.mark.parametrize("csrf", ["", "nonsense"])
def test_a_form_of_an_unknown_account_is_shown_again_and_not_sent(
    running: Running, clerk: tuple[FlaskClient, str], csrf: str
) -> None:
    client, _ = clerk
    client.delete_cookie("guichuang")
    resume = interrupted(client, csrf, digest="weekly", elsewhere='<b>"另一段"</b>')
    answer = log_in(client, account(running, "450200-officer"), resume=resume)
    # Then, after the login, the page shows the form with the typed choice, and as plain text the typed text that belongs to no
    # field
    assert answer.status_code == 200
    assert re.search(r'<option value="weekly" selected>', answer.text)
    assert "请核对后再提交" in answer.text and "&lt;b&gt;&#34;另一段&#34;&lt;/b&gt;" in answer.text
    assert answer.text.count("<h1") == 1
    # and the form is processed only when the person sends it again
    assert digest_of(client) == "daily"
    fields = {"csrf": secret_of(client), "digest": "weekly"}
    assert client.post(PATH, data=fields, headers=SAME).status_code == 303
    assert digest_of(client) == "weekly"


def test_text_of_a_page_that_is_not_to_be_had_can_be_copied(running: Running, clerk: tuple[FlaskClient, str]) -> None:
    client, _ = clerk
    client.delete_cookie("guichuang")
    answer = client.post("/phrases", data={"phrase": "一段话", "/password": "not shown"}, headers=SAME)
    resume = re.search(r'name="resume" value="([^"]+)"', answer.text)
    assert resume
    # When an account that may not open the form's page logs in, then the page shows the typed text for copying, but no password
    answer = log_in(client, account(running, "auditor"), resume=resume[1])
    assert answer.status_code == 200
    assert "一段话" in answer.text and "not shown" not in answer.text


def test_a_page_of_an_earlier_login_of_the_same_account_is_sent_again_by_a_click(
    running: Running, clerk: tuple[FlaskClient, str]
) -> None:
    client, csrf = clerk
    log_in(client, account(running, "450200-officer"))  # The account logs in in another window.
    answer = client.post(PATH, data={"csrf": csrf, "digest": "weekly"}, headers=SAME)
    assert answer.status_code == 403 and "请再提交一次" in answer.text
    assert digest_of(client) == "daily"
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', main))
    assert client.post(PATH, data=fields, headers=SAME).status_code == 303
    assert digest_of(client) == "weekly"


def test_a_page_of_another_account_is_out_of_date(running: Running, clerk: tuple[FlaskClient, str]) -> None:
    client, csrf = clerk
    log_in(client, account(running, "450200-chief"))
    answer = client.post(PATH, data={"csrf": csrf, "digest": "weekly"}, headers=SAME)
    assert answer.status_code == 403 and "页面已过期" in answer.text
    assert "weekly" not in answer.text


def test_a_login_in_one_window_does_not_stop_the_login_page_of_another(running: Running, clerk: tuple[FlaskClient, str]) -> None:
    client, csrf = clerk
    client.delete_cookie("guichuang")
    resume = interrupted(client, csrf, digest="weekly")
    who = account(running, "450200-officer")
    log_in(client, who)  # The account logs in in another window.
    assert log_in(client, who, resume=resume).status_code == 303
    assert digest_of(client) == "weekly"


def test_the_dialog_of_a_page_goes_on_with_the_pages_account_alone(running: Running, clerk: tuple[FlaskClient, str]) -> None:
    client, csrf = clerk
    other, own = account(running, "450200-chief"), account(running, "450200-officer")
    log_in(client, other)  # Another account logs in in another window.
    for who in (other, own | {"password": ""}):
        fields = {"/username": who["username"], "/password": who["password"]}
        answer = client.post("/login/again", data=fields, headers=SAME | {"X-CSRF": csrf})
        assert (answer.status_code, "csrf" in answer.get_json()) == (409 if who is other else 401, False)
    # When the page's own account has logged in in another window, then the dialog gets the new session's secret without a
    # password
    log_in(client, own)
    fields = {"/username": own["username"], "/password": ""}
    answer = client.post("/login/again", data=fields, headers=SAME | {"X-CSRF": csrf})
    assert (answer.status_code, answer.get_json()["csrf"]) == (200, secret_of(client))
