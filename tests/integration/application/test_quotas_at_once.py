"""Of the submissions that compete for the last quotas at the same time, exactly as many get a quota as there are free ones (on
SQLite and on PostgreSQL)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from services.contracts.application.change_requests import ChangeReport
from tests.integration.application.scenario import CHIEF, World, applicant, new_enterprise
from tests.integration.application.test_quotas import failing, imported

RIVALS = 50


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    if request.param == "sqlite":
        return World(tmp_path / "application.db")
    name = f"application_{request.node.name.partition('[')[0][-20:]}"
    return World(request.getfixturevalue("postgres").create_database(name))


def enterprise(world: World) -> str:
    """Create a valid enterprise of Liuzhou that has entered its data; return its code."""
    code = new_enterprise()
    world.put(world.case["organisations"][0] | {"uscc": code, "region": "450200"})
    return code


def pair(world: World, call: str, lead: str, member: str) -> dict[str, Any]:
    """Create a confirmed draft of a lead and one member. The rule of at least eight units is in-principle, so the draft can be
    submitted."""
    members = [{"organisation": member, "tier": "core", "role": None}]
    draft = world.start(call, actor=applicant(lead), lead=lead, recommender="450200", members=members)
    world.confirm_all_of(draft["id"], members)
    return draft


def submit_at_once(world: World, drafts: list[dict[str, Any]]) -> list[set[str]]:
    """Submit each draft in its own thread; return the failing rules of each application."""
    with ThreadPoolExecutor(len(drafts)) as pool:
        submitted = pool.map(lambda draft: world.submit(draft["id"], actor=applicant(draft["lead"])), drafts)
        return [failing(application) for application in submitted]


def standing(world: World, code: str) -> dict[str, Any]:
    return world.ask("organisation_standing", CHIEF, uscc=code)


def test_of_many_rivals_for_a_members_third_place_exactly_one_gets_it(world: World) -> None:
    # Given a member with one free quota, and fifty leads whose drafts name this member
    call, member = world.open_call()["id"], enterprise(world)
    for name in ("甲", "乙"):
        imported(world, name, new_enterprise(), member)
    drafts = [pair(world, call, enterprise(world), member) for _ in range(RIVALS)]
    # When the leads submit at the same time
    verdicts = submit_at_once(world, drafts)
    # Then one application gets the member's quota, and every other application has the finding of M3
    assert sorted("M3" in rules for rules in verdicts) == [False] + [True] * (RIVALS - 1)
    assert standing(world, member)["joins"] == 3


def test_of_many_applications_of_one_lead_exactly_one_gets_its_only_place(world: World) -> None:
    # Given a lead with fifty drafts, each in its own call and with its own member
    lead = enterprise(world)
    drafts = [pair(world, world.open_call()["id"], lead, enterprise(world)) for _ in range(RIVALS)]
    # When the drafts are submitted at the same time
    verdicts = submit_at_once(world, drafts)
    # Then one application gets the lead's only quota, and every other application has the finding of L6
    assert sorted("L6" in rules for rules in verdicts) == [False] + [True] * (RIVALS - 1)
    assert standing(world, lead)["leads"] == 1


def test_consortia_that_share_many_units_do_not_wait_for_each_other_for_ever(world: World) -> None:
    # Given twelve drafts that name the same six members, half of them in the opposite order
    call = world.open_call()["id"]
    shared = [enterprise(world) for _ in range(6)]
    members = [{"organisation": code, "tier": "core", "role": None} for code in shared]
    drafts = []
    for turn in range(12):
        lead = enterprise(world)
        order = members if turn % 2 else members[::-1]
        drafts.append(world.start(call, actor=applicant(lead), lead=lead, recommender="450200", members=order))
        world.confirm_all_of(drafts[-1]["id"], members)
    # When the drafts are submitted at the same time, then every submission is answered, and three of them get the members' quotas
    verdicts = submit_at_once(world, drafts)
    assert sorted("M3" in rules for rules in verdicts) == [False] * 3 + [True] * 9
    assert [standing(world, code)["joins"] for code in shared] == [3] * 6


def test_numbers_of_the_register_are_given_once(world: World) -> None:
    # When consortia are entered in the register at the same time, then each has its own number, and no number is left out
    with ThreadPoolExecutor(8) as pool:
        entries = list(pool.map(lambda name: imported(world, str(name), new_enterprise()), range(16)))
    assert sorted(entry["number"] for entry in entries) == [f"GXCX-2022-{n:04d}" for n in range(1, 17)]


def test_of_many_changes_that_take_one_organisation_in_exactly_as_many_get_a_place_as_are_left(world: World) -> None:
    # Given an organisation with two free quotas, and 25 consortia, each with a reported change by which the organisation joins
    # (A12)
    newcomer = enterprise(world)
    imported(world, "甲", new_enterprise(), newcomer)
    pending = [joining(world, imported(world, f"乙{turn}", enterprise(world)), newcomer) for turn in range(RIVALS // 2)]
    # When the organisation confirms all these changes at the same time
    with ThreadPoolExecutor(len(pending)) as pool:
        found = list(pool.map(lambda change: confirm(world, newcomer, change), pending))
    # Then two changes get a quota, and every other change has the finding of M3
    assert sorted("M3" in rules for rules in found) == [False] * 2 + [True] * (len(pending) - 2)
    assert standing(world, newcomer)["joins"] == 3


def joining(world: World, consortium: dict[str, Any], newcomer: str) -> dict[str, Any]:
    """Report a change by which an organisation joins a consortium; the organisation has not confirmed it yet."""
    id, lead = consortium["id"], applicant(consortium["lead"]["uscc"])
    paper = {"id": f"consortium.{id}.1", "subject": f"consortium/{id}", "kind": "supplementary_agreement", "filename": "a.pdf"}
    body = {
        "kind": "add_member",
        "effective_on": "2026-06-01",
        "detail": {"organisation": newcomer, "tier": "core"},
        "reason": "任务需要",
        "technical_need": "中试",
        "task_source": "任务书",
        "documents": [paper["id"]],
    }
    statement = world.bench.signers["documents"].statement({"documents": [paper]}, seconds=60)
    report = ChangeReport().load(body)
    return world.tell("report_change", lead, id=id, change=report, documents_statement=statement)


def confirm(world: World, newcomer: str, change: dict[str, Any]) -> set[str]:
    """Let the organisation that joins confirm the change; return the failing rules of the change."""
    answer = world.tell("confirm_change", applicant(newcomer), id=change["consortium"], change=change["id"], decision="confirm")
    return {finding["rule"] for finding in answer["findings"] if finding["status"] == "fail"}
