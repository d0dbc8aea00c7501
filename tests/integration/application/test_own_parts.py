"""An organisation finds the applications that wait for its confirmation, and looks up other organisations by their code."""

from __future__ import annotations

from typing import Any

from services.kernel.identity import Actor
from tests.integration.application.scenario import World, applicant, bureau, new_enterprise


def listed(world: World, actor: Actor, **query: Any) -> list[str]:
    return [item["id"] for item in world.ask("list_applications", actor, **query)["items"]]


def test_a_member_finds_what_waits_for_its_confirmation(world: World) -> None:
    # Given a draft that names members, none of which has confirmed it
    draft = world.draft()
    id, member, colleague = draft["id"], world.members[0], world.members[1]
    lead = applicant(draft["lead"])
    assert listed(world, member, part="member", confirmation="pending") == [id]
    assert listed(world, lead, part="lead") == [id]
    assert listed(world, lead, part="member") == listed(world, lead, confirmation="pending") == []
    # When one member confirms the draft and a second member declines it
    world.tell("confirm_membership", member, id=id, decision="confirm")
    world.tell("confirm_membership", colleague, id=id, decision="decline", reason="另有安排")
    # Then each of the two finds the draft in its list of applications under its own answer: confirmed or declined
    assert listed(world, member, confirmation="confirmed") == [id]
    assert listed(world, member, confirmation="pending") == []
    assert listed(world, colleague, confirmation="declined") == [id]
    # When the terms that the member confirmed change, then the member finds the draft as pending again
    systems = world.get(id)["operating_systems"] | {"decision_body": "改设理事会。"}
    world.tell("change_application", lead, id=id, change={"operating_systems": systems})
    assert listed(world, member, confirmation="pending") == [id]
    assert listed(world, member, confirmation="confirmed") == []


def test_a_name_is_found_whether_its_organisation_registered_or_not(world: World) -> None:
    # Given a registered organisation and an unregistered one
    world.register_all()
    asking, known, unknown = applicant(new_enterprise()), world.members[0].organisation, new_enterprise()
    # When an account of neither organisation looks up each of them by its code
    found = world.ask("organisation_name", asking, uscc=known)
    # Then the answer has only the name, the kind and the region, all empty if the organisation is not registered
    assert set(found) == {"uscc", "registered", "name", "kind", "region"}
    assert found["registered"] and found["name"]
    nothing = {"registered": False, "name": None, "kind": None, "region": None}
    assert world.ask("organisation_name", bureau("450200"), uscc=unknown) == {"uscc": unknown} | nothing
