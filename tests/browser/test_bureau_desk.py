"""An officer's and a chief's daily work at a bureau: signing with three clicks, corrections beside the comments, stored phrases,
verification of facts, work on a phone and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from deploy.demo.formation import ANSWERS, Formation
from deploy.demo.people import People
from tests.browser.conftest import CITY, enter

RETURNED = [
    {"section": "members", "comment": "补充成员的合作基础。"},
    {"section": "goals", "comment": "目标任务缺年度指标。"},
]


@pytest.fixture
def phone(browser: Browser, base_url: str) -> Iterator[Page]:
    """Yield a page in a window of a phone's size, which an officer uses on site."""
    context = browser.new_context(base_url=base_url, locale="zh-CN", viewport={"width": 360, "height": 740}, has_touch=True)
    yield context.new_page()
    context.close()


def at_city(case: Formation) -> str:
    return case.review(CITY, "recommendation")


def answer_all(form: Locator) -> None:
    """Reply to every question of the form with yes, each with a reason."""
    expect(form.locator(".question")).not_to_have_count(0)
    for question in form.locator(".question").all():
        question.get_by_label("符合", exact=True).check()
        question.get_by_placeholder("理由").fill("材料齐全，经核实符合。")


def draft(people: People, case: Formation, comment: str = "同意推荐。") -> None:
    body = {"stage": "recommendation", "outcome": "pass", "comment": comment, "answers": ANSWERS}
    people.officer(CITY).post(f"/reviews/{at_city(case)}/opinions", body)


def test_a_chief_signs_one_draft_after_the_other_with_three_clicks_each(page: Page, people: People, call: str) -> None:
    # Given two officers' drafts of opinions in the chief's inbox
    for _ in range(2):
        made = Formation.complete(people, call)
        made.submit()
        draft(people, made)
    enter(page, people.chief(CITY))
    page.goto("/reviews")
    # When the chief opens the first case, signs its draft and opens the next case, with three clicks in all
    page.locator("a.title").first.click()
    page.get_by_role("button", name="照此签署").click()
    first = page.url.partition("?")[0]
    page.get_by_role("link", name="下一件").click()
    # Then the page shows the draft of the second case to sign
    expect(page.get_by_role("button", name="照此签署")).to_be_visible()
    assert page.url != first


def test_a_correction_stands_beside_what_the_return_asked_for(page: Page, people: People, case: Formation) -> None:
    # Given an application that the city returned with comments on two sections, of which the lead corrected one before submitting
    # again
    case.opine(CITY, "recommendation", outcome="return", comment="请补正后重新提交。", sections=RETURNED)
    goals = case.reaches("returned")["goals"]
    goals[0]["indicators"].append({"name": "建设中试线", "target": "2", "unit": "条", "due": "2029-12-31"})
    case.change(goals=goals)
    case.submit()
    # When an officer of the city opens the case
    enter(page, people.officer(CITY))
    page.goto(f"/reviews/{at_city(case)}")
    # Then the page begins with the comments: the first comment with the lead's correction, the second marked as not changed
    assert page.locator("main .stack > section.panel").first.get_attribute("id") == "changed"
    rows = page.locator("#changed tbody tr")
    expect(rows.filter(has_text="目标任务缺年度指标。")).to_contain_text("建设中试线")
    expect(rows.filter(has_text="补充成员的合作基础。")).to_contain_text("未改动")


def test_a_chief_does_not_sign_a_draft_that_changed_after_it_was_read(page: Page, people: People, case: Formation) -> None:
    # Given a chief who reads an officer's draft, while the draft is replaced by a newer one
    draft(people, case, "初稿：同意推荐。")
    enter(page, people.chief(CITY))
    page.goto(f"/reviews/{at_city(case)}")
    draft(people, case, "二稿：经现场核查，同意推荐。")
    # When the chief signs the draft on the page
    page.get_by_role("button", name="照此签署").click()
    # Then the page asks the chief to read again and shows the newer draft, which the chief can sign
    expect(page.get_by_role("alert")).to_contain_text("请重新阅读后再签署")
    expect(page.locator("#opinion").get_by_text("二稿：经现场核查，同意推荐。").first).to_be_visible()
    page.get_by_role("button", name="照此签署").click()
    expect(page.get_by_text("意见已签署。")).to_be_visible()


