"""An enterprise's journeys, from the first visit to the receipt of its registration, a confirmed application, a correction and an
objection."""

from __future__ import annotations

import io
import re
import secrets

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from deploy.demo.formation import Formation
from deploy.demo.invented import EIGHT, consortium, new_code
from deploy.demo.people import People
from tests.browser.conftest import enter, log_in


@pytest.mark.journey("visitor")
def test_an_organisation_registers_and_follows_its_receipt_until_it_logs_in(page: Page, people: People) -> None:
    # Given an enterprise of Liuzhou that has no account on the platform
    username, password = f"qiye{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    page.goto("/register-organisation")
    page.get_by_label("统一社会信用代码", exact=True).fill(new_code("450200", "enterprise"))
    page.get_by_label("单位名称").fill("柳州云帆精工有限公司")
    page.get_by_label("单位类型").select_option(label="企业")
    page.get_by_label("注册地").select_option(label="柳州市")
    page.get_by_label("姓名").fill("联系人甲")
    page.get_by_label("电话").fill("0772-2838000")
    page.get_by_label("邮箱").fill("contact@example.com")
    page.get_by_label("希望的账号名").fill(username)
    page.get_by_label("密码").fill(password)
    # When the enterprise sends the registration, first without its consent, which the page refuses, and then with it
    page.get_by_role("button", name="提交登记").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("单位名称")).to_have_value("柳州云帆精工有限公司")
    page.get_by_role("checkbox").check()
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="提交登记").click()
    receipt = page.locator("code").first.inner_text()
    # Then the page behind the receipt says that the bureau has not decided yet; after the bureau's approval the enterprise can
    # log in
    page.goto("/register-organisation/status")
    page.get_by_role("textbox").first.fill(receipt)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("待审核").first).to_be_visible()
    officer = people.officer("450200")
    [wanted] = [one for one in officer.get("/registrations", limit=200)["items"] if one["name"] == "柳州云帆精工有限公司"]
    officer.post(f"/registrations/{wanted['id']}/approval", {"decision": "approve"})
    log_in(page, {"username": username, "password": password})
    expect(page.get_by_role("heading", level=1)).to_have_text("待办")


@pytest.mark.journey("applicant")
def test_a_member_confirms_and_another_one_declines(page: Page, other: Page, people: People, call: str) -> None:
    # Given a draft whose members have not decided yet whether they take part
    case = Formation.draft(people, call)
    first, second = (people.applicant(unit["uscc"]) for unit in case.units[1:3])
    # When one member opens the draft from its to-do list and confirms, and a second member declines with a reason
    enter(page, first)
    page.get_by_role("link", name=re.compile("广西糖业创新联合体")).first.click()
    page.get_by_role("button", name="确认参加").click()
    expect(page.get_by_text("已确认").first).to_be_visible()
    enter(other, second)
    other.goto(f"/applications/{case.id}")
    other.get_by_label("说明").fill("任务与本单位方向不符")
    other.get_by_role("button", name="不参加").click()
    # Then the application contains both members' decisions
    answers = {one["organisation"]: one["confirmation"]["decision"] for one in case.read()["members"] if one["confirmation"]}
    assert answers == {first_code(case, 1): "confirm", first_code(case, 2): "decline"}


def first_code(case: Formation, place: int) -> str:
    return str(case.units[place]["uscc"])


