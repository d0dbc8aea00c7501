"""Quotas (rules L6 and M3) are reserved at the submission, confirmed by the recognition and released otherwise (A5(2)5,
A5(3)5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.application.scenario import CHIEF, World, applicant, bureau, new_enterprise


def failing(application: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in application["verdict"]["findings"] if finding["status"] == "fail"}


def rival(world: World, call: str, **lead: Any) -> dict[str, Any]:
    """Create a draft of a new lead with the sample case's members, all of which have confirmed it."""
    code = new_enterprise()
    data = world.case["organisations"][0] | {"uscc": code, "region": "450200"} | lead
    world.put(data)
    draft = world.start(call, actor=applicant(code), lead=code, recommender="450200")
    world.confirm_all(draft["id"])
    return draft


def joins(world: World, code: str | None) -> int:
    return int(world.ask("organisation_standing", CHIEF, uscc=code)["joins"])


def imported(
    world: World, name: str, lead: str | None, *members: str | None, recognised_on: str = "2022-05-20"
) -> dict[str, Any]:
    body = {
        "name": name,
        "field": "糖业",
        "recognised_on": recognised_on,
        "recommender": "450200",
        "lead": lead,
        "lead_name": None,
        "members": [{"organisation": code, "name": None, "tier": "core", "role": None} for code in members],
    }
    return world.enter_old(body)


def test_the_fourth_submission_with_a_member_carries_the_finding_and_takes_no_place(world: World) -> None:
    # Given three submitted applications with the same members (A5(3)5)
    world.register_all()
    call = world.open_call()["id"]
    for _ in range(3):
        draft = rival(world, call)
        assert failing(world.submit(draft["id"], actor=applicant(draft["lead"]))) == set()
    # When a fourth application with the same members is submitted
    fourth = rival(world, call)
    submitted = world.submit(fourth["id"], actor=applicant(fourth["lead"]))
    # Then the fourth application is accepted with a finding that names every member without a free quota, and it reserves no
    # further quota
    assert failing(submitted) == {"M3"}
    finding = next(f for f in submitted["verdict"]["findings"] if f["rule"] == "M3")
    assert len(finding["observed"]["over"]) == len(world.members)
    assert joins(world, world.members[0].organisation) == 3


def test_a_lead_leads_one_at_a_time(world: World) -> None:
    first = world.submitted()
    second = world.start(world.open_call()["id"])
    world.confirm_all(second["id"])
    assert failing(world.submit(second["id"])) == {"L6"}
    # When the first application is withdrawn, then the lead's quota is free for a third application: the second application,
    # which has the finding, has reserved none
    world.tell("withdraw_application", world.lead, id=first["id"])
    third = world.start(first["call_id"])
    findings = world.ask("eligibility", world.lead, id=third["id"])["findings"]
    assert "L6" not in {finding["rule"] for finding in findings if finding["status"] == "fail"}


def test_a_return_keeps_the_places_and_members_that_leave_free_theirs(world: World) -> None:
    submitted = world.submitted()
    leaver, stayer = world.members[-1], world.members[0]
    world.returned(submitted)
    assert joins(world, leaver.organisation) == 1
    # When the lead corrects the application and leaves one member out, then this member's quota is released, and the others keep
    # theirs
    members = world.case["application"]["members"][:-1]
    world.tell("change_application", world.lead, id=submitted["id"], change={"members": members})
    world.confirm_all_of(submitted["id"], members)
    world.submit(submitted["id"])
    assert (joins(world, leaver.organisation), joins(world, stayer.organisation)) == (0, 1)


def test_a_place_not_held_is_taken_at_recognition_when_it_has_become_free(world: World) -> None:
    # Given two applications of one lead: the first has reserved the lead's only quota, and the second was submitted without one
    first = world.submitted()
    second = world.start(world.open_call()["id"])
    world.confirm_all(second["id"])
    submitted = world.submit(second["id"])
    assert failing(submitted) == {"L6"}
    # When the first application is withdrawn, and the second one is approved
    world.tell("withdraw_application", world.lead, id=first["id"])
    for stage, next_stage in (("formal_check", "expert_review"), ("expert_review", "decision")):
        world.recommended(submitted) if stage == "formal_check" else None
        world.passed(submitted, stage, next_stage)
    world.decided(submitted)
    world.clock.advance(days=8)
    # Then the second application is recognised, and has the lead's quota
    assert world.sweep() == ["recognised"]
    assert world.ask("organisation_standing", CHIEF, uscc=world.lead.organisation)["leads"] == 1


@pytest.mark.parametrize("waived", [False, True])
def test_a_place_still_missing_at_recognition_holds_it_unless_the_decision_waived_it(world: World, waived: bool) -> None:
    # Given a lead whose only quota is used by a consortium of the plan of 2021 (A16)
    world.register_all()
    imported(world, "老牌联合体", world.lead.organisation, world.members[0].organisation)
    application = world.at_decision()
    assert failing(application) == {"L6"}
    # When the province approves the application, with or without a waiver of rule L6
    waivers = ({"rule": "L6", "reason": "两个方向互补", "by": "450000"},) if waived else ()
    world.decided(application, waivers=waivers)
    world.clock.advance(days=8)
    # Then the application is recognised beyond the limit if L6 was waived; otherwise the recognition is held because of L6,
    # without a publicity period
    assert world.sweep() == (["recognised"] if waived else [])
    assert world.get(application["id"])["status"] == ("recognised" if waived else "held")
    standing = world.ask("organisation_standing", CHIEF, uscc=world.lead.organisation)
    assert standing["leads"] == (2 if waived else 1)
    if not waived:
        assert [f["rule"] for f in world.told("application.held")[0]["findings"]] == ["L6"]


def test_a_place_held_since_the_submission_is_safe_whatever_others_were_waived(world: World) -> None:
    # Given an application that has reserved the last quota of a member
    world.register_all()
    member = world.members[0].organisation
    for name in ("甲", "乙"):
        imported(world, name, new_enterprise(), member)
    application = world.at_decision()
    assert failing(application) == set()
    # When a fourth consortium with that member, one of the plan of 2021, is entered before the publicity period ends
    world.decided(application)
    imported(world, "丙", new_enterprise(), member)
    world.clock.advance(days=8)
    # Then the application is recognised all the same, with the quota that it reserved at the submission
    assert world.sweep() == ["recognised"]
    assert joins(world, member) == 4


def test_imported_consortia_count_from_the_first_day(world: World) -> None:
    world.register_all()
    entry = imported(world, "老牌联合体", world.lead.organisation, world.members[0].organisation)
    standing = world.ask("organisation_standing", world.lead, uscc=world.lead.organisation)
    assert (standing["leads"], standing["joins"]) == (1, 1)
    assert [item["number"] for item in standing["consortia"]] == [entry["number"]]
    draft = world.start(world.open_call()["id"])
    findings = world.ask("eligibility", world.lead, id=draft["id"])["findings"]
    assert {f["rule"] for f in findings if f["status"] == "fail"} == {"L6", "M1"}


def test_an_organisations_standing_names_cases_to_those_who_may_read_them(world: World) -> None:
    submitted = world.submitted()
    code = world.members[0].organisation
    own = world.ask("organisation_standing", world.members[0], uscc=code)
    assert [case["application"] for case in own["in_process"]] == [submitted["id"]]
    elsewhere = world.ask("organisation_standing", bureau("450900"), uscc=code)
    assert (elsewhere["joins"], elsewhere["in_process"]) == (1, [])