@pytest.mark.journey("officer")
def test_an_opinion_is_drafted_without_a_script_with_a_usual_phrase(plain: Page, people: People, case: Formation) -> None:
    # Given an officer with one stored phrase for opinions, in a browser without JavaScript
    officer = people.officer(CITY)
    officer.put("/me/settings", {"content": {"phrases": ["经审核，材料齐全，同意推荐。"], "size": "large"}})
    enter(plain, officer)
    plain.goto(f"/reviews/{at_city(case)}")
    form = plain.locator("#opinion")
    form.get_by_label("同意推荐").check()
    answer_all(form)
    # When the officer inserts the phrase into the opinion, and stores the reason of the first question as a new phrase
    form.get_by_role("button", name="常用意见：意见", exact=True).click()
    form.get_by_role("button", name="经审核，材料齐全，同意推荐。").click()
    expect(plain.locator("#opinion").get_by_label("意见", exact=True)).to_have_value("经审核，材料齐全，同意推荐。")
    question = plain.locator(".question").first
    question.get_by_role("button", name="常用意见").click()
    plain.locator(".question").first.get_by_role("button", name="把这一栏存为常用").click()
    # Then the officer can send the draft with the phrase, and the officer's settings have both phrases and the unchanged text
    # size
    plain.locator("#opinion").get_by_role("button", name="送负责人签署").click()
    expect(plain.get_by_text("草稿已送负责人签署。")).to_be_visible()
    given = officer.get(f"/reviews/{at_city(case)}")["opinions"][-1]
    assert (given["comment"], len(given["answers"])) == ("经审核，材料齐全，同意推荐。", 9)
    kept = officer.get("/me/settings")["content"]
    assert kept == {"phrases": ["经审核，材料齐全，同意推荐。", "材料齐全，经核实符合。"], "size": "large"}


def test_a_phrase_goes_where_the_cursor_stands(page: Page, people: People, case: Formation) -> None:
    officer = people.officer(CITY)
    officer.put("/me/settings", {"content": {"phrases": ["材料齐全，"]}})
    enter(page, officer)
    page.goto(f"/reviews/{at_city(case)}")
    field = page.locator("#opinion").get_by_label("意见", exact=True)
    field.fill("经审核，同意推荐。")
    field.evaluate("one => one.setSelectionRange(4, 4)")
    page.get_by_role("button", name="常用意见：意见", exact=True).click()
    page.get_by_role("button", name="材料齐全，").click()
    expect(field).to_have_value("经审核，材料齐全，同意推荐。")
    expect(field).to_be_focused()
    # And the officer can store the text of the field as a phrase, which the page of phrases then shows
    page.get_by_role("button", name="把这一栏存为常用").click()
    expect(page.get_by_text("已存为常用意见")).to_be_visible()
    page.goto("/phrases")
    expect(page.get_by_label("第 2 条")).to_have_value("经审核，材料齐全，同意推荐。")
    page.get_by_label("第 1 条").fill("")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_label("第 1 条")).to_have_value("经审核，材料齐全，同意推荐。")


def test_an_opinion_is_drafted_by_keyboard_alone(page: Page, people: People, case: Formation) -> None:
    enter(page, people.officer(CITY))
    page.goto(f"/reviews/{at_city(case)}")
    # The officer starts at the first choice of the opinion's form and reaches each field and the send button by the Tab key; the
    # focus is visible at the button
    page.locator("#opinion [name='/outcome']").first.focus()
    page.keyboard.press("Space")
    for _ in range(400):
        page.keyboard.press("Tab")
        name, visible = page.evaluate(
            "() => [document.activeElement.name || '', getComputedStyle(document.activeElement).outlineStyle !== 'none']"
        )
        assert page.evaluate("document.activeElement !== document.body")
        if name.endswith("/met"):
            page.keyboard.press("Space")
        elif name.endswith("/reason"):
            page.keyboard.type("经核实符合。")
        elif name == "/comment":
            page.keyboard.type("同意推荐。")
        elif page.evaluate("document.activeElement.value") == "send":
            assert visible
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("草稿已送负责人签署。")).to_be_visible()


