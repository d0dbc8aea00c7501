"""An act that can have a document number (文号), such as a decision, is published as an event when it takes effect, with the
facts of its generated document."""

from __future__ import annotations

from typing import Any

import pytest

from services.kernel.errors import Conflict
from services.kernel.identity import Actor
from services.kernel.messaging.signing import Verifier
from tests.integration.application.scenario import CHIEF, World, refused
from tests.integration.application.test_changes import approve, report
from tests.integration.application.test_objections import file, uphold
from tests.integration.application.test_quotas import imported
from tests.integration.application.test_quotas_at_once import enterprise


def stated(world: World, query: str, actor: Actor = CHIEF, **asked: Any) -> dict[str, Any]:
    verifier: Verifier = world.bench.runtime.verifier
    act: dict[str, Any] = verifier.read(world.ask(query, actor, **asked)["statement"], "application")["act"]
    return act


@pytest.mark.parametrize("outcome", ["approve", "decline"])
def test_a_decision_is_told_of_with_the_act_that_its_paper_states(world: World, outcome: str) -> None:
    application = world.at_decision()
    world.decided(application, outcome)
    assert [told["act"] for told in world.told("application.act_made")] == [stated(world, "decision_paper", id=application["id"])]


def test_a_decision_after_an_upheld_objection_is_an_act_of_its_own(world: World) -> None:
    application = world.at_decision()
    world.decided(application)
    objection = file(world, application["id"])["id"]
    uphold(world, application["id"], objection)
    world.decided(application, objections=[objection])
    first, second = (told["act"] for told in world.told("application.act_made"))
    assert first["id"] != second["id"]
    assert second == stated(world, "decision_paper", id=application["id"])


def test_a_citys_rejection_is_its_own_act(world: World) -> None:
    application = world.submitted()
    city = application["recommender"]
    world.bench.react(world.opinion("review.rejected", application, "recommendation", city, comment="不符合", signed_by="chief"))
    (told,) = world.told("application.act_made")
    assert told["act"]["bureau"] == city != "450000"
    assert told["act"] == stated(world, "decision_paper", world.lead, id=application["id"])


def test_a_decision_that_is_held_at_once_is_no_act_yet(world: World) -> None:
    application = world.at_decision()
    world.put(world.case["organisations"][3] | {"legal_person": False})
    world.decided(application)
    assert world.get(application["id"])["status"] == "held"
    assert world.told("application.act_made") == []


def test_a_decision_on_a_change_is_told_of_as_its_paper_states_it(world: World) -> None:
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    change = report(world, consortium, "name", {"name": "改名后的联合体"})
    approve(world, change)
    (told,) = world.told("application.act_made")
    assert told["act"] == stated(world, "change_paper", id=consortium["id"], change=change["id"])


def test_a_decision_that_is_held_at_once_has_no_paper_and_no_number(world: World) -> None:
    # Given an approval that has no effect, because a mandatory rule fails when the approval arrives
    application = world.at_decision()
    world.put(world.case["organisations"][3] | {"legal_person": False})
    world.decided(application)
    # Then no account can fetch the approval as a decision document
    for actor in (CHIEF, world.lead):
        refused(Conflict, lambda actor=actor: world.ask("decision_paper", actor, id=application["id"]), "no_paper_yet")
    assert world.get(application["id"])["decision"] is None
    # When the province declines the application afterwards, then the refusal is the only published decision
    world.decided(application, "decline")
    (told,) = world.told("application.act_made")
    assert told["act"] == stated(world, "decision_paper", id=application["id"])


def test_a_decision_that_is_held_at_once_resolves_no_objection(world: World) -> None:
    # Given an approved application with an upheld objection, and a mandatory rule that has failed since the approval
    application = world.at_decision()
    world.decided(application)
    before = stated(world, "decision_paper", id=application["id"])
    objection = file(world, application["id"])["id"]
    uphold(world, application["id"], objection)
    member = world.case["organisations"][3]
    world.put(member | {"legal_person": False})
    # When the province approves again and names the objection, but the approval has no effect because the rule fails
    world.decided(application, objections=[objection])
    # Then the decision document is still that of the first approval, and the province is notified again that the objection holds
    # the recognition
    assert stated(world, "decision_paper", id=application["id"]) == before
    assert [[one["id"] for one in told.get("objections", ())] for told in world.told("application.held")] == [[objection]] * 2
    # When the rule no longer fails, then an approval without the objection has no effect, and one that names the objection begins
    # a publicity period
    world.put(member)
    world.decided(application)
    assert world.get(application["id"])["status"] == "held"
    world.decided(application, objections=[objection])
    assert world.get(application["id"])["status"] == "publicised"
    assert [told["act"]["id"] for told in world.told("application.act_made")][-1].endswith(objection)


def test_the_paper_of_a_listed_decision_is_the_same_act_after_the_recognition_is_held(world: World) -> None:
    # Given an approval that the province signed as part of a decision list (several decisions in one act)
    application = world.at_decision()
    id = application["id"]
    world.decided(application, list={"id": "list-1", "title": "第一批", "on": "2026-03-02"})
    first, facts = stated(world, "decision_paper", id=id), printed(world, id)
    assert first["subject"] == "decision-list/list-1"
    # When an upheld objection holds the recognition, then the application leaves the public list of applications in publicity
    uphold(world, id, file(world, id)["id"])
    assert world.get(id)["status"] == "held"
    assert world.ask("public_publicity", CHIEF)["items"] == []
    # and its decision document still states the same act and the same facts
    assert stated(world, "decision_paper", id=id) == first
    assert printed(world, id) == facts


def printed(world: World, id: str) -> dict[str, Any]:
    """Return the facts that the decision document prints, without the application's present status."""
    statement = world.ask("decision_paper", CHIEF, id=id)["statement"]
    facts: dict[str, Any] = world.bench.runtime.verifier.read(statement, "application")["facts"]
    return {name: value for name, value in facts.items() if name != "status"}
