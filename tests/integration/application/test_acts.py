"""An act with a document number (文号) is published when it is made, with the facts of its generated document."""

from __future__ import annotations

from typing import Any

import pytest

from services.kernel.identity import Actor
from services.kernel.messaging.signing import Verifier
from tests.integration.application.test_changes import approve, report
from tests.integration.application.test_objections import file, uphold
from tests.integration.application.test_places import imported
from tests.integration.application.test_places_at_once import enterprise
from tests.integration.application.world import CHIEF, World


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
