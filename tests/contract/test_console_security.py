"""The console withstands forged requests, other hosts, stolen or planted sessions, and redirects to other sites."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from console.api import InProcessTransport
from console.app import create_app
from console.session import Sealer
from console.settings import ConsoleSettings
from deploy.console import Intake
from tests.contract.conftest import Running
from tests.contract.console_pages import KEYS, OF_ROLE, Crawl
from tests.contract.personas import Cast

SAME = {"Sec-Fetch-Site": "same-origin"}
#: Values for `next` that resemble a path of this site but lead to another site.
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "/\t/evil.example/",
    "/\r\n/evil.example/",
    "/%0d%0aLocation:%20https://evil.example/",
    "javascript:alert(1)",
    "evil.example",
    " /evil.example",
)


@pytest.fixture(scope="module")
def console(running: Running) -> Flask:
    return create_app(InProcessTransport(running.app), ConsoleSettings(lambda: KEYS, public_url="https://guichuang.example"))


@pytest.fixture(scope="module")
def crawl(console: Flask, cast: Cast) -> Crawl:
    return Crawl(console, cast)


def address(rule: object) -> str:
    """Return an address of a route, with a value for each of its parameters."""
    return re.sub(r"<[^>]+>", "anything", re.sub(r"<int:\w+>", "1", str(rule)))


def account(running: Running, role: str) -> dict[str, str]:
    return next(entry for entry in running.people.listed if role in entry["roles"])


def log_in(client: FlaskClient, who: dict[str, str], **more: str) -> TestResponse:
    fields = {"/username": who["username"], "/password": who["password"]} | more
    return client.post("/login", data=fields, headers=SAME)


def test_no_form_is_taken_from_another_origin_or_without_the_sessions_secret(crawl: Crawl) -> None:
    taken = []
    for rule in crawl.rules("POST"):
        roles = crawl.roles(rule)
        persona = OF_ROLE[roles[0]][0] if roles else "lead"
        client = crawl.client(persona, "zh")
        secret = {"csrf": crawl.session(persona).csrf}
        forged = (
            (secret, {"Sec-Fetch-Site": "cross-site"}),
            (secret, {"Sec-Fetch-Site": "same-site"}),
            (secret, {"Sec-Fetch-Site": "none"}),
            (secret, {"Origin": "https://evil.example"}),
            (secret, {"Origin": "null"}),
            (secret, {}),
        )
        without_secret: tuple[tuple[dict[str, str], dict[str, str]], ...] = (({}, SAME), ({"csrf": "another"}, SAME))
        # The login forms need no session's secret: their page may be older than the session that began in another window, and
        # they use none of that session's rights.
        for fields, headers in forged if str(rule).startswith("/login") else forged + without_secret:
            answer = client.post(address(rule), data=fields, headers=headers)
            if answer.status_code != 403:
                taken.append((str(rule), fields, headers, answer.status_code))
    assert taken == []


def test_a_page_of_an_account_is_closed_to_others(crawl: Crawl) -> None:
    opened = []
    for method in ("GET", "POST"):
        for rule in crawl.rules(method):
            roles = crawl.roles(rule)
            if not roles:
                continue
            visitor = crawl.client("nobody", "zh").open(address(rule), method=method, headers=SAME)
            # A login page may contain the submitted form, sealed, to send it after the login.
            sent = method == "POST" and visitor.status_code == 401 and 'name="resume"' in visitor.text
            if not sent and (visitor.status_code != 303 or not visitor.headers["Location"].startswith("/login?")):
                opened.append((method, str(rule), "nobody", visitor.status_code))
            for role in set(OF_ROLE) - set(roles):
                persona = OF_ROLE[role][0]
                secret = {"X-CSRF": crawl.session(persona).csrf}
                answer = crawl.client(persona, "zh").open(address(rule), method=method, headers=SAME | secret)
                if answer.status_code != 403:
                    opened.append((method, str(rule), persona, answer.status_code))
    assert opened == []


def test_nobody_is_led_elsewhere(running: Running, console: Flask) -> None:
    led = []
    for target in ELSEWHERE:
        answers = [
            console.test_client().get(path, query_string={"next": target})
            for path in ("/preferences/language", "/preferences/size")
        ]
        answers.append(log_in(console.test_client(), account(running, "officer"), next=target))
        for answer in answers:
            location = answer.headers["Location"]
            if answer.status_code != 303 or not re.match(r"/(?![/\\\s])", location) or "\n" in location:
                led.append((target, location))
    assert led == []


def test_the_cookie_of_a_session_is_out_of_reach_and_bound_to_the_host(running: Running, console: Flask) -> None:
    for scheme, name, secure in (("http", "guichuang", False), ("https", "__Host-guichuang", True)):
        client = console.test_client()
        who = account(running, "officer")
        fields = {"/username": who["username"], "/password": who["password"]}
        answer = client.post("/login", data=fields, headers=SAME, base_url=f"{scheme}://guichuang.example")
        [line] = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{name}=")]
        cookie = SimpleCookie(line)[name]
        assert (bool(cookie["httponly"]), bool(cookie["secure"]), cookie["samesite"]) == (True, secure, "Lax")
        assert (cookie["path"], cookie["domain"], cookie["max-age"], cookie["expires"]) == ("/", "", "", "")
        assert ("Strict-Transport-Security" in answer.headers) == secure


def test_a_session_that_was_planted_is_replaced_at_the_login(running: Running, console: Flask, crawl: Crawl) -> None:
    # Given a browser in which an attacker has planted a session of the attacker's own
    planted = crawl.session("expert")
    client = console.test_client()
    client.set_cookie("guichuang", Sealer(lambda: KEYS).seal_session(planted))
    # When another person logs in in this browser
    who = account(running, "officer")
    fields = {"/username": who["username"], "/password": who["password"], "csrf": planted.csrf}
    answer = client.post("/login", data=fields, headers=SAME)
    # Then the token and the CSRF secret of the new session are new, and the attacker knows neither
    opened = Sealer(lambda: KEYS).open_session(SimpleCookie(answer.headers["Set-Cookie"])["guichuang"].value)
    assert opened is not None and opened.account["username"] == who["username"]
    assert opened.token != planted.token and opened.csrf != planted.csrf


def test_a_cookie_that_was_changed_or_made_elsewhere_opens_nothing(console: Flask, crawl: Crawl) -> None:
    good = Sealer(lambda: KEYS).seal_session(crawl.session("lead"))
    stranger = Sealer(lambda: ("another key",))
    other = stranger.seal_session(stranger.begin_session("token", 3600, {"roles": ["operator"]}))
    for cookie in (good[:-4] + "AAAA", good[:20], other, "x" * 5000, ""):
        client = console.test_client()
        client.set_cookie("guichuang", cookie)
        answer = client.get("/account")
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/login")


def test_no_page_repeats_the_host_that_was_asked_for(crawl: Crawl) -> None:
    repeated = []
    for rule in crawl.rules("GET"):
        for persona in ("nobody", "lead"):
            answer = crawl.client(persona, "zh").get(address(rule), headers={"Host": "evil.example"})
            if "evil.example" in answer.text + str(answer.headers):
                repeated.append((str(rule), persona))
    assert repeated == []


@pytest.mark.parametrize("host", ["a,b", "a b", "user@a", "a/b"])
def test_a_host_that_is_none_is_refused(console: Flask, host: str) -> None:
    answer = Client(Intake(console, console)).get("/", headers={"Host": host})
    assert answer.status_code == 400


def test_logging_out_forgets_the_session_and_what_the_browser_kept(running: Running, console: Flask) -> None:
    client = console.test_client()
    answer = log_in(client, account(running, "auditor"))
    session = Sealer(lambda: KEYS).open_session(SimpleCookie(answer.headers["Set-Cookie"])["guichuang"].value)
    assert session is not None
    answer = client.post("/logout", data={"csrf": session.csrf}, headers=SAME)
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert SimpleCookie(answer.headers["Set-Cookie"])["guichuang"].value == ""
    assert client.get("/account").status_code == 303


def test_what_is_typed_is_shown_as_text(console: Flask) -> None:
    typed = '"><script>alert(1)</script>'
    for path in ("/register", "/certificates", "/calls", "/register-organisation/status", "/login", "/publicity"):
        names = ("q", "number", "field", "status", "recommender", "receipt", "next", "cursor")
        answer = console.test_client().get(path, query_string=dict.fromkeys(names, typed))
        assert "<script>alert" not in answer.text, path
    answer = console.test_client().post("/login", data={"/username": typed, "/password": "x"}, headers=SAME)
    assert "<script>alert" not in answer.text