def test_a_case_is_inspected_on_a_phone(phone: Page, people: People, case: Formation) -> None:
    enter(phone, people.officer(CITY))
    phone.goto("/reviews?tab=draft")
    phone.locator(f"a[href='/reviews/{at_city(case)}']").click()
    phone.wait_for_url(f"**/reviews/{at_city(case)}")
    # The page is no wider than the screen, on two sizes of phone
    for _ in range(2):
        assert phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        phone.set_viewport_size({"width": 390, "height": 844})
    # When the officer opens the opinion's form by the link at the bottom of the screen, types a first note and stores it, then
    # the note is still in the form
    phone.get_by_role("link", name="起草或签署意见").click()
    phone.locator("#opinion").get_by_label("意见", exact=True).fill("现场核查：中试线已开工。")
    phone.get_by_role("button", name="暂存").click()
    expect(phone.locator("#opinion").get_by_label("意见", exact=True)).to_have_value("现场核查：中试线已开工。")


def test_tab_and_filters_of_the_last_visit_come_back(page: Page, people: People, case: Formation) -> None:
    enter(page, people.officer(CITY))
    page.goto("/reviews?tab=all")
    page.get_by_label("类别").select_option(label="组建申请")
    page.get_by_role("button", name="筛选").click()
    page.goto("/todo")
    page.locator(".rail").get_by_role("link", name="办件").click()
    expect(page.get_by_label("类别")).to_have_value("formation")
    expect(page.locator(".tabs [aria-current]")).to_contain_text("全部")
    page.get_by_role("link", name="显示全部").click()
    expect(page.get_by_label("类别")).to_have_value("")


def test_chosen_cases_are_named_before_they_are_assigned_and_answered_one_by_one(
    page: Page, people: People, call: str, case: Formation
) -> None:
    # Given two cases of a city that are assigned to no officer
    other = Formation.complete(people, call)
    other.submit()
    ids = [at_city(one) for one in (case, other)]
    officer = people.officer(CITY)
    enter(page, people.chief(CITY))
    # When the city's chief chooses both cases and assigns them to an officer
    page.goto(f"/reviews/assignment?case={ids[0]}&case={ids[1]}")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_label("承办人").select_option(officer.username)
    page.get_by_role("button", name="分派").click()
    # Then each row shows that its case is assigned, and both cases are assigned to the officer
    expect(page.locator("tbody tr").get_by_text("已分派")).to_have_count(2)
    assert [officer.get(f"/reviews/{id}")["assigned_to"] for id in ids] == [officer.username] * 2


def test_what_an_organisation_declares_is_verified_beside_its_evidence(page: Page, people: People, case: Formation) -> None:
    # Given an enterprise of the city with facts that no bureau has verified
    code = case.units[0]["uscc"]
    enter(page, people.officer(CITY))
    page.goto("/organisations")
    page.goto(f"/organisations/{code}")
    aside = page.locator("aside")
    first = aside.get_by_role("checkbox").first
    # When an officer of the city verifies one fact, first without naming the evidence, which the page refuses, and then with the
    # evidence
    first.check()
    page.get_by_role("button", name="核验", exact=False).last.click()
    expect(page.get_by_role("alert")).to_be_focused()
    aside = page.locator("aside")
    expect(aside.get_by_role("checkbox").first).to_be_checked()
    aside.get_by_role("textbox").first.fill("已核对营业执照原件")
    page.get_by_role("button", name="核验", exact=False).last.click()
    # Then the page shows the evidence, and the verification names the officer's bureau
    expect(page.locator("aside").get_by_text("已核对营业执照原件")).to_be_visible()
    verified = [one for one in case.lead.get(f"/organisations/{code}")["verifications"] if one["verified"]]
    assert [one["bureau"] for one in verified] == [CITY]
