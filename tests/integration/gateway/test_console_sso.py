"""Single sign-on in the console: only the browser that began a login can end it, and only with the answer of the provider at
which it began."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import urllib3
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from console.api import InProcessTransport
from console.app import create_app
from console.session import Sealer
from console.settings import ConsoleSettings
from tests.helpers.openid_provider import CLIENT, SECRET, OpenIdProvider, running
from tests.integration.gateway.platform import Platform

KEYS = ("a key of the tests",)
PUBLIC = "https://guichuang.example"
OFFICER = {"preferred_username": "li4", "name": "李四", "roles": ["officer"], "bureau": "450200"}
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with running({"u-1": OFFICER, "u-2": {"preferred_username": "zhao6", "name": "赵六"}}) as provider:
        provider.redirect_uris.add(f"{PUBLIC}/login/sso/callback")
        yield provider


@pytest.fixture
def platform(provider: OpenIdProvider, gateway_with: Callable[..., Platform]) -> Platform:
    return gateway_with(oidc_issuer=provider.url, oidc_client=CLIENT, oidc_secret=SECRET)


@pytest.fixture
def new_browser(platform: Platform) -> Callable[[], FlaskClient]:
    """Return a function that returns a browser (a client of the console) without a session."""
    console = create_app(InProcessTransport(platform.app), ConsoleSettings(lambda: KEYS, public_url=PUBLIC))
    return console.test_client


def begin(client: FlaskClient, **query: str) -> str:
    """Follow the login page's link to the provider; return the address at the provider to which it leads."""
    answer = client.get(f"/login/sso?{urlencode(query)}")
    assert answer.status_code == 303
    return answer.headers["Location"]


def log_in_there(address: str, subject: str = "u-1") -> str:
    """Log in at the provider, as a person does; return the path and query to which it sends the browser back."""
    http = urllib3.PoolManager()
    page = http.request("GET", address).data.decode()
    links = [unescape(link) for link in re.findall(r'href="(/granted\?[^"]+)"', page)]
    [link] = [link for link in links if parse_qs(urlsplit(link).query).get("subject") == [subject]]
    where = urlsplit(address)
    answer = http.request("GET", f"{where.scheme}://{where.netloc}{link}", redirect=False)
    back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}" == PUBLIC
    return f"{back.path}?{back.query}"


def with_query(path: str, **changed: str | None) -> str:
    """Return the path with changed query parameters; the value None removes a parameter."""
    where = urlsplit(path)
    query: dict[str, Any] = {name: values[0] for name, values in parse_qs(where.query).items()} | changed
    return f"{where.path}?{urlencode({name: value for name, value in query.items() if value is not None})}"


def logged_in(client: FlaskClient) -> bool:
    return client.get("/phrases").status_code == 200


def test_the_login_page_leads_to_the_provider_and_back_to_the_page_that_was_wanted(
    new_browser: Callable[[], FlaskClient], provider: OpenIdProvider
) -> None:
    client = new_browser()
    page = client.get("/login?next=/account").text
    assert 'href="/login/sso?next=/account"' in page
    # When the reader follows the link to the provider
    address = begin(client, next="/account")
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{provider.url}/authorize?")
    assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
    assert query["redirect_uri"] == f"{PUBLIC}/login/sso/callback"
    # and logs in at the provider
    answer = client.get(log_in_there(address))
    # Then a session of this platform begins, and the pending login is forgotten
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    cookie = client.get_cookie("guichuang")
    session = Sealer(lambda: KEYS).open_session(cookie.value) if cookie else None
    assert session and (session.account["username"], session.account["bureau"]) == ("li4@sso", "450200")
    assert client.get_cookie("guichuang-sso") is None


@pytest.mark.parametrize(
    "next", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "/\r\n/evil.example/", "javascript:alert(1)"]
)
def test_a_login_leads_to_no_other_site(new_browser: Callable[[], FlaskClient], next: str) -> None:
    client = new_browser()
    answer = client.get(log_in_there(begin(client, next=next)))
    assert answer.headers["Location"] == "/todo"


