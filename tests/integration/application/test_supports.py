"""Requests for support that are recorded without a decision, and requests that end because their consortium changes before the
decision (A9)."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.application.support_requests import SupportRequest
from services.contracts.evaluation.events import EVENTS
from services.kernel.errors import Conflict, Invalid
from services.policy import PROVINCE
from tests.integration.application.scenario import CHIEF, World, applicant, bureau, refused
from tests.integration.application.test_quotas import imported
from tests.integration.application.test_quotas_at_once import enterprise
from tests.integration.application.test_supports_at_once import ask


def happened(world: World, consortium: dict[str, Any], type: str, **change: Any) -> None:
    data = EVENTS[type].example | {"consortium": consortium["id"]} | change
    world.bench.react(world.event(type, "evaluation", f"consortium/{consortium['id']}", data, bureau(PROVINCE)))


def status(world: World, consortium: dict[str, Any]) -> str:
    (request,) = world.ask("list_support_requests", CHIEF, id=consortium["id"])["items"]
    return str(request["status"])


def request(world: World, consortium: dict[str, Any], measure: str, **body: Any) -> dict[str, Any]:
    """Request a support measure as the consortium's lead; return the request."""
    wanted = SupportRequest().load({"measure": measure, "reason": "需要"} | body)
    lead = applicant(consortium["lead"]["uscc"])
    answer: dict[str, Any] = world.tell("request_support", lead, id=consortium["id"], request=wanted, documents_statement=None)
    return answer


def test_participation_in_studies_guides_patents_and_standards_is_recorded_of_an_active_consortium(world: World) -> None:
    # Given an active consortium
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    # When its lead reports that it took part in studies or standards, then the report is recorded without a decision, with both
    # articles
    recorded = request(world, consortium, "strategy_study", reason="参与指南编制和行业标准制定")
    assert (recorded["status"], recorded["entitlement"]["citation"]) == ("recorded", "A9(1)3, A9(1)4")
    assert [told["measure"] for told in world.told("support.recorded")] == ["strategy_study"]
    # When the consortium comes under rectification, then a further report is refused
    happened(world, consortium, "rectification.opened")
    refused(Conflict, lambda: request(world, consortium, "strategy_study"), "not_entitled")


def test_a_platform_or_incubator_is_endorsed_for_a_unit_of_the_consortium_alone(world: World) -> None:
    # Given a consortium with a member
    member, stranger = enterprise(world), enterprise(world)
    consortium = imported(world, "甲", enterprise(world), member)
    # When the lead requests the endorsement of a platform for this member, then the request is recorded without a decision, with
    # both articles
    recorded = request(world, consortium, "platform_endorsement", unit=member)
    assert (recorded["status"], recorded["unit"], recorded["entitlement"]["citation"]) == (
        "recorded",
        member,
        "A9(2)1, A9(2)2",
    )
    # When the lead names no unit, or a unit outside the consortium, then the request is refused at its field `unit`
    for unit, code in ((None, "required"), (stranger, "not_a_beneficiary")):
        with pytest.raises(Invalid) as caught:
            request(world, consortium, "platform_endorsement", unit=unit)
        assert [(error.pointer, error.code) for error in caught.value.errors] == [("/unit", code)]


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
    # Given an undecided request: for the project after a good grade, or for a referral to banks
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
    # Then the request ends with the reason, and a decision that arrives after that has no effect
    assert status(world, consortium) == "ended"
    (told,) = world.told("support.withdrawn")
    assert told["reason"] == "not_entitled"
    said = {"case": f"{PROVINCE}-1", "version": 1, "outcome": "approve", "reason": "同意", "waivers": [], "signed_by": "chief"}
    world.bench.react(world.event("review.decided", f"review.{PROVINCE}", f"support/{told['support']}", said, bureau(PROVINCE)))
    assert status(world, consortium) == "ended"
    assert [each["reason"] for each in world.told("support.opinion_void")] == ["ended"]


def test_a_request_of_its_time_is_decided_although_its_window_ends_meanwhile(world: World) -> None:
    # Given an undecided request of the last days of the cycle after a good grade
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    happened(world, consortium, "evaluation.published", grade="good", published_on="2023-03-20")
    call = world.open_call(kind="special_project", rubric=[])["id"]
    assert ask(world, consortium, "special_project_evaluated", round=call, amount="1000000.00") is None
    # When the cycle ends, and an inspection finds no fault, then the request still waits for the province's decision
    world.clock.advance(days=60)
    happened(world, consortium, "inspection.recorded", under_guidance=False)
    assert status(world, consortium) == "requested"
