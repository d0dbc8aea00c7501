"""No query string breaks a page of the console: whatever the parameters are, the response is a page in words and never a server
error."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask, g
from flask.wrappers import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

from console.api import InProcessTransport
from console.app import create_app
from console.settings import ConsoleSettings
from tests.contract.conftest import Running
from tests.contract.console_pages import KEYS, OF_ROLE, Crawl, codes_of, faults_of, is_page
from tests.contract.personas import Cast

#: Values that the tests send in each query parameter and that no page expects.
VALUES = ("", "x", "-1", "99999999999999999999", "２", "\x00", "\ud800", "<b>\"'", "长" * 3000)
#: A percent-encoded value whose bytes are not UTF-8.
BROKEN = "%FF%FE"


class Noting(ImmutableMultiDict[str, str]):
    """The query parameters of a request; each parameter that a page reads is recorded."""

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        _note(key)
        return super().get(key, *args, **kwargs)

    def getlist(self, key: str, *args: Any, **kwargs: Any) -> Any:
        _note(key)
        return super().getlist(key, *args, **kwargs)

    def __getitem__(self, key: str) -> Any:
        _note(key)
        return super().__getitem__(key)


class NotingRequest(Request):
    parameter_storage_class = Noting


def _note(key: str) -> None:
    g.setdefault("wanted", set()).add(key)


@pytest.fixture(scope="module")
def console(running: Running) -> Flask:
    app = create_app(InProcessTransport(running.app), ConsoleSettings(lambda: KEYS))
    app.request_class = NotingRequest

    @app.after_request
    def note(response):  # type: ignore[no-untyped-def]
        response.headers["X-Wanted"] = " ".join(sorted(g.get("wanted", ())))
        return response

    return app


def test_no_query_breaks_a_page(console: Flask, cast: Cast) -> None:
    crawl = Crawl(console, cast)
    codes, names = codes_of(cast.people.server.ask("GET", "/vocabulary")), crawl.names()
    faults: dict[str, str] = {}
    asked: dict[str, int] = defaultdict(int)
    for turn, (rule, persona, path) in enumerate(_pages(crawl)):
        language = ("zh", "en")[turn % 2]
        client = crawl.client(persona, language)
        wanted = client.get(path).headers["X-Wanted"].split()
        for name in wanted:
            for query in _queries(name):
                asked[str(rule)] += 1
                answer = client.get(f"{path}?{query}")
                if answer.status_code >= 500:
                    faults[f"{path}?{query[:40]}"] = f"{answer.status_code} as {persona}"
                elif is_page(answer):
                    chosen = client.get_cookie("lang")  # A page that switches the language sets this cookie.
                    for fault in faults_of(answer.text, chosen.value if chosen else language, codes, names):
                        faults.setdefault(f"{path}?{query[:40]}", fault)
    assert len(asked) > 30 and sum(asked.values()) > 500
    assert not faults, "\n".join(f"{where}: {fault}" for where, fault in sorted(faults.items()))


def _pages(crawl: Crawl) -> Iterator[tuple[Rule, str, str]]:
    """Yield one address of every page, as the first persona of at most two roles that may open the page."""
    for rule in crawl.rules("GET"):
        roles = crawl.roles(rule)
        personas = [OF_ROLE[role][0] for role in roles] if roles != tuple(OF_ROLE) else ["lead", "own officer"]
        for persona in personas[:2] or ["nobody"]:
            yield from ((rule, persona, path) for path in list(crawl.candidates(rule, persona))[:1])


def _queries(name: str) -> Iterable[str]:
    return [f"{name}={quote(value, errors='surrogatepass')}" for value in VALUES] + [f"{name}={BROKEN}"]


@pytest.mark.parametrize(
    ("language", "choice", "again"), [("zh", "受理中", "重新打开本页"), ("en", "open", "Open the page again")]
)
def test_a_wrong_filter_is_explained_and_the_page_is_one_click_away(
    console: Flask, language: str, choice: str, again: str
) -> None:
    answer = console.test_client().get("/calls?status=x", headers={"Accept-Language": language})
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    assert answer.status_code == 422
    assert re.search(rf"<li>[^<]*{choice}", main)
    assert re.search(rf'href="/calls">{again}<', main)
