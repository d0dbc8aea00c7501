"""Rare work of the province and the operator: a consortium gets another recommender, a case is returned from the decision, an
objection to a grade, an event that could not be processed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from deploy.demo.client import until
from deploy.demo.formation import Formation, open_call, put_organisation
from deploy.demo.oversight import Calendar, Member, Participation, notice, publish
from deploy.demo.people import PROVINCE, People
from deploy.demo.platform import Embedded, accounts
from services.kernel.clock import real_now
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.messaging.inbox import Arrival, receive
from services.kernel.persistence.database import Database
from services.kernel.persistence.tables import inbox
from tests.browser.conftest import enter


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """Yield an embedded platform that only this module uses, because these tests move its date and store a parked event in it."""
    with Embedded(tmp_path_factory.mktemp("oversight"), GUICHUANG_RATE_LIMIT="0") as platform:
        yield platform


@pytest.fixture(scope="module")
def people(platform: Embedded) -> People:
    return People(platform.server, accounts(platform.folder))


@pytest.fixture(scope="module")
def browser_context_args(people: People) -> dict[str, Any]:
    return {"base_url": people.server.base, "locale": "zh-CN", "viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def second(browser: Browser, people: People) -> Iterator[Page]:
    """Yield a page in the browser of a second person, on this module's platform."""
    with closing(browser.new_context(base_url=people.server.base, locale="zh-CN")) as context:
        yield context.new_page()


def test_a_consortium_is_handed_over_to_another_recommender(page: Page, people: People) -> None:
    # Given a consortium in the register
    member = Member.imported(people)
    enter(page, people.chief())
    page.goto(f"/consortia/{member.id}")
    # When the province's chief opens the form, which states the effects, and makes an industry bureau the recommender
    page.get_by_role("link", name="变更推荐单位").click()
    expect(page.get_by_text("原推荐单位的在办事项以“已移交”结束", exact=False)).to_be_visible()
    page.get_by_label("新推荐单位").select_option("GX-MIIT")
    page.get_by_label("理由").fill("按行业归口管理。")
    page.get_by_role("button", name="决定变更推荐单位").click()
    # Then the page and the register name the new recommender
    expect(page.get_by_role("status").or_(page.locator(".notice")).first).to_contain_text("已变更，推荐单位为")
    assert member.read(people.chief())["recommender"] == "GX-MIIT"


def test_a_case_is_returned_from_the_decision_once_a_mandatory_rule_fails(page: Page, second: Page, people: People) -> None:
    # Given a case that experts have scored, and a lead that has stopped being a legal person, so that a mandatory rule fails
    case = Formation.complete(people, str(open_call(people)["id"]))
    case.submit()
    case.recommend()
    case.check()
    case.score(case.appoint()["experts"])
    id = case.review(PROVINCE, "decision")
    put_organisation(case.lead, case.units[0] | {"legal_person": False})
    chief = people.chief()
    until(lambda: {"return"} & {one["id"] for one in chief.get(f"/reviews/{id}")["actions"]} or None, "the finding in review")
    # When an officer of the province drafts a return that names the section about the lead, with a comment
    enter(page, people.officer())
    page.goto(f"/reviews/{id}")
    form = page.locator("#opinion")
    form.get_by_label("退回补正").check()
    form.get_by_role("button", name="增加一项").click()
    form = page.locator("#opinion")
    form.get_by_label("部分", exact=True).select_option(label="牵头单位")
    form.get_by_role("textbox", name="要补什么").fill("牵头单位不再具有独立法人资格，请更换。")
    form.get_by_label("意见", exact=True).fill("强制性条件现不满足，退回补正。")
    form.get_by_role("button", name="送负责人").click()
    expect(page.get_by_text("草稿已送负责人签署。")).to_be_visible()
    # Then a chief signs the draft, and the application is returned to the lead
    enter(second, chief)
    second.goto(f"/reviews/{id}")
    second.locator("#opinion").get_by_role("button", name="照此签署").click()
    expect(second.get_by_text("意见已签署。")).to_be_visible()
    assert case.reaches("returned")["correction"]["sections"][0]["section"] == "lead"


def test_an_objection_to_a_grade_is_upheld_by_two_people(page: Page, second: Page, people: People) -> None:
    # Given a grade in its publicity period, and a unit's objection to the grade
    calendar = Calendar(people)
    member = Member.imported(people)
    part = Participation(member, notice(calendar))
    part.hand_in()
    part.scored((95, 95, 95))
    part.grade("good", reason="产业带动不足。")
    calendar.forward(61)
    publish(people, part.round, in_effect=False)
    people.applicant(member.units[1]["uscc"]).post(f"{part.path}/objections", {"reason": "预算绩效不实。"})
    # When an officer finds the objection in the to-do list and prepares a reply that upholds it
    enter(page, people.officer())
    page.goto("/todo?kind=grade_objection")
    page.locator("a.title").first.click()
    expect(page.get_by_text("预算绩效不实。")).to_be_visible()
    page.get_by_label("成立", exact=False).last.check()
    page.get_by_label("答复内容").fill("经核查属实。")
    page.get_by_role("button", name="送出答复").click()
    expect(page.get_by_text("待确认的答复")).to_be_visible()
    # Then a chief confirms the reply, and the grading is on the chief's to-do list again
    enter(second, people.chief())
    second.goto("/todo?kind=grade_objection_answer")
    second.locator("a.title").first.click()
    second.get_by_role("button", name="确认这一答复").click()
    expect(second.get_by_text("答复已确认。")).to_be_visible()
    waiting = {item["kind"] for item in people.chief().get("/me/todo")["items"]}
    assert "grading" in waiting


def test_an_operator_has_a_parked_event_processed_again(page: Page, people: People, platform: Embedded) -> None:
    # Given a parked event: one that the notification service could not process. No event fails in this test by itself, so the
    # test stores such an event in the service's inbox.
    event = Event(
        id=new_id(),
        type="call.extended",
        version=1,
        occurred_at=real_now(),
        producer="application",
        subject=f"call/{open_call(people)['id']}",
        bureau=PROVINCE,
        recommender=None,
        sequence=1000,
        actor={"username": "450000-officer", "role": "officer", "bureau": PROVINCE, "organisation": None},
        correlation_id=new_id(),
        causation_id=None,
        data={"title": "申报通知", "opens_at": "2026-01-05T00:00:00+08:00", "closes_at": "2026-12-31T23:59:59+08:00"},
    )
    database = Database(f"sqlite:///{platform.folder / 'notification.db'}")
    with database.write() as session:
        receive(session, [Arrival.of(event.to_json())], reacting=True)
        session.execute(update(inbox).where(inbox.c.id == event.id).values(state="parked", attempts=8, error="KeyError: title"))
    database.close()
    # When the operator opens the parked event from the to-do list and has it processed again
    enter(page, people.operator)
    page.goto("/todo?kind=parked_event")
    page.locator("a.title").first.click()
    expect(page.get_by_label("延长申报期限")).to_be_checked()
    page.get_by_role("button", name="重新处理选中的").click()
    # Then the event is processed, and no parked event remains
    expect(page.get_by_text("已重新处理 1 件。")).to_be_visible()
    until(lambda: not people.operator.get("/parked-events", service="notification")["items"] or None, "no parked event")
