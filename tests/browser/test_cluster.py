"""Journeys on the cluster shape (a process for each service): a submission, an opinion at a city with its own review service, an
upload to the object store, and a gateway that is killed between two pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from deploy.cluster.local_cluster import LocalCluster
from deploy.demo.client import Server, until
from deploy.demo.formation import Formation
from deploy.demo.papers import pdf
from deploy.demo.people import People
from deploy.demo.platform import accounts
from tests.acceptance.conftest import running
from tests.browser.conftest import log_in

CITY = "450200"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Yield a cluster that only this module uses: every service in a process of its own, and a separate review service for
    Liuzhou."""
    with running(tmp_path_factory.mktemp("cluster")) as machine:
        yield machine


@pytest.fixture(scope="module")
def people(machine: LocalCluster) -> People:
    return People(Server(f"http://{machine.settings.http}"), accounts(machine.settings.folder))


@pytest.fixture(scope="module")
def browser_context_args(people: People) -> dict[str, Any]:
    return {"base_url": people.server.base, "locale": "zh-CN", "viewport": {"width": 1440, "height": 900}}


def test_a_complete_application_is_handed_in(page: Page, people: People, call: str) -> None:
    case = Formation.complete(people, call)
    log_in(page, {"username": case.lead.username, "password": case.lead.password})
    page.goto(f"/applications/{case.id}/form/check")
    page.get_by_label("我代表本单位作出以上承诺").check()
    page.get_by_role("button", name="提交申请").click()
    page.wait_for_url(f"**/applications/{case.id}")
    case.reaches("submitted")


def test_a_city_with_its_own_review_drafts_and_signs(page: Page, people: People, call: str) -> None:
    case = Formation.complete(people, call)
    case.submit()
    id = case.review(CITY, "recommendation")
    answers = {f"Q{number}": {"met": True, "reason": "符合要求。"} for number in range(1, 10)}
    body = {"stage": "recommendation", "outcome": "pass", "comment": "同意推荐。", "answers": answers}
    people.officer(CITY).post(f"/reviews/{id}/opinions", body)
    chief = people.chief(CITY)
    log_in(page, {"username": chief.username, "password": chief.password})
    page.goto(f"/reviews/{id}")
    page.get_by_role("button", name="照此签署").click()
    expect(page.get_by_text("意见已签署。")).to_be_visible()
    case.reaches("submitted", stage="formal_check")


def test_a_paper_goes_from_the_browser_to_the_object_store(page: Page, people: People, call: str) -> None:
    case = Formation.draft(people, call)
    log_in(page, {"username": case.lead.username, "password": case.lead.password})
    page.goto(f"/applications/{case.id}/form/papers")
    row = page.locator("li", has=page.locator("form[data-upload]")).first
    file = {"name": "申请表.pdf", "mimeType": "application/pdf", "buffer": pdf("申请表")}
    row.locator("input[type=file]").set_input_files(file)
    row.get_by_role("button", name="上传").click()
    expect(page.get_by_text("申请表.pdf")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("可用").first).to_be_visible(timeout=20_000)


def test_a_gateway_killed_between_two_pages_loses_nothing(page: Page, machine: LocalCluster, people: People, call: str) -> None:
    # Given an officer whose typed opinion the page has stored automatically
    case = Formation.complete(people, call)
    case.submit()
    id = case.review(CITY, "recommendation")
    officer = people.officer(CITY)
    log_in(page, {"username": officer.username, "password": officer.password})
    page.goto(f"/reviews/{id}")
    page.locator("#opinion").get_by_label("意见", exact=True).fill("成员覆盖产业链主要环节，同意推荐。")
    expect(page.locator("[data-saved]")).to_contain_text("已自动保留", timeout=20_000)
    # When the gateway's process is killed and restarts
    machine.processes["gateway"].kill()
    until(lambda: people.server.ready() or None, "the gateway being back", seconds=120)
    # Then the officer's next page opens without another login, and the typed text is still in the form and can be sent to the
    # chief
    page.get_by_role("link", name="过程").click()
    expect(page.get_by_role("heading", name="过程")).to_be_visible(timeout=20_000)
    page.goto(f"/reviews/{id}")
    form = page.locator("#opinion")
    expect(form.get_by_label("意见", exact=True)).to_have_value("成员覆盖产业链主要环节，同意推荐。")
    form.get_by_label("同意推荐").check()
    for question in form.locator(".question").all():
        question.get_by_label("符合", exact=True).check()
        question.get_by_placeholder("理由").fill("材料齐全，经核实符合。")
    form.get_by_role("button", name="送负责人签署").click()
    expect(page.get_by_text("草稿已送负责人签署。")).to_be_visible(timeout=20_000)
