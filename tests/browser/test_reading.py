"""Documents are read beside the work, by an expert at the score sheet and by an officer at a case, and without JavaScript on a
page of their own."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from deploy.demo.formation import Formation, open_call
from deploy.demo.people import PROVINCE, People
from tests.browser.conftest import log_in, told
from tests.browser.test_pages import WIDTHS
from tests.unit.documents.hostile import pdf

#: A PDF document of three pages.
REPORT = pdf(b"0 0 200 200 re f", b"100 100 200 200 re f", b"300 300 200 200 re f")


@pytest.fixture(scope="module")
def case(people: People) -> Formation:
    """Return an application that has a document of three pages among its documents and waits for its panel."""
    made = Formation.complete(people, open_call(people)["id"])
    made.lead.upload(made.subject, "attachment", "可行性报告.pdf", REPORT)
    made.submit()
    made.recommend()
    made.check()
    return made


@pytest.fixture(scope="module")
def expert(people: People, case: Formation) -> dict[str, str]:
    """Return the username and password of an expert of the panel who has made the declaration, so that the expert may read the
    documents."""
    account = people.person(case.appoint()["experts"][0])
    declared = {"no_interest": True, "confidentiality": True}
    account.post(f"/reviews/{case.review(PROVINCE, 'expert_review')}/declarations", declared)
    return {"username": account.username, "password": account.password}


def loaded(page: Page) -> bool:
    """Return whether the image of the document's page is loaded in its full width of 1240 pixels."""
    image = page.locator("#paper img")
    expect(image).to_be_visible()
    image.evaluate("one => one.decode()")
    return bool(image.evaluate("one => one.naturalWidth") == 1240)


def test_an_expert_turns_pages_beside_the_score_sheet_and_loses_no_score(
    page: Page, people: People, case: Formation, expert: dict[str, str]
) -> None:
    # Given an expert who has typed a score into the score sheet
    log_in(page, expert)
    page.goto(f"/scoring/{case.review(PROVINCE, 'expert_review')}")
    field = page.locator("input[data-weight]").first
    field.fill("87.5")
    # When the expert opens the document beside the sheet and goes to its third page
    paper = page.locator("#paper")
    paper.locator("summary").click()
    paper.get_by_role("link", name="可行性报告.pdf").click()
    expect(paper.get_by_role("heading", name="第 1 页，共 3 页")).to_be_focused()
    for number in (2, 3):
        paper.get_by_role("link", name="下一页").click()
        expect(paper.get_by_role("heading", name=f"第 {number} 页，共 3 页")).to_be_focused()
        assert loaded(page)
    # Then the typed score is still in the sheet, the browser is at the same address, and the third page was announced to screen
    # readers
    expect(field).to_have_value("87.5")
    assert page.url.endswith(case.review(PROVINCE, "expert_review"))
    expect(page.locator("#said")).to_contain_text("第 3 页，共 3 页")
    expect(paper.get_by_role("link", name="下一页")).to_have_count(0)
    violations = [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(page).response["violations"]]
    assert violations == [], told(violations)
    paper.locator("summary").click()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{wide} px too wide at {width} px"
    # And the score is still in the form after a reload
    expect(page.locator("[data-saved]")).to_contain_text("已自动保留")
    page.reload()
    expect(field).to_have_value("87.5")


def test_an_officer_reads_a_paper_on_the_page_of_the_case(page: Page, people: People, case: Formation) -> None:
    account = people.officer(PROVINCE)
    log_in(page, {"username": account.username, "password": account.password})
    page.goto(f"/reviews/{case.review(PROVINCE, 'expert_review')}")
    expect(page.locator("#paper")).to_be_hidden()
    row = page.locator("#papers tr", has_text="可行性报告.pdf")
    row.get_by_role("link", name="逐页阅读").click()
    expect(page.locator("#paper").get_by_role("heading", name="第 1 页，共 3 页")).to_be_focused()
    assert loaded(page)
    expect(page.locator("#paper").get_by_role("link", name="下载")).to_have_attribute(
        "href", row.get_by_role("link").first.get_attribute("href") or ""
    )


def test_without_scripts_pages_turn_by_links_and_lead_back_to_the_case(plain: Page, people: People, case: Formation) -> None:
    id = case.review(PROVINCE, "expert_review")
    account = people.officer(PROVINCE)
    log_in(plain, {"username": account.username, "password": account.password})
    plain.goto(f"/reviews/{id}")
    with plain.expect_popup() as opened:
        plain.locator("#papers tr", has_text="可行性报告.pdf").get_by_role("link", name="逐页阅读").click()
    reading = opened.value
    reading.get_by_role("link", name="下一页").click()
    expect(reading.get_by_role("heading", name="第 2 页，共 3 页")).to_be_visible()
    expect(reading.locator("#paper img")).to_be_visible()
    reading.get_by_role("navigation").or_(reading.locator(".crumbs")).get_by_role("link").first.click()
    expect(reading).to_have_url(f"{people.server.base}/reviews/{id}")
