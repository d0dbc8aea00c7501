"""The province's work other than panel and ranking: objections, lists of decisions, special cases, versions of the policy,
consortia recognised under the plan of 2021, integrity records, replacement of experts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from deploy.demo.formation import PAPERS, Formation, draft_body, register
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.oversight import PLAN_OF_2021
from deploy.demo.papers import pdf
from deploy.demo.people import People
from tests.browser.conftest import enter

PROVINCE = "450000"
LETTER = {"name": "异议信.pdf", "mimeType": "application/pdf", "buffer": pdf("异议信")}


@pytest.fixture
def case(case: Formation) -> Formation:
    """Return an application that has passed the formal check and waits for its panel."""
    case.recommend()
    case.check()
    return case


def scored(case: Formation) -> Formation:
    case.score(case.appoint()["experts"])
    case.reaches("submitted", stage="decision")
    return case


@pytest.mark.journey("province")
def test_a_written_objection_is_recorded_upheld_by_two_people_and_decided_again(
    page: Page, other: Page, people: People, case: Formation
) -> None:
    # Given an application in its publicity period
    scored(case).decide()
    case.reaches("publicised")
    # When an officer of the province records an objection that was received by letter
    enter(page, people.officer())
    page.goto(f"/admin/objections/{case.id}")
    page.get_by_text("登记书面异议").first.click()
    page.get_by_label("提出人").fill("某企业")
    page.get_by_label("收到日期").fill(date.today().isoformat())
    page.get_by_label("异议内容和理由").fill("核心层单位的研发费用与公开年报不一致。")
    page.locator("input[type=file]").set_input_files(LETTER)
    page.get_by_role("button", name="登记书面异议").click()
    expect(page.get_by_text("书面异议已登记。")).to_be_visible()
    expect(page.get_by_role("link", name="异议信.pdf")).to_be_visible()
    # And the officer prepares a reply that upholds the objection
    page.get_by_label("成立", exact=False).last.check()
    page.get_by_label("答复内容").fill("经核查，研发费用应按年报更正。")
    page.get_by_role("button", name="送出答复").click()
    expect(page.get_by_text("待确认的答复")).to_be_visible()
    # Then a chief finds the reply in the to-do list and confirms it
    enter(other, people.chief())
    other.goto("/todo?kind=objection_answer")
    other.locator(f"a[href='/admin/objections/{case.id}']").first.click()
    other.get_by_role("button", name="确认这一答复").click()
    expect(other.get_by_text("答复已确认。")).to_be_visible()
    case.reaches("held")
    # And the next decision is refused until the chief ticks the upheld objection; then the next publicity period begins
    id = case.review(PROVINCE, "decision")
    other.goto(f"/reviews/{id}/decision")
    form = other.locator("#decision")
    form.get_by_label("同意", exact=True).check()
    form.get_by_label("理由", exact=True).fill("已按年报更正，仍符合条件。")
    form.get_by_role("button", name="下一步：核对").click()
    other.get_by_role("button", name="签署决定").click()
    expect(other.get_by_role("alert")).to_be_focused()
    expect(other.locator("#decision").get_by_label("理由", exact=True)).to_have_value("已按年报更正，仍符合条件。")
    other.locator("#decision").get_by_role("checkbox").check()
    other.get_by_role("button", name="下一步：核对").click()
    other.get_by_role("button", name="签署决定").click()
    expect(other.get_by_text("决定已签署。")).to_be_visible()
    case.reaches("publicised")


def test_a_list_of_decisions_goes_on_without_the_one_that_is_held(page: Page, other: Page, people: People, call: str) -> None:
    # Given two applications that the province approved with one list of decisions
    cases = []
    for _ in range(2):
        made = Formation.complete(people, call)
        made.submit()
        made.recommend()
        made.check()
        cases.append(scored(made))
    enter(page, people.officer())
    page.goto(f"/calls/{call}/decision-lists")
    page.get_by_label("标题").fill("拟认定名单（二）")
    for made in cases:
        id = made.review(PROVINCE, "decision")
        page.locator(f"select[name='/outcome/{id}']").select_option("approve")
        page.locator(f"textarea[name='/reason/{id}']").fill("经集体研究。")
    page.get_by_role("button", name="下一步：核对").click()
    page.get_by_role("button", name="送负责人签署").click()
    enter(other, people.chief())
    other.goto(f"/calls/{call}/decision-lists")
    other.get_by_role("link", name="拟认定名单（二）").click()
    other.get_by_role("button", name="签署这份名单").click()
    expect(other.get_by_text("名单已签署，各件结果见下。")).to_be_visible()
    for made in cases:
        made.reaches("publicised")
    # Then the page of current publicity shows both applications below the list's title
    page.goto("/publicity")
    together = page.locator("section", has=page.get_by_role("heading", level=2, name="拟认定名单（二）"))
    expect(together.get_by_role("heading", level=3)).to_have_count(2)
    # When the province upholds an objection to the first application's recognition
    objector = people.applicant(cases[0].units[1]["uscc"])
    objection = objector.post(f"/applications/{cases[0].id}/objections", {"reason": "首席科学家已离职。"})
    page.goto(f"/admin/objections/{cases[0].id}")
    page.get_by_label("成立", exact=False).last.check()
    page.get_by_label("答复内容").fill("属实。")
    page.get_by_role("button", name="送出答复").click()
    other.goto(f"/admin/objections/{cases[0].id}")
    other.get_by_role("button", name="确认这一答复").click()
    expect(other.get_by_text("答复已确认。")).to_be_visible()
    assert objection["id"]
    # Then the first application's recognition is held, and the second application stays in its publicity period
    cases[0].reaches("held")
    cases[1].reaches("publicised")
    page.goto("/publicity")
    expect(together.get_by_role("heading", level=3)).to_have_count(1)


def test_a_special_case_is_opened_by_one_person_and_decided_by_another(page: Page, other: Page, people: People) -> None:
    # Given units that fail the in-principle rule about R&D staff (L3)
    units = consortium(EIGHT, rd_staff=12)
    register(people, units)
    # When an officer opens a special case for these units and types its basis
    enter(page, people.officer())
    page.goto("/admin/special-cases")
    page.get_by_role("link", name="发起一事一议").click()
    expect(page.get_by_text("作为豁免理由随决定公示")).to_be_visible()
    page.get_by_label("依据", exact=True).fill("自治区人民政府专题会议纪要〔2026〕1 号。")
    page.get_by_label("牵头单位信用代码").fill(units[0]["uscc"])
    page.get_by_label("联合体名称").fill("广西运河装备创新联合体")
    page.get_by_role("button", name="发起", exact=True).click()
    page.get_by_role("link", name="广西运河装备创新联合体").click()
    id = page.url.rpartition("/")[2]
    # And the application is filled in, the members confirm, and the documents are uploaded
    filled = draft_body(units)
    wanted = ("field", "industry_chain", "research_direction", "recommender", "chief_scientist", "members", "operating_systems")
    special = Formation(people, units, id)
    special.change(**{name: filled[name] for name in (*wanted, "goals")})
    special.confirm()
    for kind in PAPERS:
        people.officer().upload(special.subject, kind, "材料.pdf", pdf(kind))
    # Then the page refuses the submission until the officer has uploaded the document of the basis
    page.reload()
    expect(page.get_by_text("尚未上传依据材料，不能提交。")).to_be_visible()
    page.locator("input[type=file]").set_input_files(LETTER | {"name": "会议纪要.pdf"})
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.get_by_role("link", name="会议纪要.pdf")).to_be_visible()
    page.get_by_role("button", name="提交决定").click()
    expect(page.get_by_text("已提交，待另一位负责人决定。")).to_be_visible()
    # And a chief decides on the special case, because the officer who submitted it may not
    review = special.review(PROVINCE, "decision")
    enter(other, people.chief())
    other.goto(f"/reviews/{review}/decision")
    other.get_by_label("同意", exact=True).check()
    other.get_by_label("理由", exact=True).fill("自治区重点扶持。")
    other.get_by_role("button", name="下一步：核对").click()
    other.get_by_role("button", name="签署决定").click()
    expect(other.get_by_text("决定已签署。")).to_be_visible()
    special.reaches("publicised")


def test_officers_are_told_that_the_reason_of_a_waiver_is_made_public(page: Page, people: People, call: str) -> None:
    # Given an application at the province whose lead has 29 R&D staff, one fewer than required
    units = consortium(EIGHT, rd_staff=29)
    register(people, units)
    case = Formation.complete(people, call, units)
    case.submit()
    case.recommend()
    # When an officer opens the form of the opinion, then the form says that a waiver and its reason are published with the
    # decision
    enter(page, people.officer())
    page.goto(f"/reviews/{case.review(PROVINCE, 'formal_check')}")
    expect(page.get_by_text("豁免的条件和理由随决定公示")).to_be_visible()


def test_a_version_of_the_policy_is_published_once_it_was_previewed(page: Page, other: Page, people: People) -> None:
    # Given an officer's draft of version 7 of the policy
    changed = {"version": 7, "effective_from": "2099-01-01"}
    document = people.officer().get("/policies/guangxi_trial@1")["document"] | changed
    people.officer().post("/policies", {"document": document})
    # When an officer opens the draft, then the page says that the draft cannot be published before it has been previewed
    enter(page, people.officer())
    page.goto("/admin/policies")
    page.get_by_role("row", name="第 7 版").get_by_role("link").click()
    expect(page.get_by_text("这一文本尚未预览或尚未看完，不能发布。")).to_be_visible()
    address = page.url
    # When the officer previews the draft's effects to the last page, then a chief can publish the version
    page.get_by_role("button", name="预览影响").click()
    while page.get_by_role("button", name="下一页").is_visible():
        page.get_by_role("button", name="下一页").click()
    expect(page.get_by_text("预览已看完并记录，可以发布。")).to_be_visible()
    enter(other, people.chief())
    other.goto(address)
    other.get_by_role("button", name="发布", exact=True).click()
    expect(other.get_by_text("已发布。")).to_be_visible()


def test_a_consortium_of_2021_is_proposed_with_its_history_and_confirmed_by_its_paper(
    page: Page, other: Page, people: People
) -> None:
    units = consortium(EIGHT)
    # When an officer enters a consortium that was recognised under the plan of 2021
    enter(page, people.officer())
    page.goto("/admin/old-consortia/new")
    page.get_by_label("联合体名称").fill("广西甘蔗良种创新联合体")
    page.get_by_label("领域", exact=True).fill("糖业")
    page.get_by_label("原认定日期").fill(PLAN_OF_2021.isoformat())
    page.get_by_label("推荐单位").select_option(f"{units[0]['region'][:4]}00")
    page.get_by_label("牵头单位信用代码").fill(units[0]["uscc"])
    page.locator("[name='/members/0/organisation']").fill(units[1]["uscc"])
    page.locator("[name='/members/0/tier']").select_option("core")
    page.get_by_role("button", name="增加等次").click()
    # Then, after the button "增加等次", the name typed before is still in the form beside the new entry, and a wrong date is
    # marked at its field
    expect(page.get_by_label("联合体名称")).to_have_value("广西甘蔗良种创新联合体")
    page.locator("[name='/history/grades/0/grade']").select_option("good")
    page.locator("[name='/history/grades/0/issued_on']").fill((PLAN_OF_2021 - timedelta(days=1)).isoformat())
    page.locator("[name='/history/grades/0/published_on']").fill("2025-09-10")
    page.get_by_role("button", name="提出补录").click()
    expect(page.locator("#f-history-grades-0-issued_on-err")).to_be_visible()
    page.locator("[name='/history/grades/0/issued_on']").fill("2025-03-01")
    page.get_by_role("button", name="提出补录").click()
    expect(page.get_by_text("补录已提出，待另一位负责人确认。")).to_be_visible()
    # And a chief finds the proposed consortium in the to-do list, adds the document of the former recognition and confirms the
    # entry
    enter(other, people.chief())
    other.goto("/todo?kind=old_consortium")
    other.get_by_role("link", name="广西甘蔗良种创新联合体").first.click()
    other.locator("input[type=file]").set_input_files(LETTER | {"name": "认定文件.pdf"})
    other.get_by_role("button", name="上传", exact=True).click()
    other.get_by_label("确认补录", exact=False).check()
    other.get_by_role("button", name="签署", exact=True).click()
    # Then the consortium is in the register with its name and its grade
    expect(other.get_by_role("heading", level=1)).to_have_text("广西甘蔗良种创新联合体")
    expect(other.get_by_text("良好").first).to_be_visible()


def test_wrong_rows_of_an_integrity_file_are_named_and_a_record_is_repaired(page: Page, people: People) -> None:
    uscc = consortium(EIGHT)[0]["uscc"]
    enter(page, people.officer())
    page.goto("/integrity")

    def load(*rows: str) -> None:
        text = "\n".join(("uscc,reason,recorded_on,penalty_until", *rows))
        page.locator("#csv").set_input_files({"name": "失信.csv", "mimeType": "text/csv", "buffer": text.encode()})
        page.get_by_role("button", name="导入 CSV").click()

    # When an officer imports a file with two wrong rows, then nothing is imported and the page names both rows
    load(f"{uscc},弄虚作假,2025-05-01,2099-04-30", "123,弄虚作假,2025-05-01,", f"{uscc},弄虚作假,2025-13-01,")
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert.get_by_role("listitem")).to_have_count(2)
    expect(alert).to_contain_text("第 3 行")
    expect(alert).to_contain_text("第 4 行")
    # When the officer imports a correct file, then the record exists, and the officer can shorten its penalty with a document
    load(f"{uscc},弄虚作假,2025-05-01,2099-04-30")
    page.goto(f"/integrity?uscc={uscc}")
    page.get_by_text("信用修复").first.click()
    page.get_by_label("缩短", exact=False).first.check()
    page.get_by_label("新的惩戒截止日期", exact=False).fill("2098-04-30")
    record = page.locator("details[open]")
    record.get_by_label("理由").fill("已完成整改。")
    record.locator("input[type=file]").set_input_files(LETTER | {"name": "修复决定.pdf"})
    record.get_by_role("button", name="信用修复").click()
    page.goto(f"/integrity?uscc={uscc}")
    expect(page.get_by_text("惩戒至 2098-04-30")).to_be_visible()


def test_a_recused_expert_is_replaced_and_a_score_is_voided(page: Page, people: People, case: Formation) -> None:
    # Given a panel of which one expert has withdrawn and one has scored
    left, scoring, *_ = case.appoint()["experts"]
    id = case.review(PROVINCE, "expert_review")
    people.person(left).post(f"/reviews/{id}/recusals", {"reason": "配偶在牵头单位任职"})
    case.score([scoring])
    enter(page, people.officer())
    page.goto(f"/reviews/{id}/panel")
    # Then the panel's page shows the withdrawal with its reason, and another expert has the seat
    expect(page.get_by_role("cell", name="已退出 配偶在牵头单位任职")).to_be_visible()
    assert len(case.seated()) == 5
    assert left not in case.seated()
    # When an officer voids the score because of a conflict of interest, then the page says that the record of the score is kept,
    # and the expert has no seat
    page.get_by_text("作废评分").first.click()
    page.get_by_label("存在的利害关系").first.fill("曾任成员单位顾问")
    page.locator("details[open]").get_by_role("button", name="作废评分").click()
    expect(page.get_by_text("评分已作废，记录保留。")).to_be_visible()
    assert scoring not in case.seated()
    # And the officer draws a replacement, so that the panel has five experts again
    page.get_by_role("button", name="抽取替补").click()
    expect(page.get_by_text("已抽取替补专家。")).to_be_visible()
    assert len(case.seated()) == 5
