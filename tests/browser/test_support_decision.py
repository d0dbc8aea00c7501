"""A decision about support: an officer proposes an amount, and the chief grants it, or another amount with a reason (A9(1)1)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from deploy.demo.oversight import Member, Support
from deploy.demo.people import PROVINCE, People
from tests.browser.conftest import enter


@pytest.fixture
def request_of_four_million(people: People) -> Support:
    """Return a request of a consortium with a good grade that waits for its decision."""
    published = date.today() - timedelta(days=60)
    grade = {"grade": "good", "issued_on": (published - timedelta(days=120)).isoformat(), "published_on": published.isoformat()}
    member = Member.imported(people, history={"grades": [grade], "support": []})
    return Support.asked(member, "special_project_evaluated", amount="4000000.00")


def propose(page: Page, people: People, asked: Support, amount: str) -> str:
    """Draft the decision as an officer of the province, and return the case's id."""
    id = asked.review(PROVINCE, "decision")
    enter(page, people.officer())
    page.goto(f"/reviews/{id}")
    form = page.locator("#opinion")
    form.get_by_label("同意", exact=False).first.check()
    # The amount begins with what is asked for.
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
    # Given a chief who finds the request in the to-do list
    enter(other, people.chief())
    other.goto("/todo?kind=decision")
    other.locator(f"a[href='/reviews/{id}']").click()
    other.locator(f"a[href='/reviews/{id}/decision']").first.click()
    form = other.locator("#decision")
    # Then the form begins with the officer's proposal
    expect(form.get_by_text("设备预算偏高，建议核减。").first).to_be_visible()
    expect(form.get_by_label("批准金额（元）")).to_have_value("3500000.00")
    # When the chief reads what follows and signs
    form.get_by_role("button", name="下一步：核对").click()
    expect(other.get_by_text("350 万元")).to_be_visible()
    other.get_by_role("button", name="签署决定").click()
    # Then the proposed amount is granted
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
    # When the chief grants less, without a reason
    form.get_by_label("批准金额（元）").fill("3000000.00")
    form.get_by_role("button", name="下一步：核对").click()
    other.get_by_role("button", name="签署决定").click()
    # Then the form keeps the amount and asks for the reason; with it, the chief's amount is granted
    form = other.locator("#decision")
    expect(form.get_by_role("alert")).to_be_focused()
    expect(form.get_by_label("批准金额（元）")).to_have_value("3000000.00")
    form.get_by_label("与草稿不同的理由").fill("本年度预算余额不足。")
    form.get_by_role("button", name="下一步：核对").click()
    other.get_by_role("button", name="签署决定").click()
    expect(other.get_by_text("决定已签署。")).to_be_visible()
    assert asked.reaches("granted")["amount"] == "3000000.00"
