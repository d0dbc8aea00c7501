"""Printed pages of the console: a case and a ranking print completely and without menus, with the time and the reader's name."""

from __future__ import annotations

import re

import pypdfium2
from playwright.sync_api import Page

from deploy.demo.formation import Formation
from deploy.demo.people import PROVINCE, People
from tests.browser.conftest import enter

CITY = "450200"


def printed(page: Page) -> tuple[str, int]:
    """Return the text, without white space, of the page printed on A4, and the number of sheets."""
    document = pypdfium2.PdfDocument(page.pdf(format="A4"))
    text = "".join(sheet.get_textpage().get_text_range() for sheet in document)
    return re.sub(r"\s+", "", text), len(document)


def test_a_case_prints_with_its_findings_and_their_clauses(page: Page, people: People, call: str) -> None:
    # Given a case whose page shows the passed rules collapsed
    case = Formation.complete(people, call)
    case.submit()
    officer = people.officer(CITY)
    enter(page, officer)
    page.goto(f"/reviews/{case.review(CITY, 'recommendation')}")
    heading = page.get_by_role("heading", level=1).inner_text()
    folded = page.locator("details table").first.locator("a").first.inner_text()
    # When an officer prints the page
    text, sheets = printed(page)
    # Then the print has the title, the content and the collapsed rules with their articles, the time and the officer's name, but
    # no menus
    assert re.sub(r"\s+", "", heading) in text
    assert "甘蔗良种与绿色制糖" in text
    assert folded in text
    assert "打印时间：" in text and "打印人：" in text
    assert "退出" not in text and "大字" not in text
    assert 1 <= sheets <= 12


def test_a_ranking_prints_with_its_line_of_places(page: Page, people: People, call: str) -> None:
    case = Formation.complete(people, call)
    case.submit()
    case.recommend()
    case.check()
    case.score(case.appoint()["experts"])
    case.review(PROVINCE, "decision")
    enter(page, people.officer())
    page.goto(f"/calls/{call}/ranking")
    text, sheets = printed(page)
    assert "广西糖业创新联合体" in text and "打印人：" in text
    assert "退出" not in text
    assert 1 <= sheets <= 3
