"""`make screenshots`: take pictures of the main screens with the demonstration's data, in desktop and phone width, in both
languages.

The pictures are written to `build/screenshots/`; none is committed. The command fails if text on a screen is cut off.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from deploy.demo import life
from deploy.demo.client import Account
from deploy.demo.formation import Formation, open_call
from deploy.demo.people import PROVINCE, People
from deploy.demo.platform import Embedded, accounts

OUT = Path("build/screenshots")
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
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
CITY = "450200"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A logged-in account, and its screens to photograph: name of the picture → path of the page."""

    account: Account
    screens: Mapping[str, str]


def main() -> int:
    """Run the demonstration on a platform of its own, then take every picture. The exit status is 1 if text on a screen is cut
    off."""
    OUT.mkdir(parents=True, exist_ok=True)
    cut: list[str] = []
    with tempfile.TemporaryDirectory() as folder, Embedded(Path(folder), GUICHUANG_RATE_LIMIT="0") as platform:
        people = People(platform.server, accounts(Path(folder)))
        lead = life.play(people).lead
        visitors = _visitors(people, lead)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
            for language in ("zh-CN", "en"):
                for size, shape in SIZES.items():
                    cut += _take(browser, platform.server.base, visitors, language, size, shape)
            browser.close()
    print("\n".join(cut))
    return 1 if cut else 0


def _visitors(people: People, lead: Account) -> list[Visitor]:
    """Create a draft and cases that wait for an opinion, for scores and for the decision; return the accounts that work on them,
    with their screens."""
    call = open_call(people)["id"]
    draft = Formation.draft(people, call)
    waiting = Formation.complete(people, call)
    waiting.submit()
    scoring = Formation.complete(people, call)
    scoring.submit()
    scoring.recommend()
    scoring.check()
    experts = scoring.appoint()["experts"]
    scored = Formation.complete(people, call)
    scored.submit()
    scored.recommend()
    scored.check()
    scored.score(scored.appoint()["experts"])
    at_city = waiting.review(CITY, "recommendation")
    to_score, to_decide = scoring.review(PROVINCE, "expert_review"), scored.review(PROVINCE, "decision")
    form = f"/applications/{draft.id}/form"
    return [
        Visitor(lead, {"applications": "/applications", "consortia": "/consortia", "organisation": "/organisation"}),
        Visitor(draft.lead, {"form": f"{form}/basics", "members": f"{form}/members", "papers": f"{form}/papers"}),
        Visitor(waiting.lead, {"submitted": f"/applications/{waiting.id}", "messages": "/messages", "account": "/account"}),
        Visitor(people.officer(CITY), {"todo": "/todo", "cases": "/reviews", "opinion": f"/reviews/{at_city}"}),
        Visitor(people.officer(PROVINCE), {"panel": f"/reviews/{to_score}/panel", "reviewers": "/reviewers"}),
        Visitor(people.chief(PROVINCE), {"ranking": f"/calls/{call}/ranking", "decision": f"/reviews/{to_decide}/decision"}),
        Visitor(people.person(experts[0]), {"scoring": f"/scoring/{to_score}"}),
        Visitor(people.role("auditor"), {"audit": f"/audit?subject=application/{scored.id}"}),
        Visitor(people.operator, {"accounts": "/operations/accounts"}),
    ]


def _take(browser: Browser, base: str, visitors: list[Visitor], language: str, size: str, shape: tuple[int, int]) -> list[str]:
    """Take every picture in one language and one window size; return a line for each screen that is wider than the window."""
    cut: list[str] = []
    viewport = {"width": shape[0], "height": shape[1]}
    context = browser.new_context(base_url=base, locale=language, viewport=viewport)
    page = context.new_page()
    for name, path in PUBLIC.items():
        cut += _picture(page, path, f"{name}-{language[:2]}-{size}")
    context.close()
    for visitor in visitors:
        context = browser.new_context(base_url=base, locale=language, viewport=viewport)
        page = context.new_page()
        _log_in(page, visitor.account)
        for name, path in visitor.screens.items():
            cut += _picture(page, path, f"{name}-{language[:2]}-{size}")
        context.close()
    return cut


def _log_in(page: Page, account: Account) -> None:
    page.goto("/login")
    page.locator("#f-username").fill(account.username)
    page.locator("#f-password").fill(account.password)
    page.locator("main form button.btn-primary").first.click()
    page.wait_for_url("**/todo")


def _picture(page: Page, path: str, name: str) -> list[str]:
    page.goto(path)
    page.screenshot(path=OUT / f"{name}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{name}: {wide} px too wide"] if wide > 0 else []


if __name__ == "__main__":
    sys.exit(main())