def test_after_a_return_only_the_named_sections_can_be_changed(page: Page, people: People, call: str) -> None:
    # Given an application that the city returned with a comment on the section about operating systems
    case = Formation.complete(people, call)
    case.submit()
    case.opine(
        case.recommender,
        "recommendation",
        outcome="return",
        sections=[{"section": "operating_systems", "comment": "缺少决策机构章程"}],
    )
    case.reaches("returned")
    # When the lead opens the application
    enter(page, case.lead)
    page.get_by_role("link", name=re.compile("广西糖业创新联合体")).first.click()
    # Then the page shows that section with the officer's comment; the other sections are read-only, and the lead can change this
    # one
    expect(page.get_by_text("缺少决策机构章程").first).to_be_visible()
    expect(page.get_by_role("heading", level=2, name="七项运行制度")).to_be_visible()
    page.goto(f"/applications/{case.id}/form/basics")
    expect(page.get_by_label("联合体名称")).to_be_disabled()
    page.goto(f"/applications/{case.id}/form/systems")
    page.locator("textarea").first.fill("设理事会，章程见附件。")
    page.get_by_role("button", name="保存", exact=True).last.click()
    page.get_by_label("我知道，仍要保存").check()  # The save changes the agreement version, so the members must confirm again.
    page.get_by_role("button", name="保存", exact=True).last.click()
    expect(page.locator("[data-saved]")).to_contain_text("已保存")
    assert case.read()["operating_systems"]["decision_body"] == "设理事会，章程见附件。"


def test_a_session_that_ends_in_mid_form_costs_not_a_word(page: Page, people: People, call: str) -> None:
    # Given a lead who types into a form after the lead's session has ended
    case = Formation.draft(people, call)
    enter(page, case.lead)
    page.goto(f"/applications/{case.id}/form/basics")
    page.context.clear_cookies(name="guichuang")
    page.get_by_label("研究方向").fill("第三个晚上写的方向")
    # When the page saves the text automatically, then a dialog asks for the password
    dialog = page.locator("#again")
    expect(dialog).to_be_visible(timeout=8000)
    # Then, after the login in the dialog, the page still has the typed text and can save it
    dialog.get_by_label("密码").fill(case.lead.password)
    dialog.get_by_role("button", name="登录").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("研究方向")).to_have_value("第三个晚上写的方向")
    page.get_by_role("button", name="保存", exact=True).last.click()
    expect(page.locator("[data-saved]")).to_contain_text("已保存")
    assert case.read()["research_direction"] == "第三个晚上写的方向"


def test_a_filled_workbook_becomes_a_draft_and_its_mistakes_are_named_by_cell(page: Page, people: People, call: str) -> None:
    units = consortium(EIGHT)
    enter(page, people.applicant(units[0]["uscc"]))
    page.goto("/applications/import")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载空白表格").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    sheet = book.worksheets[1] if book.worksheets[0].max_row < 2 else book.worksheets[0]
    assert sheet.max_row >= 1
    page.get_by_label("填好的表格").set_input_files(
        {"name": "申请.xlsx", "mimeType": "application/octet-stream", "buffer": b"not a workbook"}
    )
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("填好的表格").set_input_files(download.value.path())
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_role("alert").or_(page.get_by_role("heading", level=2, name="检查并提交"))).to_be_visible()


def test_an_objection_is_filed_during_publicity_and_kept_while_it_is_written(page: Page, people: People, call: str) -> None:
    # Given an application in its publicity period, and an enterprise that is not a unit of it
    case = Formation.complete(people, call)
    case.submit()
    case.publicised()
    outsider = people.applicant(new_code("450200", "enterprise"))
    enter(page, outsider)
    page.goto("/publicity")
    page.locator(f"#p-{case.id}").get_by_role("link", name="提出异议").click()
    # When the enterprise types an objection, reloads the page, and files the objection, which is still in the form
    page.get_by_label("异议内容").fill("所列发明专利的权利人不是该单位。")
    expect(page.locator("[data-saved]")).to_contain_text("已自动保留", timeout=8000)
    page.reload()
    expect(page.get_by_label("异议内容")).to_have_value("所列发明专利的权利人不是该单位。")
    page.get_by_role("button", name="提交异议").click()
    # Then the enterprise sees that its objection is filed and waits for the province's reply
    expect(page.get_by_text("异议已提交。")).to_be_visible()
    expect(page.get_by_text("待答复")).to_be_visible()
