"""The decision on a support request: an officer proposes an amount; the chief grants that amount, or another one with a reason
(A9(1)1)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from deploy.demo.oversight import Member, Support
from deploy.demo.people import PROVINCE, People
from tests.browser.conftest import enter


@pytest.fixture
def request_of_four_million(people: People) -> Support:
    """Return a request for support of four million yuan by a consortium with the grade "good"; the request waits for the
    province's decision."""
    published = date.today() - timedelta(days=60)
    grade = {"grade": "good", "issued_on": (published - timedelta(days=120)).isoformat(), "published_on": published.isoformat()}
    member = Member.imported(people, history={"grades": [grade], "support": []})
    return Support.asked(member, "special_project_evaluated", amount="4000000.00")


def propose(page: Page, people: People, asked: Support, amount: str) -> str:
    """Draft a decision with this amount as an officer of the province; return the case's id."""
    id = asked.review(PROVINCE, "decision")
    enter(page, people.officer())
    page.goto(f"/reviews/{id}")
    form = page.locator("#opinion")
    form.get_by_label("同意", exact=False).first.check()
    # The form begins with the requested amount.
    expect(form.get_by_label("批准金额（元）")).to_have_value("4000000.00")
    form.get_by_label("批准金额（元）").fill(amount)
    form.get_by_label("意见", exact=True).fill("设备预算偏高，建议核减。")
    form.get_by_role("button", name="送负责人签署").click()
    expect(page.get_by_text("草稿已送负责人签署。")).to_be_visible()
    expect(page.locator("#opinion").get_by_text("350 万元").first).to_be_visible()
    return id


def test_the_amount_that_an_officer_proposes_is_granted_by_the_chiefs_signature(
    page: Page, other: Page, people: People, request_of_four_million: Support
) -> None:
    asked = request_of_four_million
    id = propose(page, people, asked, "3500000.00")
    # Given a chief who finds the case in the to-do list and opens the form of the decision
    enter(other, people.chief())
    other.goto("/todo?kind=decision")
    other.locator(f"a[href='/reviews/{id}']").click()
    other.locator(f"a[href='/reviews/{id}/decision']").first.click()
    form = other.locator("#decision")
    # Then the form begins with the officer's opinion and the amount that the officer proposed
    expect(form.get_by_text("设备预算偏高，建议核减。").first).to_be_visible()
    expect(form.get_by_label("批准金额（元）")).to_have_value("3500000.00")
    # When the chief checks the page with the decision's effects and signs
    form.get_by_role("button", name="下一步：核对").click()
    expect(other.get_by_text("350 万元")).to_be_visible()
    other.get_by_role("button", name="签署决定").click()
    # Then the request is granted with the proposed amount
    expect(other.get_by_text("决定已签署。")).to_be_visible()
    assert asked.reaches("granted")["amount"] == "3500000.00"


def test_another_amount_than_the_officers_needs_the_reason_why_it_differs(
    page: Page, other: Page, people: People, request_of_four_million: Support
) -> None:
    asked = request_of_four_million
    id = propose(page, people, asked, "3500000.00")
    enter(other, people.chief())
    other.goto(f"/reviews/{id}/decision")
    form = other.locator("#decision")
    # When the chief signs a smaller amount without a reason for the difference
    form.get_by_label("批准金额（元）").fill("3000000.00")
    form.get_by_role("button", name="下一步：核对").click()
    other.get_by_role("button", name="签署决定").click()
    # Then the form keeps the chief's amount and asks for the reason, and with the reason the chief's amount is granted
    form = other.locator("#decision")
    expect(form.get_by_role("alert")).to_be_focused()
    expect(form.get_by_label("批准金额（元）")).to_have_value("3000000.00")
    form.get_by_label("与草稿不同的理由").fill("本年度预算余额不足。")
    form.get_by_role("button", name="下一步：核对").click()
    other.get_by_role("button", name="签署决定").click()
    expect(other.get_by_text("决定已签署。")).to_be_visible()
    assert asked.reaches("granted")["amount"] == "3000000.00"
