"""A consortium's status follows evaluation's decisions, and the event about it is published after the register shows it."""

from __future__ import annotations

import pytest

from services.contracts.evaluation.events import EVENTS
from services.policy import PROVINCE
from tests.integration.application.scenario import CHIEF, World, bureau
from tests.integration.application.test_quotas import imported
from tests.integration.application.test_quotas_at_once import enterprise


@pytest.mark.parametrize(
    ("type", "status"),
    [("rectification.opened", "rectifying"), ("evaluation.published", "active"), ("inspection.recorded", "active")],
)
def test_the_register_says_that_it_has_changed_after_it_has(world: World, type: str, status: str) -> None:
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    before = world.bench.settle().count("consortium.changed")
    data = EVENTS[type].example | {"consortium": consortium["id"]}
    world.bench.react(world.event(type, "evaluation", f"consortium/{consortium['id']}", data, bureau(PROVINCE)))
    # Then a consumer of the event finds the register in the announced state
    assert world.bench.settle().count("consortium.changed") == before + 1
    told = world.bench.bus.published[-1]
    assert told.routing_key == f"consortium.changed.{consortium['recommender']}"
    assert world.ask("get_consortium", CHIEF, id=consortium["id"])["status"] == status
    assert f'"status":"{status}"' in told.body
