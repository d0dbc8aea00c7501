"""An enterprise's clerk fills in the application form. No typed text is lost when a tab is closed, a colleague changes the draft,
a connection breaks, or the browser has no JavaScript."""

from __future__ import annotations

import re

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from deploy.demo.client import Account
from deploy.demo.formation import open_call
from deploy.demo.invented import new_code
from deploy.demo.people import People
from tests.browser.conftest import log_in


@pytest.fixture
def clerk(people: People) -> Account:
    """Return the account of the clerk: the applicant `applicant-1` of the demonstration."""
    return people.person("applicant-1")


@pytest.fixture
def draft(page: Page, people: People, clerk: Account) -> str:
    """Create a draft from the page of an open call; return the address of the draft's form, without the section."""
    call = open_call(people)["id"]
    log_in(page, {"username": clerk.username, "password": clerk.password})
    page.goto(f"/calls/{call}")
    page.get_by_role("button", name="开始申报").click()
    page.wait_for_url(re.compile(r"/applications/[^/]+/form/basics"))
    return page.url.removesuffix("/form/basics")


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_contain_text("已保存")


@pytest.mark.journey("applicant")
def test_what_was_typed_in_a_tab_that_was_closed_is_there_again(page: Page, draft: str) -> None:
    # Given a clerk who has typed text that the page stored automatically and that is not saved in the application yet
    page.get_by_label("联合体名称").fill("甘蔗智能收获装备创新联合体")
    expect(page.locator("[data-saved]")).to_contain_text("已自动保留", timeout=8000)
    # When the clerk closes the tab and opens the form in another tab
    other = page.context.new_page()
    page.goto("about:blank")
    other.goto(f"{draft}/form/basics")
    # Then the typed text is in the form, and saving stores it in the application
    expect(other.get_by_label("联合体名称")).to_have_value("甘蔗智能收获装备创新联合体")
    other.get_by_role("button", name="保存", exact=True).last.click()
    saved(other)
    expect(other.get_by_role("heading", level=1)).to_have_text("甘蔗智能收获装备创新联合体")


def test_a_button_pressed_while_the_line_is_broken_loses_nothing_and_saves_when_it_is_back(page: Page, draft: str) -> None:
    # Given a clerk who types text after the network connection was lost
    page.context.set_offline(True)
    page.get_by_label("研究方向").fill("断网时写的方向")
    # When the clerk saves, then the page still shows the text and says that it could not be saved
    page.get_by_role("button", name="保存", exact=True).last.click()
    expect(page.get_by_role("alert")).to_contain_text("连接中断，尚未保存")
    expect(page.get_by_label("研究方向")).to_have_value("断网时写的方向")
    # When the connection is restored and the clerk presses the same button again, then the text is saved
    page.context.set_offline(False)
    page.get_by_role("button", name="保存", exact=True).last.click()
    saved(page)
    expect(page.get_by_label("研究方向")).to_have_value("断网时写的方向")


def test_words_whose_sending_broke_are_there_when_the_reader_comes_back(page: Page, draft: str) -> None:
    # Given a clerk whose network connection is lost while the browser sends the form, so that the browser shows its own error
    # page
    form = f"{draft}/form/basics"
    page.route("**/keep", lambda route: None)
    page.route(form, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_label("研究方向").fill("发送时断网的方向")
    with page.expect_event("framenavigated"):
        page.get_by_role("button", name="保存", exact=True).last.click()
    assert page.url.startswith("chrome-error:")
    # When the clerk opens the form again
    page.goto(form)
    # Then the form contains the typed text
    expect(page.get_by_label("研究方向")).to_have_value("发送时断网的方向")


def test_a_mistake_is_said_at_its_field_and_what_was_typed_stays(page: Page, draft: str) -> None:
    page.goto(f"{draft}/form/members")
    page.get_by_role("button", name="增加成员").click()
    page.get_by_label("统一社会信用代码", exact=True).fill("000000000000000000")
    page.get_by_label("承担的任务").fill("传动箱壳体")
    page.get_by_role("button", name="保存", exact=True).last.click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("统一社会信用代码", exact=True)).to_have_value("000000000000000000")
    expect(page.get_by_label("承担的任务")).to_have_value("传动箱壳体")


