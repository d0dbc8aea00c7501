"""From the expert panel to the decision: candidates and exclusions, the score sheet that stores typed scores by itself, scores
without reviewers' names, the page that confirms a decision."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.formation import Formation
from deploy.demo.people import People
from tests.browser.conftest import enter

PROVINCE = "450000"


@pytest.fixture
def case(case: Formation) -> Formation:
    """Return an application that has passed the formal check and waits for its panel."""
    case.recommend()
    case.check()
    return case


@pytest.mark.journey("province")
def test_a_panel_is_drawn_from_candidates_who_are_all_shown(page: Page, people: People, case: Formation) -> None:
    enter(page, people.officer(PROVINCE))
    page.goto(f"/reviews/{case.review(PROVINCE, 'expert_review')}/panel")
    expect(page.get_by_role("table", name="可以参加的专家").get_by_role("checkbox")).not_to_have_count(0)
    expect(page.get_by_role("heading", name="回避的专家")).to_be_visible()
    page.get_by_role("button", name="组建专家组").click()
    expect(page.get_by_text("专家组已组建，专家已收到通知。")).to_be_visible()
    expect(page.get_by_text("随机种子")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(5)


@pytest.mark.journey("expert")
def test_a_score_sheet_keeps_itself_and_shows_the_weighted_total(page: Page, people: People, case: Formation) -> None:
    # Given an expert with one case to score
    username = case.appoint()["experts"][0]
    id = case.review(PROVINCE, "expert_review")
    enter(page, people.person(username))
    page.goto("/todo?kind=score")
    page.locator(f"a[href='/scoring/{id}']").click()
    page.wait_for_url(f"**/scoring/{id}")
    # When the expert declares that there is no conflict of interest, then the page shows the documents and the fields for the
    # scores
    for box in page.locator("form").get_by_role("checkbox").all():
        box.check()
    page.locator("form[action$='/declaration'] button").click()
    # And the expert types a score in each field
    fields = page.locator("input[data-weight]")
    expect(fields).not_to_have_count(0)
    for place in range(fields.count()):
        fields.nth(place).fill("80")
    # Then the page shows the total, and a score is still in its field after a reload
    expect(page.locator("[data-total] b")).to_have_text("80.0")
    expect(page.locator("[data-saved]")).to_contain_text("已自动保留", timeout=8000)
    page.reload()
    expect(page.locator("input[data-weight]").first).to_have_value("80")
    # When the expert submits the scores, first without an overall comment, which the page refuses, and then with one
    page.get_by_role("button", name="提交评分").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("总体意见").fill("路线可行，指标可考核。")
    page.get_by_role("button", name="提交评分").click()
    expect(page.get_by_text(re.compile("评分已提交")).first).to_be_visible()
    assert people.person(username).get(f"/reviews/{id}")["own_score"]["comment"] == "路线可行，指标可考核。"


@pytest.mark.journey("expert")
def test_an_expert_steps_back_with_a_reason(page: Page, people: People, case: Formation) -> None:
    username = case.appoint()["experts"][0]
    enter(page, people.person(username))
    page.goto(f"/scoring/{case.review(PROVINCE, 'expert_review')}")
    page.get_by_text("申请回避").click()
    page.get_by_label("回避理由").fill("配偶在牵头单位任职")
    page.get_by_role("button", name="回避这一件").click()
    expect(page.get_by_text("已登记回避，将另行抽取专家。")).to_be_visible()
    assert username not in case.seated()


@pytest.mark.journey("expert")
def test_the_score_sheet_works_without_a_script(browser: Browser, base_url: str, people: People, case: Formation) -> None:
    username = case.appoint()["experts"][0]
    context = browser.new_context(base_url=base_url, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    enter(page, people.person(username))
    id = case.review(PROVINCE, "expert_review")
    page.goto(f"/scoring/{id}")
    for box in page.locator("form").get_by_role("checkbox").all():
        box.check()
    page.locator("form[action$='/declaration'] button").click()
    fields = page.locator("input[inputmode=decimal]")
    expect(fields).not_to_have_count(0)
    for place in range(fields.count()):
        fields.nth(place).fill("85.5")
    page.get_by_label("总体意见").fill("同意。")
    page.get_by_role("button", name="提交评分").click()
    scores = people.person(username).get(f"/reviews/{id}")["own_score"]["scores"]
    assert set(scores.values()) == {85.5}
    context.close()


@pytest.mark.journey("province")
def test_the_decider_sees_what_follows_before_signing(page: Page, people: People, case: Formation) -> None:
    # Given a case that experts have scored
    case.score(case.appoint()["experts"])
    id = case.review(PROVINCE, "decision")
    enter(page, people.chief(PROVINCE))
    page.goto(f"/reviews/{id}/decision")
    # Then the scores' table shows no reviewer's name to the province's chief
    page.goto(f"/reviews/{id}/panel")
    sheet = page.get_by_role("table", name="评分结果")
    expect(sheet.get_by_text("第 1 份")).to_be_visible()
    expect(sheet.get_by_text(re.compile("评审专家"))).to_have_count(0)
    # When the chief fills in the decision and continues
    page.goto(f"/reviews/{id}/decision")
    page.get_by_label("同意", exact=True).check()
    page.get_by_label("理由", exact=True).fill("方向唯一，条件齐备。")
    page.get_by_role("button", name="下一步：核对").click()
    # Then a page lists the effects of the decision before the chief signs it, and the signature begins the publicity period
    expect(page.get_by_role("heading", level=1)).to_have_text("核对并签署决定")
    expect(page.get_by_text("期满无异议即认定", exact=False)).to_be_visible()
    page.get_by_role("button", name="签署决定").click()
    expect(page.get_by_text("决定已签署。")).to_be_visible()
    case.reaches("publicised")


def test_decisions_are_drawn_up_as_one_list_and_signed_once(browser: Browser, page: Page, people: People, call: str) -> None:
    # Given two cases that experts have scored
    cases = [Formation.complete(people, call) for _ in range(2)]
    for case in cases:
        case.submit()
        case.recommend()
        case.check()
        case.score(case.appoint()["experts"])
    ids = [case.review(PROVINCE, "decision") for case in cases]
    # When an officer of the province puts the decisions on both cases into one list
    enter(page, people.officer(PROVINCE))
    page.goto(f"/calls/{call}/decision-lists")
    page.get_by_label("标题").fill("2026 年度拟认定名单")
    for id, outcome in zip(ids, ("approve", "decline"), strict=True):
        page.locator(f"select[name='/outcome/{id}']").select_option(outcome)
        page.locator(f"textarea[name='/reason/{id}']").fill("经集体研究。")
    # Then a page shows the rows and their effects, and the officer sends the list to the chief
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("核对决定名单")
    expect(page.get_by_text("同意的 1 件一并公示五个工作日")).to_be_visible()
    page.get_by_role("button", name="送负责人签署").click()
    expect(page.get_by_text("名单已送负责人签署。")).to_be_visible()
    # Then a chief signs the list once: the first application is in its publicity period, and the second is declined
    context = browser.new_context(base_url=people.server.base, locale="zh-CN")
    chief = context.new_page()
    enter(chief, people.chief(PROVINCE))
    chief.goto(f"/calls/{call}/decision-lists")
    chief.get_by_role("link", name="2026 年度拟认定名单").click()
    chief.get_by_role("button", name="签署这份名单").click()
    expect(chief.get_by_text("名单已签署，各件结果见下。")).to_be_visible()
    context.close()
    cases[0].reaches("publicised")
    cases[1].reaches("declined")
