"""Opinions of bureaus: passed, returned and corrected, rejected; and opinions that arrive too late or out of order."""

from __future__ import annotations

from typing import Any

import pytest

from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from services.kernel.identity import PROVINCE, Actor
from services.kernel.settings import Settings
from tests.integration.application.scenario import CHIEF, World, bureau, refused


def test_a_case_goes_from_stage_to_stage_with_whom_it_concerns_told(world: World) -> None:
    submitted = world.submitted()
    world.recommended(submitted)
    assert world.get(submitted["id"])["stage"] == "formal_check"
    world.passed(submitted, "formal_check", "expert_review")
    (first, second) = world.told("application.stage_passed")
    assert (first["stage"], first["next_stage"], first["title"]) == ("recommendation", "formal_check", submitted["name"])
    assert (second["stage"], second["next_stage"]) == ("formal_check", "expert_review")


def test_a_returned_application_is_corrected_and_goes_back_to_who_returned_it(world: World) -> None:
    # Given an application that the province returned at the formal check
    submitted = world.submitted()
    world.recommended(submitted)
    world.returned(submitted, "formal_check", PROVINCE)
    returned = world.get(submitted["id"])
    assert (returned["status"], returned["correction"]["by"]) == ("returned", PROVINCE)
    # The correction window ends fifteen days later, at the end of the day in Shanghai.
    assert returned["correction"]["due_at"] == "2026-03-17T15:59:59.999999+00:00"
    (told,) = world.told("application.returned")
    assert told["sections"] == [{"section": "operating_systems", "comment": "缺少决策机构章程"}]
    # When the lead corrects the application within the window, and the members confirm again
    world.clock.advance(days=14)
    systems = returned["operating_systems"] | {"decision_body": "理事会章程见附件"}
    world.tell("change_application", world.lead, id=submitted["id"], change={"operating_systems": systems})
    assert {event["confirm_by"] for event in world.told("member.reconfirmation_needed")} == {returned["correction"]["due_at"]}
    world.confirm_all(submitted["id"])
    again = world.submit(submitted["id"])
    # Then version 2 goes back to the province, with the names of the changed sections; the city gives no second opinion
    assert (again["version"], again["stage"], again["status"]) == (2, "formal_check", "submitted")
    (event,) = world.told("application.resubmitted")
    assert (event["stage"], event["changed"]) == ("formal_check", ["operating_systems"])
    diff = world.ask("application_diff", CHIEF, id=submitted["id"], from_=1, to=2)
    assert [(c["path"], c["after"]) for c in diff["sections"][0]["changes"]] == [("/decision_body", "理事会章程见附件")]
    listed = world.ask("application_versions", CHIEF, id=submitted["id"])["items"]
    assert [(v["version"], v["changed"]) for v in listed] == [(1, []), (2, ["operating_systems"])]


def test_reviewers_see_what_was_submitted_and_not_what_is_being_corrected(world: World) -> None:
    submitted = world.submitted()
    city = bureau(submitted["recommender"])
    world.returned(submitted)
    world.tell("change_application", world.lead, id=submitted["id"], change={"name": "修改中的名称"})
    assert world.get(submitted["id"])["name"] == "修改中的名称"
    assert world.get(submitted["id"], city)["name"] == submitted["name"]
    assert world.ask("eligibility", city, id=submitted["id"])["findings"] == submitted["verdict"]["findings"]


def test_a_correction_window_that_lapses_ends_the_application_once(world: World) -> None:
    # Given a returned application on the last day of its correction window
    submitted = world.submitted()
    world.returned(submitted)
    world.clock.advance(days=15)
    assert world.sweep() == []
    # When the correction window is over
    world.clock.advance(days=1)
    refused(Conflict, lambda: world.submit(submitted["id"]), "correction_window_closed")
    assert world.sweep() == ["withdrawn"]
    # Then the application is withdrawn, its quotas are released, and a second sweep changes nothing
    assert world.get(submitted["id"])["reason"] == "lapsed"
    assert world.ask("organisation_standing", world.lead, uscc=world.lead.organisation)["joins"] == 0
    assert [event["reason"] for event in world.told("application.withdrawn")] == ["lapsed"]
    assert world.sweep() == []


def test_the_bureau_that_returned_it_extends_the_correction_once_and_within_the_policy(world: World) -> None:
    # Given an application that its city returned for correction until 17 March; today is 17 March
    submitted = world.submitted()
    id, city = submitted["id"], submitted["recommender"]
    world.returned(submitted)
    world.clock.advance(days=15)

    officer = bureau(city, "officer")

    def extend(actor: Actor = officer, until: str = "2026-04-01") -> dict[str, Any]:
        return world.tell("extend_correction", actor, id=id, until=until, reason="章程须经理事会审议")

    # When another party extends the correction window, or the new day is not later than 17 March or beyond the policy's limit,
    # then the extension is refused
    refused(Forbidden, lambda: extend(world.lead), "returning_bureau_only")
    refused(NotFound, lambda: extend(CHIEF), "application_not_found")
    for day in ("2026-03-17", "2026-04-02"):
        refused(Invalid, lambda day=day: extend(until=day), "invalid_input")
    # When an officer of the city extends the window, then the lead and the members are notified, with the reason
    extended = extend()
    assert extended["correction"]["due_at"] == "2026-04-01T15:59:59.999999+00:00"
    assert extended["correction"]["extended"]["reason"] == "章程须经理事会审议"
    (told,) = world.told("application.correction_extended")
    assert (told["by"], told["correction_due"]) == (city, extended["correction"]["due_at"])
    assert set(told["units"]) == {world.lead.organisation, *(member.organisation for member in world.members)}
    steps = world.ask("application_timeline", world.lead, id=id, limit=200)["items"]
    assert steps[-1]["detail"]["reason"] == "章程须经理事会审议"
    # A correction window can be extended once; when the extended window ends, the application is withdrawn.
    refused(Conflict, extend, "already_extended")
    world.clock.advance(days=15)
    assert world.sweep() == []
    world.clock.advance(days=1)
    refused(Conflict, extend, "correction_window_closed")
    assert world.sweep() == ["withdrawn"]
    refused(Conflict, extend, "not_returned")