@pytest.mark.journey("applicant")
def test_a_colleagues_version_is_shown_beside_ones_own(page: Page, draft: str, clerk: Account) -> None:
    # Given a clerk with an open form, while a colleague saves another text in the field for the research direction
    page.goto(f"{draft}/form/basics")
    clerk.patch(f"/applications/{draft.rsplit('/', 1)[1]}", {"research_direction": "同事写的方向"})
    page.get_by_label("研究方向").fill("我写的方向")
    # When the clerk saves the form
    page.get_by_role("button", name="保存", exact=True).last.click()
    # Then the page shows both texts, and it stores the text that the clerk chooses
    expect(page.get_by_role("heading", level=1)).to_have_text("内容已被同事修改")
    expect(page.get_by_text("同事写的方向")).to_be_visible()
    page.get_by_role("button", name="按选择保存").click()
    saved(page)
    expect(page.get_by_label("研究方向")).to_have_value("我写的方向")


def test_reminding_members_keeps_what_is_being_typed(page: Page, people: People, clerk: Account, draft: str) -> None:
    # Given a member that the draft names already, and a second member whose data the clerk is typing
    clerk.patch(
        f"/applications/{draft.rsplit('/', 1)[1]}",
        {"members": [{"organisation": new_code("450200", "enterprise"), "tier": "core", "role": "联合攻关"}]},
    )
    page.goto(f"{draft}/form/members")
    page.get_by_role("button", name="增加成员").click()
    page.get_by_label("承担的任务").last.fill("传动箱壳体")
    # When the clerk sends a reminder to the members that have not confirmed
    page.get_by_role("button", name="提醒未确认的成员").click()
    # Then the page says that they are reminded, and the typed data are still in the form
    expect(page.get_by_text("已提醒。")).to_be_visible()
    expect(page.get_by_label("承担的任务").last).to_have_value("传动箱壳体")


def test_goals_and_indicators_come_and_go_without_losing_a_word(page: Page, draft: str) -> None:
    page.goto(f"{draft}/form/goals")
    page.get_by_role("button", name="增加目标").click()
    page.get_by_label("目标类别").select_option(label="积极优化人才培养模式")
    page.get_by_label("目标内容").fill("培养技术经纪人")
    page.get_by_role("button", name="增加指标").click()
    expect(page.get_by_label("目标内容")).to_have_value("培养技术经纪人")
    page.get_by_label("指标名称").fill("人数")
    page.get_by_label("目标值").fill("20")
    page.get_by_role("button", name="保存并继续").click()
    page.wait_for_url("**/form/papers**")
    page.goto(f"{draft}/form/goals")
    expect(page.get_by_label("指标名称")).to_have_value("人数")


def test_the_verdict_stands_beside_every_section_with_its_clause(page: Page, draft: str) -> None:
    panel = page.locator("#elig")
    expect(panel.get_by_text("还不能提交")).to_be_visible()
    expect(panel.get_by_role("link", name=re.compile("第五条"))).not_to_have_count(0)
    panel.get_by_role("link", name=re.compile("去填写：成员与层级")).first.click()
    page.wait_for_url("**/form/members")


def test_a_paper_is_uploaded_and_ready(page: Page, draft: str) -> None:
    page.goto(f"{draft}/form/papers")
    row = page.locator("li", has=page.locator("form[data-upload]")).first
    row.locator("input[type=file]").set_input_files({"name": "申请表.pdf", "mimeType": "application/pdf", "buffer": _pdf()})
    row.get_by_role("button", name="上传").click()
    expect(page.get_by_text("申请表.pdf")).to_be_visible()
    expect(page.get_by_text("可用").first).to_be_visible()


def tab_to(page: Page, id: str, key: str = "Tab") -> None:
    """Press the key until the element with this id has the focus. The focus must never be lost, and must be visible at the
    element."""
    for _ in range(80):
        page.keyboard.press(key)
        focused = page.evaluate("[document.activeElement.id, document.activeElement.tagName]")
        assert focused[1] != "BODY"
        if focused[0] == id:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"{id} cannot be reached by keyboard")


