"""Every page of the console, for every role that may open it: no error in the browser's console, no accessibility fault that axe
finds, no text cut off on a phone or at 200 %, no button too small for a finger."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage
from waitress import create_server

from console.session import Sealer
from tests.browser.conftest import told
from tests.browser.phone import faults_on_phone
from tests.contract.conftest import Running, cast, formation, running
from tests.contract.console_pages import KEYS, OF_ROLE, Crawl, counted_console, is_page
from tests.contract.personas import Cast

__all__ = ["cast", "formation", "running"]

#: The widths of the window, in pixels: a desktop of 1440 pixels at 200 %, and a phone.
WIDTHS = (720, 360)


@pytest.fixture(scope="module")
def crawl(running: Running, cast: Cast) -> Crawl:
    return Crawl(counted_console(running.app), cast)


@pytest.fixture(scope="module")
def served(crawl: Crawl) -> Iterator[str]:
    """Yield the address of a server for the console whose pages the tests open."""
    server = create_server(crawl.app, listen="127.0.0.1:0", threads=4)
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    serving.join(timeout=10)


@pytest.fixture(scope="module")
def pages(crawl: Crawl) -> dict[str, list[tuple[str, bool]]]:
    """Return for each persona the addresses of the pages to open. The flag says whether axe checks the page; axe checks each
    route once, for the first persona that opens it."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for rule in crawl.rules("GET"):
        roles, seen = crawl.roles(rule), False
        personas = ("lead", "own officer") if roles == tuple(OF_ROLE) else tuple(one for role in roles for one in OF_ROLE[role])
        for persona in personas or ("nobody",):
            for path in crawl.candidates(rule, persona):
                answer = crawl.client(persona, "zh").get(path)
                if answer.status_code < 300 and is_page(answer):
                    found.setdefault(persona, []).append((path, not seen))
                    seen = True
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("persona", ["nobody", *(persona for personas in OF_ROLE.values() for persona in personas)])
def test_every_page_is_clean_and_fits_a_phone_and_a_zoom(
    browser: Browser, served: str, crawl: Crawl, pages: dict[str, list[tuple[str, bool]]], persona: str, language: str
) -> None:
    context = browser.new_context(base_url=served, locale="zh-CN" if language == "zh" else "en")
    _enter(context, crawl, served, persona)
    page = context.new_page()
    faults: list[str] = []
    said: list[str] = []
    page.on("console", lambda message: said.append(_words(message)))
    page.on("pageerror", lambda error: said.append(f"script: {error}"))
    for path, looked_at in pages.get(persona, []):
        page.goto(path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 740})
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                faults.append(f"{path} is {wide} px too wide at {width} px")
        faults += [f"{path} on a phone: {fault}" for fault in faults_on_phone(page)]
        if looked_at and language == "zh":
            violations = Axe().run(page).response["violations"]
            faults += [f"{path}: {one['id']} {one['nodes'][0]['html'][:200]}" for one in violations]
        faults += [f"{path}: {words}" for words in said if words]
        said.clear()
    context.close()
    assert not faults, told(faults)


def test_the_crawl_opens_pages_of_every_role(pages: dict[str, list[tuple[str, bool]]]) -> None:
    assert {role for role, personas in OF_ROLE.items() if not any(pages.get(persona) for persona in personas)} <= {"portal"}
    assert sum(map(len, pages.values())) > 60


def _enter(context: BrowserContext, crawl: Crawl, served: str, persona: str) -> None:
    if persona != "nobody":
        cookie = Sealer(lambda: KEYS).seal_session(crawl.session(persona))
        context.add_cookies([{"name": "guichuang", "value": cookie, "url": served}])


def _words(message: ConsoleMessage) -> str:
    return f"{message.type}: {message.text}" if message.type in ("error", "warning") else ""
