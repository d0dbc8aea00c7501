"""The actions that a reader may take on an application or a change now, and the progress of the case."""

from __future__ import annotations

from typing import Any

import pytest

from services.kernel.identity import Actor
from tests.integration.application.scenario import AUDITOR, CHIEF, OFFICER, World, applicant
from tests.integration.application.test_changes import report
from tests.integration.application.test_quotas import imported
from tests.integration.application.test_quotas_at_once import enterprise

STRANGER = applicant("91450100MA5TEST01X")


def seen(world: World, id: str, actor: Actor | None = None) -> Any:
    return world.ask("get_application", actor or world.lead, id=id)


def actions(answer: Any) -> dict[str, str | None]:
    """Return the actions in an answer: id of the action → the English reason why it is not possible now, or None if it is
    possible."""
    return {action["id"]: action["why"] and action["why"]["en"] for action in answer["actions"]}


def states(answer: Any) -> dict[str, str]:
    return {stage["stage"]: stage["state"] for stage in answer["stages"]}


def stage(answer: Any, name: str) -> dict[str, Any]:
    [found] = [one for one in answer["stages"] if one["stage"] == name]
    return dict(found)


def test_a_draft_can_be_edited_submitted_and_withdrawn_by_its_lead_and_confirmed_by_its_members(world: World) -> None:
    draft = world.ready()
    answer = seen(world, draft["id"])
    assert actions(answer) == {"edit": None, "submit": None, "remind": None, "withdraw": None}
    assert actions(seen(world, draft["id"], world.members[0])) == {"confirm": None, "decline": None}
    assert [stage["stage"] for stage in answer["stages"]] == [
        "draft",
        "confirmations",
        "submission",
        "recommendation",
        "formal_check",
        "expert_review",
        "decision",
        "publicity",
        "recognition",
    ]
    assert (stage(answer, "draft")["state"], stage(answer, "draft")["due_on"]) == ("current", "2026-04-30")
    assert stage(answer, "recommendation")["due_days"] == 15
    # Each stage names the party that must act.
    assert stage(answer, "draft")["who"]["code"] == world.lead.organisation
    assert stage(answer, "formal_check")["who"] == {
        "kind": "bureau",
        "code": "450000",
        "name": {"zh": "广西壮族自治区科学技术厅", "en": stage(answer, "formal_check")["who"]["name"]["en"]},
    }


def test_what_may_be_done_signs_for_the_organisation_except_editing(world: World) -> None:
    draft = world.ready()
    assert {action["id"]: action["signs"] for action in seen(world, draft["id"])["actions"]} == {
        "edit": False,
        "submit": True,
        "remind": False,
        "withdraw": True,
    }


def test_after_the_call_closed_a_draft_cannot_be_submitted_and_says_why(world: World) -> None:
    draft = world.ready()
    world.clock.advance(days=90)
    assert actions(seen(world, draft["id"]))["submit"] == "The call has closed; nothing can be submitted any more."


def test_what_was_submitted_is_before_the_recommender_for_fifteen_working_days(world: World) -> None:
    application = world.submitted()
    answer = seen(world, application["id"])
    assert states(answer)["submission"] == "done"
    current = stage(answer, "recommendation")
    assert (current["state"], current["since"]) == ("current", application["submitted_at"])
    assert current["due_on"] is not None
    assert set(actions(answer)) == {"edit", "submit", "remind", "withdraw"}
    assert actions(answer)["edit"] is not None
    assert actions(answer)["withdraw"] is None
    # A reader who may not act gets no actions, and sees the same progress of the case.
    other = seen(world, application["id"], AUDITOR)
    assert (other["actions"], states(other)) == ([], states(answer))


def test_what_was_returned_is_with_the_lead_again_until_the_correction_ends(world: World) -> None:
    application = world.submitted()
    world.returned(application)
    answer = seen(world, application["id"])
    assert states(answer)["recommendation"] == "returned"
    assert (stage(answer, "draft")["state"], stage(answer, "draft")["due_on"]) == (
        "current",
        answer["correction"]["due_at"][:10],
    )
    assert actions(answer) == {"edit": None, "submit": None, "remind": None, "withdraw": None}
    world.clock.advance(days=60)
    assert actions(seen(world, application["id"]))["edit"] == "The days for correcting it are over."


def test_during_publicity_the_parties_may_object_and_the_province_answers(world: World) -> None:
    application = world.at_decision()
    world.decided(application)
    answer = seen(world, application["id"])
    assert (states(answer)["decision"], states(answer)["publicity"]) == ("done", "current")
    assert stage(answer, "publicity")["due_on"] == answer["publicity"]["ends_on"]
    # The lead has no action to object, because a lead cannot object to its own application.
    assert "object" not in actions(answer)
    assert actions(seen(world, application["id"], world.members[0]))["object"] is None
    assert actions(seen(world, application["id"], OFFICER)) == {"object": None, "answer": "No objection waits for an answer."}
    world.tell("file_objection", STRANGER, id=application["id"], reason="请核实")
    assert actions(seen(world, application["id"], OFFICER)) == {"object": None, "answer": None}


def test_a_recognised_application_has_come_through_every_stage(world: World) -> None:
    application = world.at_decision()
    world.decided(application)
    world.clock.advance(days=30)
    world.sweep()
    answer = seen(world, application["id"])
    assert answer["status"] == "recognised"
    assert set(states(answer).values()) == {"done"}
    assert all(stage["since"] for stage in answer["stages"])


def test_a_withdrawn_application_ends_where_it_was(world: World) -> None:
    application = world.submitted()
    world.tell("withdraw_application", world.lead, id=application["id"], reason=None)
    answer = seen(world, application["id"])
    assert (states(answer)["recommendation"], states(answer)["decision"]) == ("withdrawn", "skipped")
    assert {why is None for why in actions(answer).values()} == {False}


@pytest.mark.parametrize("asks", [True, False])
def test_a_change_goes_from_its_report_over_the_confirmations_to_its_effect(world: World, *, asks: bool) -> None:
    consortium = imported(world, "联合体", enterprise(world), *(enterprise(world) for _ in range(8)))
    joining = enterprise(world)
    kind, detail = ("add_member", {"organisation": joining, "tier": "core"}) if asks else ("name", {"name": "新名称"})
    change = report(world, consortium, kind, detail)
    lead = applicant(consortium["lead"]["uscc"])
    answer = world.ask("get_change", lead, id=consortium["id"], change=change["id"])
    assert set(actions(answer)) == {"supplement", "withdraw"}
    assert states(answer)["report"] == "done"
    if asks:
        assert states(answer)["confirmations"] == "current"
        member = world.ask("get_change", applicant(joining), id=consortium["id"], change=change["id"])
        assert actions(member) == {"confirm": None, "decline": None}
        world.tell("confirm_change", applicant(joining), id=consortium["id"], change=change["id"], decision="confirm")
        answer = world.ask("get_change", lead, id=consortium["id"], change=change["id"])
    assert (states(answer)["recommendation"], states(answer)["effect"]) == ("current", "pending")
    assert ("confirmations" in states(answer)) is asks
    # When the lead withdraws the change, then the progress of the case ends at the recommendation
    world.tell("withdraw_change", lead, id=consortium["id"], change=change["id"], reason="暂缓")
    answer = world.ask("get_change", CHIEF, id=consortium["id"], change=change["id"])
    assert (states(answer)["recommendation"], states(answer)["effect"], answer["actions"]) == ("withdrawn", "skipped", [])