def test_a_rejection_is_final_and_frees_the_places(world: World) -> None:
    submitted = world.submitted()
    city = submitted["recommender"]
    world.bench.react(
        world.opinion("review.rejected", submitted, "recommendation", city, comment="不符合布局方向", signed_by="c")
    )
    assert (world.get(submitted["id"])["status"], world.get(submitted["id"])["reason"]) == ("rejected", "不符合布局方向")
    assert world.ask("organisation_standing", world.lead, uscc=world.lead.organisation)["leads"] == 0
    refused(Conflict, lambda: world.tell("withdraw_application", world.lead, id=submitted["id"]), "not_withdrawable")


@pytest.mark.parametrize("status", ["draft", "submitted", "returned"])
def test_it_is_withdrawn_any_time_before_the_decision(world: World, status: str) -> None:
    application = world.ready() if status == "draft" else world.submitted()
    if status == "returned":
        world.returned(application)
    withdrawn = world.tell("withdraw_application", world.lead, id=application["id"], reason="调整组成单位")
    assert withdrawn["status"] == "withdrawn"
    assert world.ask("organisation_standing", world.lead, uscc=world.lead.organisation)["joins"] == 0
    refused(Conflict, lambda: world.tell("withdraw_application", world.lead, id=application["id"]), "not_withdrawable")


def test_an_opinion_that_arrives_after_a_withdrawal_is_void_visibly(world: World) -> None:
    # Given an application that its lead withdraws while the city signs a recommendation
    submitted = world.submitted()
    world.tell("withdraw_application", world.lead, id=submitted["id"])
    # When the city's recommendation arrives
    world.recommended(submitted)
    # Then the application is unchanged, and the city is notified that its opinion is void
    assert world.get(submitted["id"])["status"] == "withdrawn"
    (void,) = world.told("application.opinion_void")
    assert (void["case"], void["reason"]) == (f"{submitted['recommender']}-{submitted['id']}", "withdrawn")
    steps = world.ask("application_timeline", world.lead, id=submitted["id"], limit=200)["items"]
    assert steps[-1]["type"] == "application.opinion_void"


def test_an_opinion_on_an_earlier_version_is_void(world: World) -> None:
    submitted = world.submitted()
    world.returned(submitted)
    world.submit(submitted["id"])
    world.recommended(submitted)  # The opinion was signed for version 1.
    assert world.get(submitted["id"])["stage"] == "recommendation"
    assert [void["reason"] for void in world.told("application.opinion_void")] == ["superseded_version"]


@pytest.mark.parametrize("code", ["450900", PROVINCE])
def test_a_bureau_whose_turn_it_is_not_has_no_say(world: World, code: str) -> None:
    submitted = world.submitted()
    world.bench.react(
        world.opinion("review.recommended", submitted, "recommendation", code, next_stage="formal_check", opinion={})
    )
    assert world.get(submitted["id"])["stage"] == "recommendation"
    assert [void["reason"] for void in world.told("application.opinion_void")] == ["not_its_turn"]


def test_an_opinion_that_overtakes_the_one_before_it_waits_for_it(world: World) -> None:
    # Given a platform that retries a failed reaction without delay
    world.bench.runtime.settings = Settings(seed="demo", retry_delays="0,0,0,0,0")
    submitted = world.submitted()
    # When the province's formal check arrives before the city's recommendation, then the check has no effect yet
    check = world.opinion("review.passed", submitted, "formal_check", PROVINCE, next_stage="expert_review")
    world.bench.runtime.receive([check])
    world.bench.runtime.process(2)
    assert world.get(submitted["id"])["stage"] == "recommendation"
    # When the recommendation has arrived, then the check takes effect too, and neither opinion is void
    world.recommended(submitted)
    assert world.get(submitted["id"])["stage"] == "expert_review"
    assert world.told("application.opinion_void") == []


def test_an_event_that_comes_twice_has_its_effect_once(world: World) -> None:
    submitted = world.submitted()
    body = world.opinion(
        "review.recommended", submitted, "recommendation", submitted["recommender"], next_stage="formal_check", opinion={}
    )
    world.bench.react(body, body)
    world.bench.react(body)
    assert len(world.told("application.stage_passed")) == 1
    assert world.told("application.opinion_void") == []
