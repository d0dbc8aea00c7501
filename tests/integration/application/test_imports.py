"""Consortia of the plan of 2021 enter the register: one person proposes, a second person confirms, with documents and history
(A16)."""

from __future__ import annotations

from typing import Any

import pytest

from services.kernel.errors import Conflict, Invalid, NotFound, PreconditionFailed, PreconditionRequired
from services.kernel.identity import NOBODY, PROVINCE, Actor
from tests.integration.application.scenario import AUDITOR, CHIEF, OFFICER, World, applicant, bureau, new_enterprise, refused

HISTORY: dict[str, Any] = {
    "grades": [
        {"grade": "good", "issued_on": "2025-03-01", "published_on": "2025-09-10"},
        {"grade": "qualified", "issued_on": "2023-03-01", "published_on": "2023-09-10"},
    ],
    "deferrals": [{"issued_on": "2024-03-01", "reason": "牵头单位重组"}],
    "support": [
        {"measure": "special_project_new", "used_on": "2022-11-01", "amount": "3000000.00"},
        {
            "measure": "young_talent",
            "used_on": "2023-05-01",
            "round": "2023 年推荐",
            "person": {"name": "张三"},
        },
    ],
    "outcomes": [{"kind": "patent", "identifier": "ZL202210765432.1", "title": "甘蔗收获机"}],
}


def body(**changes: Any) -> dict[str, Any]:
    lead = new_enterprise()
    history = {**HISTORY, "support": [use | _person(use, lead) for use in HISTORY["support"]]}
    return {
        "name": "广西老牌创新联合体",
        "field": "糖业",
        "research_direction": "甘蔗良种与机收",
        "recognised_on": "2022-05-20",
        "recommender": "450200",
        "lead": lead,
        "lead_name": "柳州样例糖业公司",
        "members": [{"organisation": new_enterprise(), "name": "成员样例公司", "tier": "core"}],
        "history": history,
    } | changes


def _person(use: dict[str, Any], lead: str) -> dict[str, Any]:
    return {"person": use["person"] | {"organisation": lead}} if "person" in use else {}


def test_a_proposal_is_the_provinces_own_and_takes_no_quota(world: World) -> None:
    proposed = world.propose_old(body())
    id, lead = proposed["id"], proposed["lead"]["uscc"]
    assert (proposed["status"], "number" in proposed) == ("proposed", False)
    # Then the register does not contain the proposed consortium, and the quotas of its units are unchanged
    assert world.ask("public_consortia", NOBODY)["items"] == []
    assert world.ask("list_consortia", CHIEF)["items"] == []
    assert world.told("consortium.recognised") == []
    world.put(world.case["organisations"][0] | {"uscc": lead})
    assert world.ask("organisation_standing", CHIEF, uscc=lead)["leads"] == 0
    # And only the province and auditors may read the proposal
    for actor in (OFFICER, CHIEF, AUDITOR):
        assert [item["id"] for item in world.ask("list_consortia", actor, status="proposed")["items"]] == [id]
        assert world.ask("get_consortium", actor, id=id)["proposal"]["by"] == OFFICER.username
    for actor in (applicant(lead), bureau("450200")):
        assert world.ask("list_consortia", actor, status="proposed")["items"] == []
        refused(NotFound, lambda actor=actor: world.ask("get_consortium", actor, id=id), "consortium_not_found")
    # And a chief has the task to confirm the proposal
    (waiting,) = [item for item in world.ask("todo", CHIEF)["items"] if item["kind"] == "old_consortium"]
    assert (waiting["subject"]["id"], waiting["action"]) == (id, "confirm")
    assert [item["kind"] for item in world.ask("todo", OFFICER)["items"]] == []


