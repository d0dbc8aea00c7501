"""`make screenshots`: pictures of the key screens with the demonstration in them, at desk and phone width, in both languages.

The pictures go into `build/screenshots/`; none is committed. Each screen is checked for text that is cut off.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from deploy.demo import life
from deploy.demo.client import Account
from deploy.demo.people import People
from deploy.demo.platform import Embedded, accounts

OUT = Path("build/screenshots")
#: Name → path; a path in braces is filled with an id of the demonstration.
PUBLIC = {
    "home": "/",
    "calls": "/calls",
    "register": "/register",
    "publicity": "/publicity",
    "certificate": "/certificates?number=GXCX-2026-0001",
    "regulation": "/regulation",
    "login": "/login",
    "registration": "/register-organisation",
}
APPLICANT = {"applications": "/applications", "organisation": "/organisation", "messages": "/messages", "account": "/account"}
SIZES = {"desk": (1440, 900), "phone": (390, 844)}


def main() -> None:
    """Play the demonstration on a platform of its own, then take every picture."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Embedded(Path(folder), GUICHUANG_RATE_LIMIT="0") as platform:
        people = People(platform.server, accounts(Path(folder)))
        case = life.play(people)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
            for language in ("zh-CN", "en"):
                for size, (width, height) in SIZES.items():
                    _take(browser, platform.server.base, case.lead, language, size, width, height)
            browser.close()


def _take(browser: Browser, base: str, lead: Account, language: str, size: str, width: int, height: int) -> None:
    context = browser.new_context(base_url=base, locale=language, viewport={"width": width, "height": height})
    page = context.new_page()
    for name, path in PUBLIC.items():
        _picture(page, path, f"{name}-{language[:2]}-{size}")
    _log_in(page, lead)
    for name, path in APPLICANT.items():
        _picture(page, path, f"{name}-{language[:2]}-{size}")
    context.close()


def _log_in(page: Page, account: Account) -> None:
    page.goto("/login")
    page.locator("#f-username").fill(account.username)
    page.locator("#f-password").fill(account.password)
    page.locator("main form button.btn-primary").first.click()
    page.wait_for_url("**/todo")


def _picture(page: Page, path: str, name: str) -> None:
    page.goto(path)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        print(f"{name}: {wide} px too wide")
    page.screenshot(path=OUT / f"{name}.png", full_page=True)


if __name__ == "__main__":
    main()