def test_the_cookie_of_a_pending_login_is_out_of_reach_and_lasts_ten_minutes(new_browser: Callable[[], FlaskClient]) -> None:
    answer = new_browser().get("/login/sso", base_url=PUBLIC)
    [line] = [line for line in answer.headers.getlist("Set-Cookie") if "-sso=" in line]
    parts = line.split("; ")
    assert parts[0].startswith("__Host-guichuang-sso=")
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=600"} <= set(parts)
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["state"][0] not in line and query["nonce"][0] not in line


#: Changes of the query of the provider's answer, each of which makes it the answer to a login that this browser did not begin.
FOREIGN: list[dict[str, str | None]] = [
    {"state": "another"},
    {"state": ""},
    {"state": None},
    {"iss": "https://login.example"},
    {"iss": None},
]


@pytest.mark.parametrize("changed", FOREIGN, ids=str)
def test_an_answer_to_another_login_is_refused_before_its_code_is_used(
    new_browser: Callable[[], FlaskClient], provider: OpenIdProvider, changed: dict[str, str | None]
) -> None:
    client = new_browser()
    back = log_in_there(begin(client))
    answer = client.get(with_query(back, **changed))
    assert answer.status_code == 400
    assert "请重新登录" in answer.text and "用统一身份登录" in answer.text
    assert not logged_in(client)
    assert "/token" not in provider.requested
    # and the provider's unchanged answer is refused afterwards, because a login can be answered only once
    assert client.get(back).status_code == 400


def test_nobody_is_logged_in_with_a_strangers_code(new_browser: Callable[[], FlaskClient], provider: OpenIdProvider) -> None:
    """Login CSRF: an attacker sends the reader to the callback with the attacker's own code and state."""
    attacker, reader = new_browser(), new_browser()
    back = log_in_there(begin(attacker))
    assert reader.get(back).status_code == 400
    begin(reader)  # The reader's browser now has a pending login, too.
    assert reader.get(back).status_code == 400
    assert not logged_in(reader) and "/token" not in provider.requested


def test_a_strangers_code_with_the_readers_state_is_refused(
    new_browser: Callable[[], FlaskClient], provider: OpenIdProvider
) -> None:
    """Code injection: PKCE and the nonce bind a code to the browser that began its login."""
    attacker, reader = new_browser(), new_browser()
    stolen = parse_qs(urlsplit(log_in_there(begin(attacker))).query)["code"][0]
    answer = reader.get(with_query(log_in_there(begin(reader)), code=stolen))
    assert answer.status_code == 401
    assert not logged_in(reader)


def test_a_nonce_of_another_login_is_refused(new_browser: Callable[[], FlaskClient], provider: OpenIdProvider) -> None:
    client = new_browser()
    provider.changed = {"nonce": "of another login"}
    answer = client.get(log_in_there(begin(client)))
    assert answer.status_code == 401 and "没有确认这次登录" in answer.text
    assert not logged_in(client)


def test_a_code_that_was_used_is_refused(new_browser: Callable[[], FlaskClient]) -> None:
    client = new_browser()
    address = begin(client)
    pending = client.get_cookie("guichuang-sso")
    assert pending
    back = log_in_there(address)
    assert client.get(back).status_code == 303
    # When the provider's answer is sent a second time, by a browser with a copy of the cookie of the pending login
    other = new_browser()
    other.set_cookie("guichuang-sso", pending.value)
    answer = other.get(back)
    assert answer.status_code == 401 and not logged_in(other)


def test_a_login_expires_after_ten_minutes(new_browser: Callable[[], FlaskClient], monkeypatch: pytest.MonkeyPatch) -> None:
    client = new_browser()
    back = log_in_there(begin(client))
    now = time.time()
    monkeypatch.setattr("console.sso.time.time", lambda: now + 601)
    answer = client.get(back)
    assert answer.status_code == 400 and "已过期" in answer.text


