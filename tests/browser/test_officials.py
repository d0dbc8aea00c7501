"""A bureau's work from the inbox to a signed opinion: the chief signs exactly the officer's draft, returns an application by
section, or signs a different opinion with a reason."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from deploy.demo.formation import Formation
from deploy.demo.people import People
from tests.browser.conftest import CITY, enter


def answer_all(page: Page) -> None:
    """Reply to every question of the page with yes, each with a reason."""
    form = page.locator("#opinion")
    expect(form.locator(".question")).not_to_have_count(0)
    for question in form.locator(".question").all():
        question.get_by_label("符合", exact=True).check()
        question.get_by_placeholder("理由").fill("材料齐全，经核实符合。")


def review_of(case: Formation) -> str:
    return case.review(CITY, "recommendation")


@pytest.mark.journey("officer")
def test_an_officer_drafts_and_the_chief_signs_that_very_draft(page: Page, other: Page, people: People, case: Formation) -> None:
    # Given a case in the officer's inbox
    id = review_of(case)
    enter(page, people.officer(CITY))
    page.goto(f"/reviews/{id}")
    form = page.locator("#opinion")
    form.get_by_label("同意推荐").check()
    answer_all(page)
    form.get_by_label("意见", exact=True).fill("成员覆盖产业链主要环节，同意推荐。")
    # When the officer drafts an opinion and sends it to the chief
    form.get_by_role("button", name="送负责人签署").click()
    expect(page.get_by_text("草稿已送负责人签署。")).to_be_visible()
    # Then the chief finds the case in the to-do list, reads the draft and signs it
    enter(other, people.chief(CITY))
    other.goto("/todo?kind=opinion_to_sign")
    other.locator(f"a[href='/reviews/{id}']").click()
    expect(other.locator("#opinion").get_by_text("成员覆盖产业链主要环节，同意推荐。").first).to_be_visible()
    other.get_by_role("button", name="照此签署").click()
    expect(other.get_by_text("意见已签署。")).to_be_visible()
    case.reaches("submitted", stage="formal_check")


@pytest.mark.journey("officer")
def test_a_return_names_sections_with_words_each_and_keeps_them_while_they_are_typed(
    page: Page, people: People, case: Formation
) -> None:
    enter(page, people.officer(CITY))
    page.goto(f"/reviews/{review_of(case)}")
    cut_off: list[str] = []
    page.on("requestfailed", lambda request: cut_off.append(request.url))
    form = page.locator("#opinion")
    form.get_by_label("退回补正").check()
    form.get_by_label("意见", exact=True).fill("请补正后重新提交。")
    form.get_by_role("button", name="增加一项").click()
    # Then, after the button "增加一项", the opinion typed before is still in the form, beside the new entry
    form = page.locator("#opinion")
    expect(form.get_by_label("意见", exact=True)).to_have_value("请补正后重新提交。")
    form.get_by_label("部分", exact=True).select_option(label="运行制度")
    # And no request was cut off: the button waited for the automatic save, which could otherwise have undone the button's effect
    assert cut_off == []
    form.get_by_role("textbox", name="要补什么").fill("缺少决策机构章程")
    form.get_by_role("button", name="送负责人签署").click()
    expect(page.get_by_text("草稿已送负责人签署。")).to_be_visible()
    expect(page.locator("#opinion").get_by_text("缺少决策机构章程").first).to_be_visible()


def test_a_chief_who_signs_something_else_says_why(page: Page, people: People, case: Formation) -> None:
    # Given an officer's draft of an opinion that recommends the application
    people.officer(CITY).post(f"/reviews/{review_of(case)}/opinions", opinion_body())
    enter(page, people.chief(CITY))
    page.goto(f"/reviews/{review_of(case)}")
    # When the chief signs a rejection instead, without a reason for the difference from the draft
    page.get_by_text("签署不同意见").first.click()
    form = page.locator("#opinion")
    form.get_by_label("不予推荐").check()
    form.get_by_label("意见", exact=True).fill("研究方向与在册联合体重复。")
    form.get_by_label("与草稿不同的理由").fill("")
    page.evaluate("document.querySelectorAll('#opinion [required]').forEach((field) => field.removeAttribute('required'))")
    form.get_by_role("button", name="签署不同意见").click()
    # Then the form keeps the typed text and asks for the reason, and with the reason the chief can sign
    form = page.locator("#opinion")
    expect(form.get_by_role("alert")).to_be_focused()
    expect(form.get_by_label("意见", exact=True)).to_have_value("研究方向与在册联合体重复。")
    form.get_by_label("与草稿不同的理由").fill("草稿未核对名册。")
    form.get_by_role("button", name="签署不同意见").click()
    expect(page.get_by_text("意见已签署。")).to_be_visible()
    expect(page.get_by_text(re.compile("研究方向与在册联合体重复")).first).to_be_visible()


def opinion_body() -> dict[str, object]:
    answers = {f"Q{number}": {"met": True, "reason": "符合要求。"} for number in range(1, 10)}
    return {"stage": "recommendation", "outcome": "pass", "comment": "同意推荐。", "answers": answers}
