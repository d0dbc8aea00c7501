"""A consortium's status in the register follows the evaluation service's decisions. The event about the new status is published
after the register shows the status."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.evaluation.events import EVENTS
from services.kernel.identity import NOBODY
from services.policy import PROVINCE
from tests.integration.application.scenario import CHIEF, World, applicant, bureau
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
    # Then one event announces the consortium's status, and the register shows the same status
    assert world.bench.settle().count("consortium.changed") == before + 1
    told = world.bench.bus.published[-1]
    assert told.routing_key == f"consortium.changed.{consortium['recommender']}"
    assert world.ask("get_consortium", CHIEF, id=consortium["id"])["status"] == status
    assert f'"status":"{status}"' in told.body


@pytest.mark.parametrize(
    ("type", "shown"),
    [
        ("participation.submitted", {"title", "stage"}),
        ("participation.returned", {"title", "stage"}),
        ("participation.correction_extended", {"title", "stage"}),
        ("participation.stage_passed", {"title", "stage", "next_stage"}),
        ("participation.extended", {"title", "closes_on"}),
        ("participation.deferral_requested", {"title", "closes_on", "in_a_row"}),
        ("rectification.submitted", {"due_on"}),
        ("rectification.due", {"due_on"}),
        ("report.submitted", {"title", "year", "stage", "due_on"}),
        ("report.returned", {"year", "stage", "due_on"}),
        ("report.accepted", {"year", "due_on"}),
        ("report.reopened", {"year", "due_on"}),
        ("report.overdue", {"year", "due_on"}),
        ("report.ended", {"year", "due_on"}),
        ("revocation.stated", set()),
    ],
)
def test_the_timeline_says_each_step_of_a_duty_but_not_what_was_written(world: World, type: str, shown: set[str]) -> None:
    # Given a recognised consortium, which has duties such as evaluations, annual reports and a rectification
    consortium = imported(world, "甲", enterprise(world), member := enterprise(world))
    data = EVENTS[type].example | {"consortium": consortium["id"]}
    # When the evaluation service publishes a step of such a duty
    world.bench.react(world.event(type, "evaluation", f"consortium/{consortium['id']}", data, bureau(PROVINCE)))
    # Then every unit reads in the consortium's timeline which bureau took the step and under which article, without texts and
    # comments
    step = world.ask("consortium_timeline", applicant(member), id=consortium["id"], limit=50)["items"][-1]
    assert (step["type"], step["article"], step["actor"]["bureau"]) == (type, data.get("article"), PROVINCE)
    assert set(step["detail"]) == shown
    # and the public timeline does not contain the step
    assert type not in {step["type"] for step in world.ask("consortium_timeline", NOBODY, id=consortium["id"])["items"]}


@pytest.mark.parametrize("type", ["revocation.decided", "revocation.dismissed"])
@pytest.mark.parametrize("restored", [True, False])
def test_a_consortium_is_active_again_when_its_failed_rectification_has_no_effect(
    world: World, type: str, restored: bool
) -> None:
    # Given a consortium under rectification, and a decision of the province not to revoke its recognition
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    kept: dict[str, Any] = {"outcome": "keep"} | ({"restored": True} if restored else {})
    for each, more in (("rectification.opened", {}), (type, kept)):
        data = EVENTS[each].example | {"consortium": consortium["id"]} | more
        world.bench.react(world.event(each, "evaluation", f"consortium/{consortium['id']}", data, bureau(PROVINCE)))
    # Then the consortium is active again if the decision's event says that it is restored; otherwise it stays under rectification
    status = "active" if restored else "rectifying"
    assert world.ask("get_consortium", CHIEF, id=consortium["id"])["status"] == status
