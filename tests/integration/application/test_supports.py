"""Requests for support whose consortium changes before they are decided (A9)."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.evaluation.events import EVENTS
from services.policy import PROVINCE
from tests.integration.application.scenario import CHIEF, World, bureau
from tests.integration.application.test_quotas import imported
from tests.integration.application.test_quotas_at_once import enterprise
from tests.integration.application.test_supports_at_once import ask


def happened(world: World, consortium: dict[str, Any], type: str, **change: Any) -> None:
    data = EVENTS[type].example | {"consortium": consortium["id"]} | change
    world.bench.react(world.event(type, "evaluation", f"consortium/{consortium['id']}", data, bureau(PROVINCE)))


def status(world: World, consortium: dict[str, Any]) -> str:
    (request,) = world.ask("list_support_requests", CHIEF, id=consortium["id"])["items"]
    return str(request["status"])


@pytest.mark.parametrize(
    ("type", "change"),
    [
        ("rectification.opened", {}),
        ("evaluation.published", {"grade": "qualified"}),
        ("inspection.recorded", {"under_guidance": True}),
    ],
)
def test_what_a_consortium_may_hold_no_longer_is_not_granted_on_an_earlier_request(
    world: World, type: str, change: dict[str, Any]
) -> None:
    # Given undecided requests: for the project after a good grade, and for a referral to banks
    member = enterprise(world)
    consortium = imported(world, "甲", enterprise(world), member)
    happened(world, consortium, "evaluation.published", grade="good", published_on="2026-03-01")
    if type == "inspection.recorded":
        assert ask(world, consortium, "financing_referral", unit=member) is None
    else:
        call = world.open_call(kind="special_project", rubric=[])["id"]
        assert ask(world, consortium, "special_project_evaluated", round=call, amount="1000000.00") is None
    # When the consortium comes under rectification, gets a lower grade, or comes under guidance
    happened(world, consortium, type, **change)
    # Then the request ends and says why, and a decision that crosses this has no effect
    assert status(world, consortium) == "ended"
    (told,) = world.told("support.withdrawn")
    assert told["reason"] == "not_entitled"
    said = {"case": f"{PROVINCE}-1", "version": 1, "outcome": "approve", "reason": "同意", "waivers": [], "signed_by": "chief"}
    world.bench.react(world.event("review.decided", f"review.{PROVINCE}", f"support/{told['support']}", said, bureau(PROVINCE)))
    assert status(world, consortium) == "ended"
    assert [each["reason"] for each in world.told("support.opinion_void")] == ["ended"]


def test_a_request_of_its_time_is_decided_although_its_window_ends_meanwhile(world: World) -> None:
    # Given a request in the last days of the cycle after a good grade
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    happened(world, consortium, "evaluation.published", grade="good", published_on="2023-03-20")
    call = world.open_call(kind="special_project", rubric=[])["id"]
    assert ask(world, consortium, "special_project_evaluated", round=call, amount="1000000.00") is None
    # When the cycle ends and an inspection finds nothing, then the request still waits for its decision
    world.clock.advance(days=60)
    happened(world, consortium, "inspection.recorded", under_guidance=False)
    assert status(world, consortium) == "requested"
