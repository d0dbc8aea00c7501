"""Every page that a visitor without an account can open: no error in the browser's console, no violation of the content policy,
no accessibility fault that axe finds, no text cut off on a phone or at 200 %."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from deploy.demo.people import People
from tests.browser.conftest import entry, log_in, told

PUBLIC = [
    "/",
    "/calls",
    "/register",
    "/publicity",
    "/certificates",
    "/regulation",
    "/login",
    "/register-organisation",
    "/register-organisation/status",
    "/sitemap",
    "/accessibility",
    "/nowhere",
]
OWN = ["/todo", "/messages", "/account", "/account/preferences", "/account/access-log"]
#: The widths of the window, in pixels, at which no text may be cut off: a phone, a desktop, and the same desktop at 200 %.
WIDTHS = (360, 1440, 720)


def check(page: Page, path: str) -> None:
    """Open a page and check the rules for every page: one heading, no fault that axe finds, no text cut off."""
    page.goto(path)
    assert page.locator("h1").count() == 1, path
    violations = [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(page).response["violations"]]
    assert violations == [], told(violations)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px too wide at {width} px"


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_clean_in_both_languages(page: Page, path: str) -> None:
    check(page, path)
    page.goto(f"/preferences/language?next={path}")
    check(page, path)


def test_an_accounts_own_pages_are_clean(page: Page, people: People) -> None:
    log_in(page, entry(people, "officer"))
    for path in OWN:
        check(page, path)


def test_large_text_and_language_are_kept_from_page_to_page(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="大字").first.click()
    expect(page.locator("html")).to_have_css("font-size", "20px")
    page.get_by_role("link", name="English").first.click()
    page.goto("/calls")
    assert page.get_by_role("heading", level=1).inner_text() == "Calls"
    expect(page.locator("html")).to_have_css("font-size", "20px")
