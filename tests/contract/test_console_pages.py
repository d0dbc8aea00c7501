"""Every page of the console, for every role and in both languages: one heading, only words that people understand, a strict
content policy and few API calls."""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from console import pages
from tests.contract.access_table import ROUTE_ROLES
from tests.contract.conftest import Running
from tests.contract.console_pages import MOST_CALLS, OF_ROLE, Crawl, codes_of, counted_console, faults_of, is_page
from tests.contract.personas import Cast

#: The folder with the modules of the console's pages.
PAGES = Path(pages.__file__ or "").parent
#: The highest number of compressed bytes that a browser loads: on its first visit, with all files, and for each later page.
FIRST_VISIT, NEXT_PAGE = 100_000, 30_000
#: Routes that show no page in these tests, because the application waits for its bureau, no expert has a case, no upload is
#: incomplete, and the platform has no identity provider. The browser tests open these routes.
UNOPENED = {
    "/applications/<id>/decision.pdf",
    "/calls/<id>/decision-lists",
    "/calls/<id>/decision-lists/<list>",
    "/calls/<id>/decision-lists/<list>/publicity.pdf",
    "/calls/<id>/files/<document>",
    "/calls/<id>/ranking",
    "/calls/<id>/ranking.xlsx",
    "/documents/<id>/parts",
    "/login/sso/callback",
    "/logout/sso",
    "/reviews/<id>/decision",
    "/scoring/<id>",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@pytest.fixture(scope="module")
def console(running: Running) -> Flask:
    return counted_console(running.app)


@pytest.fixture(scope="module")
def crawl(console: Flask, cast: Cast) -> Crawl:
    return Crawl(console, cast)


@pytest.fixture(scope="module")
def visits(crawl: Crawl) -> list[tuple[Rule, str, str, str, TestResponse]]:
    """Return the visits to every page by every persona that may open it, in both languages: route, persona, language, address and
    response."""
    return list(_visit(crawl))


def _visit(crawl: Crawl) -> Iterator[tuple[Rule, str, str, str, TestResponse]]:
    for rule in crawl.rules("GET"):
        roles = crawl.roles(rule)
        personas = [persona for role in roles for persona in OF_ROLE[role]] or ["nobody", "lead"]
        for persona in personas:
            for path in crawl.candidates(rule, persona):
                for language in ("zh", "en"):
                    yield rule, persona, language, path, crawl.client(persona, language).get(path)


def test_every_page_speaks_to_people(visits: list[tuple[Rule, str, str, str, TestResponse]], crawl: Crawl) -> None:
    names = crawl.names()
    codes = codes_of(crawl.cast.people.server.ask("GET", "/vocabulary"))
    faults: dict[str, set[str]] = defaultdict(set)
    for _, persona, language, path, answer in visits:
        if is_page(answer):
            for fault in faults_of(answer.text, language, codes, names):
                faults[fault].add(f"{path} as {persona} in {language}")
    assert not faults, "\n".join(f"{fault}: {sorted(where)[0]}" for fault, where in sorted(faults.items()))


def test_no_page_fails_and_every_page_can_be_opened(visits: list[tuple[Rule, str, str, str, TestResponse]], crawl: Crawl) -> None:
    broken = {(path, persona): answer.status_code for _, persona, _, path, answer in visits if answer.status_code >= 500}
    assert broken == {}
    opened: dict[str, set[str]] = defaultdict(set)
    for rule, persona, _, _, answer in visits:
        if answer.status_code < 400:
            opened[str(rule)].add(persona)
    unopened = [str(rule) for rule in crawl.rules("GET") if not opened[str(rule)]]
    assert set(unopened) <= UNOPENED


def test_every_answer_carries_the_policy(visits: list[tuple[Rule, str, str, str, TestResponse]]) -> None:
    wrong = {}
    for _, persona, _, path, answer in visits:
        if lacking := {name: answer.headers.get(name) for name, value in HEADERS.items() if answer.headers.get(name) != value}:
            wrong[path] = lacking
        kept = answer.headers.get("Cache-Control", "")
        if persona != "nobody" and is_page(answer) and kept != "no-store":
            wrong[path] = {"Cache-Control": kept}
    assert wrong == {}


def test_no_page_has_anything_inline_or_from_elsewhere(visits: list[tuple[Rule, str, str, str, TestResponse]]) -> None:
    pattern = re.compile(r"\sstyle=|\son[a-z]+=\"|<style|<script(?! src=\"/assets/)|(?:src|href|action)=\"(?:https?:)?//")
    found = {path: match[0] for _, _, _, path, answer in visits if is_page(answer) and (match := pattern.search(answer.text))}
    assert found == {}


def test_a_page_asks_the_api_three_times_at_most(visits: list[tuple[Rule, str, str, str, TestResponse]]) -> None:
    asked = {(path, persona): answer.headers["X-Asked"] for _, persona, _, path, answer in visits}
    assert {page: calls for page, calls in asked.items() if len(calls.split(" | ")) > MOST_CALLS} == {}


def test_a_first_visit_and_a_next_page_are_small(visits: list[tuple[Rule, str, str, str, TestResponse]], console: Flask) -> None:
    client = console.test_client()
    pages = {path: answer.get_data() for _, _, _, path, answer in visits if is_page(answer)}
    sizes = {path: len(gzip.compress(page)) for path, page in pages.items()}
    assert {path: size for path, size in sizes.items() if size > NEXT_PAGE} == {}
    files = {}
    for page in pages.values():
        for url in re.findall(r'(?:src|href)="(/assets/[^"#]+)', page.decode()):
            if url not in files:
                answer = client.get(url, headers={"Accept-Encoding": "br"})
                assert answer.headers["Content-Encoding"] == "br" and brotli.decompress(answer.get_data())
                files[url] = len(answer.get_data())
    visit = {
        path: sizes[path] + sum(files[url] for url in set(re.findall(r'(?:src|href)="(/assets/[^"#]+)', page.decode())))
        for path, page in pages.items()
    }
    assert {path: size for path, size in visit.items() if size > FIRST_VISIT} == {}


def test_a_list_that_the_api_hands_out_as_a_spreadsheet_offers_it() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in PAGES.glob("*.py"))
    tables = [route.rpartition("/")[2] for route in ROUTE_ROLES if route.endswith(".xlsx")]
    shown = [table for table in tables if re.search(rf'[/"]{table.removesuffix(".xlsx")}"', source)]
    assert [table for table in shown if table not in source] == []
    assert {"reviews.xlsx", "ranking.xlsx", "consortia.xlsx"} <= set(shown)