def test_a_reader_who_cancels_is_told_so(new_browser: Callable[[], FlaskClient]) -> None:
    client = new_browser()
    back = with_query(log_in_there(begin(client)), code=None, error="access_denied")
    answer = client.get(back, headers={"Accept-Language": "en"})
    assert answer.status_code == 401 and "You cancelled the login" in answer.text


def test_while_the_provider_is_away_the_page_says_so_and_passwords_do(
    new_browser: Callable[[], FlaskClient], provider: OpenIdProvider, platform: Platform
) -> None:
    client = new_browser()
    back = log_in_there(begin(client))
    provider.broken = 500
    answer = client.get(back)
    assert (answer.status_code, "暂时无法连接" in answer.text) == (503, True)
    assert answer.headers["Retry-After"]
    who = platform.accounts["auditor"]
    fields = {"/username": who["username"], "/password": who["password"]}
    assert client.post("/login", data=fields, headers=SAME).status_code == 303


@pytest.mark.parametrize(("subject", "words"), [("u-2", "不能在本平台使用"), ("u-1", "已停用")])
def test_a_person_without_an_account_is_told_why(
    new_browser: Callable[[], FlaskClient], platform: Platform, subject: str, words: str
) -> None:
    client = new_browser()
    if subject == "u-1":
        client.get(log_in_there(begin(client)))
        platform.send("operator", "PATCH", "/accounts/li4@sso", {"active": False})
        client = new_browser()
    answer = client.get(log_in_there(begin(client), subject))
    assert (answer.status_code, words in answer.text) == (401, True)
    assert not logged_in(client)


def csrf_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found
    return found[1]


def test_a_logout_ends_the_session_and_offers_the_providers_logout(
    new_browser: Callable[[], FlaskClient], provider: OpenIdProvider
) -> None:
    client = new_browser()
    client.get(log_in_there(begin(client)))
    cookie = client.get_cookie("guichuang")
    answer = client.post("/logout", data={"csrf": csrf_of(client.get("/phrases"))}, headers=SAME)
    # Then the reader's session has ended at the API, too
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?left=1")
    stolen = new_browser()
    assert cookie
    stolen.set_cookie("guichuang", cookie.value)
    assert stolen.get("/account").status_code == 303
    # and the page offers a link that redirects to the provider's logout page
    assert 'href="/logout/sso"' in client.get("/login?left=1").text
    away = client.get("/logout/sso").headers["Location"]
    assert away.startswith(f"{provider.url}/logout?")
    assert parse_qs(urlsplit(away).query)["post_logout_redirect_uri"] == [f"{PUBLIC}/"]


def test_a_platform_without_single_sign_on_does_not_offer_it(gateway: Platform) -> None:
    console = create_app(InProcessTransport(gateway.app), ConsoleSettings(lambda: KEYS, public_url=PUBLIC))
    assert "/login/sso" not in console.test_client().get("/login").text
    assert console.test_client().get("/login/sso").status_code == 404


def test_a_form_that_the_end_of_the_session_interrupted_goes_on_after_a_single_sign_on(
    new_browser: Callable[[], FlaskClient], platform: Platform
) -> None:
    # Given a person who logged in at the provider, and who sends a form after the session has ended
    client = new_browser()
    client.get(log_in_there(begin(client)))
    typed = {"csrf": csrf_of(client.get("/phrases")), "phrase": "情况属实。"}
    client.delete_cookie("guichuang")
    answer = client.post("/phrases", data=typed, headers=SAME)
    assert answer.status_code == 401
    found = re.search(r'name="resume" value="([^"]+)"', answer.text)
    assert found and 'action="/login/resumption"' in answer.text
    # When the person presses the button that sends the form again, without having logged in again, then the same page is shown
    # again
    early = client.post("/login/resumption", data={"resume": found[1]}, headers=SAME)
    assert early.status_code == 401 and found[1] in early.text
    # When the person logs in again in another window and then presses the button, then the form is sent
    client.get(log_in_there(begin(client)))
    sent = client.post("/login/resumption", data={"resume": found[1]}, headers=SAME)
    assert sent.status_code == 303 and sent.headers["Location"].startswith("/phrases")