def test_a_second_person_confirms_what_was_read_by_its_papers(world: World) -> None:
    id = world.propose_old(body(), CHIEF)["id"]
    other = Actor("province-chief-2", ("chief",), PROVINCE)
    refused(Conflict, lambda: world.answer_old(id), "own_proposal")
    error = refused(Invalid, lambda: world.answer_old(id, other, documents=[]), "invalid_input")
    assert [each.pointer for each in error.errors] == ["/documents"]
    refused(Invalid, lambda: world.answer_old(id, other, documents=["consortium.x.y"]), "unknown_document")
    confirm = {"confirmation": {"outcome": "confirm", "documents": [], "reason": None}, "documents_statement": None}
    refused(PreconditionRequired, lambda: world.tell("confirm_import", other, id=id, **confirm), "version_not_named")
    stale = confirm | {"if_match": "9"}
    refused(PreconditionFailed, lambda: world.tell("confirm_import", other, id=id, **stale), "version_changed")
    # When a second chief confirms the proposal with its document
    entry = world.answer_old(id, other)
    # Then the consortium is in the register with a number and a date of 2022, and the province and auditors see who proposed and
    # who confirmed it
    assert (entry["id"], entry["number"], entry["status"]) == (id, "GXCX-2022-0001", "active")
    seen = world.ask("get_consortium", AUDITOR, id=id)["proposal"]
    assert (seen["by"], seen["answered_by"], seen["documents"][0]["kind"]) == (CHIEF.username, other.username, "basis")
    assert world.ask("get_consortium", bureau("450200"), id=id)["proposal"] is None
    assert [step["type"] for step in world.ask("consortium_timeline", CHIEF, id=id)["items"]] == [
        "consortium.proposed",
        "consortium.recognised",
    ]
    refused(Conflict, lambda: world.answer_old(id, other), "proposal_answered")


def test_a_refused_proposal_says_why_and_can_be_proposed_again(world: World) -> None:
    wanted = body()
    id = world.propose_old(wanted)["id"]
    refused(Conflict, lambda: world.propose_old(wanted), "already_proposed")
    refused(Invalid, lambda: world.answer_old(id, outcome="refuse", documents=[]), "invalid_input")
    answered = world.answer_old(id, outcome="refuse", documents=[], reason="认定文件与所填日期不符")
    assert answered["status"] == "refused"
    assert [told["reason"] for told in world.told("consortium.proposal_refused")] == ["认定文件与所填日期不符"]
    assert world.enter_old(wanted)["status"] == "active"
    refused(Conflict, lambda: world.propose_old(wanted), "already_registered")


def test_its_history_counts_from_the_first_day(world: World) -> None:
    entry = world.enter_old(body())
    # Then the register shows the consortium's last grade, and what it was entitled to on an earlier day
    assert world.ask("get_consortium", CHIEF, id=entry["id"])["last_grade"] == "good"
    assert world.ask("entitlements", CHIEF, id=entry["id"], on="2024-06-01")["items"]
    uses = {item["measure"]: item for item in world.ask("entitlements", CHIEF, id=entry["id"])["items"]}
    # And the support that the consortium has used is counted: the project of the first cycle, and one of five nominations
    assert uses["special_project_new"]["left"] == 0
    assert (uses["young_talent"]["used"], uses["young_talent"]["left"]) == (1, 4)
    # And the evaluation service receives the consortium's grades, deferrals and outcomes
    (told,) = world.told("consortium.recognised")
    assert told["history"]["grades"] == HISTORY["grades"]
    assert told["history"]["deferrals"] == HISTORY["deferrals"]
    assert told["history"]["outcomes"] == [HISTORY["outcomes"][0] | {"issuer": None}]
    # And the sweep that indexes research directions succeeds
    world.sweep()


@pytest.mark.parametrize(
    ("history", "pointers"),
    [
        ({"grades": [{"grade": "good", "issued_on": "2021-01-01", "published_on": "2020-01-01"}]}, ["issued_on", "published_on"]),
        ({"grades": [HISTORY["grades"][0], HISTORY["grades"][0]]}, ["issued_on"]),
        ({"grades": [{"grade": "good", "issued_on": "2025-03-01", "published_on": "2027-01-01"}]}, ["published_on"]),
        ({"grades": HISTORY["grades"], "deferrals": [{"issued_on": "2025-03-01", "reason": "x"}]}, ["issued_on"]),
        ({"support": [{"measure": "money", "used_on": "2030-01-01"}]}, ["used_on", "measure"]),
    ],
)
def test_a_history_that_cannot_be_is_refused_at_its_field(world: World, history: dict[str, Any], pointers: list[str]) -> None:
    error = refused(Invalid, lambda: world.propose_old(body(history=history)), "invalid_consortium")
    assert [each.pointer.rsplit("/", 1)[1] for each in error.errors] == pointers


def test_what_was_recognised_after_the_measures_took_effect_is_no_consortium_of_the_plan(world: World) -> None:
    assert world.propose_old(body(recognised_on="2023-12-31", history=None))["status"] == "proposed"
    error = refused(Invalid, lambda: world.propose_old(body(recognised_on="2024-01-01", history=None)), "invalid_consortium")
    assert [(each.pointer, each.code) for each in error.errors] == [("/recognised_on", "recognised_too_late")]
