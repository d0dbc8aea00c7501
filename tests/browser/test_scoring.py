"""An expert scores one case after another on one sheet, and can do so by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from deploy.demo.client import Account, until
from deploy.demo.formation import Formation, open_call
from deploy.demo.invented import new_code
from deploy.demo.people import PROVINCE, People
from tests.browser.conftest import log_in

#: The number of cases that the test assigns to the expert.
CASES = 10


@pytest.fixture(scope="module")
def call(people: People) -> str:
    id: str = open_call(people, min_reviewers=1)["id"]
    return id


@pytest.fixture
def expert(people: People, call: str) -> Account:
    """Create an expert; return the account when the review service knows it. The expert has no cases yet."""
    profile = {"employer": new_code("450200", "university"), "former_employers": [], "fields": ["糖业"], "declared_interests": []}
    account = people.new(["expert"], name="评审专家甲", expert=profile)
    path = f"/reviews/{to_panel(people, call).review(PROVINCE, 'expert_review')}/panel/candidates"

    def listed() -> bool | None:
        known = people.officer(PROVINCE).get(path)["candidates"]
        return any(one["expert"] == account.username for one in known) or None

    until(listed, "the new expert among the candidates")
    return account


def to_panel(people: People, call: str) -> Formation:
    """Return a new application that has passed the formal check and waits for its panel."""
    made = Formation.complete(people, call)
    made.submit()
    made.recommend()
    made.check()
    return made


def declare(page: Page) -> None:
    """Make the declaration that the page requires before it shows the documents and the score sheet."""
    for box in page.locator("form[action$='/declaration']").get_by_role("checkbox").all():
        box.check()
    page.locator("form[action$='/declaration'] button").click()


def test_an_expert_scores_ten_cases_in_a_row(page: Page, people: People, call: str, expert: Account) -> None:
    # Given ten cases assigned to one expert
    ids = set()
    while len(ids) < CASES:
        made = to_panel(people, call)
        made.appoint(1, experts=[expert.username])
        ids.add(made.review(PROVINCE, "expert_review"))
    log_in(page, {"username": expert.username, "password": expert.password})
    page.goto("/scoring")
    expect(page.get_by_text("待评 10 件")).to_be_visible()
    # When the expert declares and submits scores for a case, then the page shows the next case from its top
    page.get_by_role("link", name="开始评分").click()
    for place in range(CASES):
        expect(page.get_by_text("本案单位")).to_be_visible()
        expect(page.locator("main .rows .code")).to_have_count(0)  # The units are shown by name.
        declare(page)
        expect(page.locator("#paper img")).to_be_visible()  # The document is shown after the declaration without a further click.
        for field in page.locator("input[data-weight]").all():
            field.fill("80")
        assert page.evaluate("window.scrollY") == 0
        page.get_by_label("总体意见").fill(f"第 {place + 1} 件：路线可行。")
        page.get_by_role("button", name="提交评分").click()
        expect(page.get_by_text("这是下一件" if place < CASES - 1 else "评分已提交。")).to_be_visible()
    # Then every case has the expert's score, and no case waits
    expect(page.get_by_text("待评 0 件")).to_be_visible()
    assert {id for id in ids if expert.get(f"/reviews/{id}")["own_score"]} == ids


def test_a_case_that_is_left_comes_again_after_the_others(page: Page, people: People, call: str, expert: Account) -> None:
    # Given an expert with two cases to score
    made = [to_panel(people, call) for _ in range(2)]
    for one in made:
        one.appoint(1, experts=[expert.username])
    log_in(page, {"username": expert.username, "password": expert.password})
    page.goto(f"/scoring/{made[0].review(PROVINCE, 'expert_review')}")
    # When the expert goes to the next case twice, without scoring
    page.get_by_role("link", name="下一件").click()
    expect(page).to_have_url(f"{people.server.base}/scoring/{made[1].review(PROVINCE, 'expert_review')}")
    page.get_by_role("link", name="下一件").click()
    # Then the page shows the first case again
    expect(page).to_have_url(f"{people.server.base}/scoring/{made[0].review(PROVINCE, 'expert_review')}")


def test_a_score_sheet_is_handed_in_by_keyboard_alone(page: Page, people: People, call: str) -> None:
    made = to_panel(people, call)
    expert = people.person(made.appoint(1)["experts"][0])
    id = made.review(PROVINCE, "expert_review")
    log_in(page, {"username": expert.username, "password": expert.password})
    page.goto(f"/scoring/{id}")
    for box in page.locator("form[action$='/declaration']").get_by_role("checkbox").all():
        box.focus()
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("input[data-weight]").first).to_be_visible()
    page.locator("input[data-weight]").first.focus()
    page.keyboard.type("90")
    for _ in range(20):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement !== document.body")
        name, value = page.evaluate("() => [document.activeElement.name || '', document.activeElement.value || '']")
        if name.startswith("/scores/"):
            page.keyboard.type("90")
        elif name == "/comment":
            page.keyboard.type("指标可考核。")
        elif value == "submit":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("评分已提交").first).to_be_visible()
    assert set(expert.get(f"/reviews/{id}")["own_score"]["scores"].values()) == {90}