def test_a_section_is_filled_in_by_keyboard_alone(page: Page, draft: str) -> None:
    page.goto(f"{draft}/form/basics")
    tab_to(page, "f-name")
    page.keyboard.type("键盘填写的联合体")
    tab_to(page, "f-research_direction")
    page.keyboard.type("甘蔗良种")
    tab_to(page, "f-name", "Shift+Tab")
    page.keyboard.press("Enter")
    saved(page)
    page.goto(f"{draft}/form/papers")
    first = page.locator("form[data-upload] input[type=file]").first.get_attribute("id")
    tab_to(page, str(first))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText").strip() == "上传"


def test_the_form_prints_whole_without_menus(page: Page, draft: str) -> None:
    page.goto(f"{draft}/form/basics")
    page.get_by_label("联合体名称").fill("打印的联合体")
    page.get_by_role("button", name="保存", exact=True).last.click()
    saved(page)
    page.goto(f"{draft}/form/check")
    document = pypdfium2.PdfDocument(page.pdf())
    text = "".join(sheet.get_textpage().get_text_range() for sheet in document)
    assert "打印的联合体" in text
    assert "未填写" in text
    assert "我的联合体" not in text
    assert 1 <= len(document) <= 6


def test_an_upload_that_broke_goes_on_where_it_stopped(page: Page, draft: str) -> None:
    # Given a file that the browser uploads in two parts, and a connection that is lost during the second part
    sent: list[str] = []
    broken = [True]

    def carry(route: Route) -> None:
        sent.append(route.request.url)
        if len(sent) == 2 and broken[0]:
            route.abort()
        else:
            route.continue_()

    page.goto(f"{draft}/form/papers")
    page.route("**/api/v1/uploads/**", carry)
    row = page.locator("li", has=page.locator("form[data-upload]")).first
    large = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%" + b"x" * (9 << 20) + b"\n%%EOF\n"
    row.locator("input[type=file]").set_input_files({"name": "申请表.pdf", "mimeType": "application/pdf", "buffer": large})
    row.get_by_role("button", name="上传").click()
    expect(row.get_by_text("连接中断。再按“上传”，从断处继续。")).to_be_visible(timeout=20_000)
    # When the clerk sends the same file again
    broken[0] = False
    row.get_by_role("button", name="上传").click()
    # Then the browser sends only the second part again, and the document is uploaded
    expect(page.get_by_text("申请表.pdf")).to_be_visible(timeout=20_000)
    assert len(sent) == 3
    assert sent[2] != sent[0]


def test_the_form_works_whole_without_a_script(browser: Browser, base_url: str, people: People, clerk: Account) -> None:
    call = open_call(people)["id"]
    context = browser.new_context(base_url=base_url, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    log_in(page, {"username": clerk.username, "password": clerk.password})
    page.goto(f"/calls/{call}")
    page.get_by_role("button", name="开始申报").click()
    page.get_by_label("联合体名称").fill("无脚本联合体")
    page.get_by_role("button", name="保存并继续").click()
    page.goto(page.url.replace("/form/lead", "/form/members"))
    page.get_by_role("button", name="增加成员").click()
    page.get_by_label("统一社会信用代码", exact=True).fill("91450200MA5KAAAA09")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="保存并继续").click()
    page.goto(re.sub(r"/form/.*", "/form/papers", page.url))
    row = page.locator("li", has=page.locator("input[type=file]")).first
    row.locator("input[type=file]").set_input_files({"name": "申请表.pdf", "mimeType": "application/pdf", "buffer": _pdf()})
    row.get_by_role("button", name="上传").click()
    expect(page.get_by_text("申请表.pdf")).to_be_visible()
    page.goto(re.sub(r"/form/.*", "/form/check", page.url))
    expect(page.get_by_text("无脚本联合体").first).to_be_visible()
    context.close()


def _pdf() -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
