"""Starting and editing an application, and the confirmations of its members."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from services.application.tables import applications
from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from services.kernel.identity import Actor
from tests.integration.application.scenario import CHIEF, OFFICER, World, applicant, refused

STRANGER = applicant("91450100MA0000000X")


def test_a_draft_may_lack_anything_and_names_its_members_for_confirmation(world: World) -> None:
    # Given an open call
    call = world.open_call()["id"]
    # When a lead starts an application that names only its call
    empty = world.tell("start_application", world.lead, application={"call_id": call})
    # Then the application is a draft under the call's policy
    assert (empty["status"], empty["policy"], empty["lead"]) == ("draft", "guangxi_trial@1", world.lead.organisation)
    # When the lead starts a draft with members that have not registered, then each member is invited to register and to confirm
    draft = world.start(world.open_call()["id"])
    told = world.told("member.invited")
    assert {event["organisation"]["uscc"] for event in told} == {member.organisation for member in world.members}
    assert not any(event["organisation"]["registered"] for event in told)
    assert all(event["agreement_version"] == draft["agreement_version"] for event in told)


def test_only_the_lead_itself_starts_and_edits(world: World) -> None:
    call = world.open_call()["id"]
    refused(Forbidden, lambda: world.start(call, actor=world.members[0]), "lead_not_yours")
    refused(Forbidden, lambda: world.start(call, actor=CHIEF), "role_required")
    id = world.start(call)["id"]
    member, change = world.members[0], {"name": "他人之名"}
    refused(Forbidden, lambda: world.tell("change_application", member, id=id, change=change), "lead_only")
    refused(NotFound, lambda: world.tell("change_application", STRANGER, id=id, change=change), "application_not_found")
    refused(NotFound, lambda: world.tell("change_application", OFFICER, id=id, change=change), "application_not_found")
    assert world.get(id)["name"] == world.case["application"]["name"]


def test_members_listed_twice_and_calls_that_take_nothing_are_refused_and_leave_nothing(world: World) -> None:
    call, grants = world.open_call()["id"], world.open_call(kind="young_talent")["id"]
    members = world.case["application"]["members"]
    twice = refused(Invalid, lambda: world.start(call, members=[members[0], members[0]]), "invalid_application")
    assert [error.pointer for error in twice.errors] == ["/members/1/organisation"]
    unknown = refused(Invalid, lambda: world.start("nothing"), "invalid_input")
    assert [(error.pointer, error.code) for error in unknown.errors] == [("/call_id", "unknown_call")]
    wrong = refused(Invalid, lambda: world.start(grants), "invalid_input")
    assert [error.code for error in wrong.errors] == ["not_a_formation_call"]
    assert world.ask("list_applications", world.lead)["items"] == []
    assert world.told("member.invited") == []


def test_who_is_taken_out_of_the_plan_is_told(world: World) -> None:
    draft = world.draft()
    # The invitation names no day by which to confirm, because the call's window sets that day.
    assert all(event["confirm_by"] is None for event in world.told("member.invited"))
    gone, *kept = draft["members"]
    members = [{name: member[name] for name in ("organisation", "tier", "role")} for member in kept]
    world.tell("change_application", world.lead, id=draft["id"], change={"members": members})
    assert [event["organisation"]["uscc"] for event in world.told("member.removed")] == [gone["organisation"]]


def test_a_lost_race_is_told_and_changes_nothing(world: World) -> None:
    # Given two people who use the lead's account and have read the same version of a draft
    draft = world.draft()
    first = world.tell("change_application", world.lead, id=draft["id"], change={"name": "甲"}, if_match=draft["etag"])
    # When the first person changes the draft, and the second person then sends a change that is based on the version read before
    late = {"change": {"name": "乙"}, "if_match": draft["etag"]}
    error = refused(
        PreconditionFailed, lambda: world.tell("change_application", world.lead, id=draft["id"], **late), "version_changed"
    )
    # Then the second change is refused with the ETag of the present version, and the first change stays
    assert error.details["etag"] == first["etag"] != draft["etag"]
    assert world.get(draft["id"])["name"] == "甲"


def test_an_edit_replaces_what_it_names_and_follows_the_call(world: World) -> None:
    draft = world.draft()
    other = world.open_call(opens_at="2026-02-01T00:00:00+08:00")["id"]
    changed = world.tell(
        "change_application", world.lead, id=draft["id"], change={"goals": [], "call_id": other, "recommender": "nowhere"}
    )
    assert (changed["goals"], changed["call_id"], changed["recommender"]) == ([], other, "nowhere")
    assert changed["members"] == draft["members"]


def test_a_confirmation_is_voided_when_what_was_confirmed_changes(world: World) -> None:
    # Given a draft that all members have confirmed
    draft = world.ready()
    id, members = draft["id"], world.case["application"]["members"]
    world.told("member.confirmed")
    # When the lead edits a field that the confirmations do not cover, the name, then every confirmation stays valid
    world.tell("change_application", world.lead, id=id, change={"name": "更名的联合体"})
    assert all(member["confirmation"]["stands"] for member in world.get(id)["members"])
    # When the lead moves a member to another tier, then no confirmation is valid and every member is asked again
    moved = [members[0] | {"tier": "general"}, *members[1:]]
    changed = world.tell("change_application", world.lead, id=id, change={"members": moved})
    assert not any(member["confirmation"]["stands"] for member in changed["members"])
    asked = world.told("member.reconfirmation_needed")
    assert {event["organisation"]["uscc"] for event in asked} == {member.organisation for member in world.members}
    assert changed["agreement_version"] != draft["agreement_version"]
    # When a member confirms an agreement version that is no longer the present one, then the confirmation is refused
    stale = {"id": id, "decision": "confirm", "agreement_version": draft["agreement_version"]}
    refused(Conflict, lambda: world.tell("confirm_membership", world.members[0], **stale), "agreement_changed")
    fresh = stale | {"agreement_version": changed["agreement_version"]}
    assert world.tell("confirm_membership", world.members[0], **fresh)["members"][0]["confirmation"]["stands"]


def test_another_agreement_on_file_asks_the_members_again(world: World) -> None:
    # Given a draft with an uploaded agreement, which all members have confirmed
    id = world.draft()["id"]

    def stored(sha256: str) -> str:
        data = {"document": "d", "subject": f"application/{id}", "kind": "agreement", "filename": "协议.pdf", "sha256": sha256}
        return world.event("document.stored", "documents", f"document/{sha256}", data, world.lead)

    world.bench.react(stored("a" * 64))
    world.confirm_all(id)
    # When the lead uploads another file that replaces the agreement
    world.bench.react(stored("c" * 64))
    # Then every member is asked again, and a submission is refused because all confirmations are missing (M1)
    assert len(world.told("member.reconfirmation_needed")) == len(world.members)
    error = refused(Invalid, lambda: world.submit(id), "not_eligible")
    assert [f["rule"] for f in error.details["findings"] if f["status"] == "fail"] == ["M1"]


def test_a_second_file_called_alike_replaces_nothing_that_it_does_not_name(world: World) -> None:
    # Given a draft with an uploaded agreement
    id = world.draft()["id"]

    def stored(number: int, replaced: list[dict[str, str]]) -> str:
        data = {"document": f"d{number}", "subject": f"application/{id}", "kind": "agreement", "filename": "协议.pdf"}
        told = data | {"sha256": str(number) * 64, "replaced": replaced}
        return world.event("document.stored", "documents", f"document/d{number}", told, world.lead)

    world.bench.react(stored(1, []))
    # When a second file with the same name is uploaded, and then a new version of the first file
    world.bench.react(stored(2, []))
    world.bench.react(stored(3, [{"document": "d1", "filename": "协议.pdf", "sha256": "1" * 64}]))
    # Then the agreement that members confirm consists of the second file and the new version of the first
    with world.bench.database.read() as session:
        kept = session.execute(select(applications.c.agreement).where(applications.c.id == id)).scalar_one()
    assert sorted(kept.values()) == ["2" * 64, "3" * 64]


def test_only_a_registered_member_confirms_and_only_for_itself(world: World) -> None:
    id = world.start(world.open_call()["id"])["id"]
    member = world.members[0]
    yes = {"id": id, "decision": "confirm"}
    refused(Conflict, lambda: world.tell("confirm_membership", member, **yes), "organisation_not_registered")
    refused(Forbidden, lambda: world.tell("confirm_membership", world.lead, **yes), "not_a_member")
    refused(NotFound, lambda: world.tell("confirm_membership", STRANGER, **yes), "application_not_found")
    # When the city approves the member's registration, then the member may confirm
    data = {"uscc": member.organisation, "name": "新注册单位", "region": "450100", "kind": "enterprise"}
    clerk = Actor("450100-officer", ("officer",), "450100")
    world.bench.react(world.event("registration.approved", "gateway", f"organisation/{member.organisation}", data, clerk))
    confirmed = world.tell("confirm_membership", member, **yes)
    shown = next(m for m in confirmed["members"] if m["organisation"] == member.organisation)
    assert (shown["name"], shown["confirmation"]["stands"]) == ("新注册单位", True)


def test_a_member_that_declines_tells_the_lead_why_and_may_think_again(world: World) -> None:
    id = world.draft()["id"]
    member = world.members[0]
    world.tell("confirm_membership", member, id=id, decision="decline", reason="研究方向不符")
    assert [event["reason"] for event in world.told("member.declined")] == ["研究方向不符"]
    again = world.tell("confirm_membership", member, id=id, decision="confirm")
    assert again["members"][0]["confirmation"]["stands"]


def test_eligibility_answers_at_any_time_and_agrees_with_the_cases(world: World) -> None:
    # Given a draft whose units fulfil every condition, without confirmations and without documents
    id = world.draft()["id"]
    # Then the draft is eligible, and the findings name the two missing parts, confirmations and documents, each with its article
    answer = world.ask("eligibility", world.lead, id=id)
    assert answer["eligible"] and answer["policy"] == "guangxi_trial@1"
    open_ = {finding["rule"]: (finding["status"], finding["citation"]) for finding in answer["findings"]}
    assert open_["M1"] == ("fail", "A5(3)1, A4(4)")
    assert open_["D1"] == ("needs_evidence", "A6(1)")
    assert {rule for rule, (status, _) in open_.items() if status != "pass"} == {"M1", "D1"}
    # When the lead enters a number of R&D staff that is too low, then the draft's findings use this number
    lead = world.case["organisations"][0]
    world.put(lead | {"rd_staff": 29})
    assert "L3" in {f["rule"] for f in world.ask("eligibility", world.lead, id=id)["findings"] if f["status"] == "fail"}


def test_a_lead_has_at_most_one_open_application_in_a_call(world: World) -> None:
    # Given a lead with a draft in a call
    call = world.open_call()["id"]
    first = world.start(call)
    # When the lead starts a second application in that call, or moves a draft of another call to it, then the refusal names the
    # first application
    other = world.start(world.open_call()["id"])
    for attempt in (
        lambda: world.start(call),
        lambda: world.tell("change_application", world.lead, id=other["id"], change={"call_id": call}),
    ):
        assert refused(Conflict, attempt, "application_open_in_call").details["application"] == first["id"]
    # When the first application has ended, then the lead may start another one
    world.tell("withdraw_application", world.lead, id=first["id"])
    assert world.start(call)["status"] == "draft"


def test_the_lead_reminds_those_who_have_not_answered_once_a_day(world: World) -> None:
    # Given a draft with eleven members, of which one has confirmed and one has declined
    draft = world.draft()
    confirmed, declined, *others = world.members
    world.tell("confirm_membership", confirmed, id=draft["id"], decision="confirm")
    world.tell("confirm_membership", declined, id=draft["id"], decision="decline", reason="方向不符")
    # When the lead sends reminders, then only the nine members without an answer get one
    answer = world.tell("remind_members", world.lead, id=draft["id"])
    waiting = {member.organisation for member in others}
    assert {member["uscc"] for member in answer["reminded"]} == waiting
    assert {event["organisation"]["uscc"] for event in world.told("member.reminded")} == waiting
    # And a second reminder on the same day is refused; a day later, the members that still have not answered get another one
    with pytest.raises(Conflict, match="reminded_already"):
        world.tell("remind_members", world.lead, id=draft["id"])
    world.clock.advance(days=1)
    world.tell("confirm_membership", others[0], id=draft["id"], decision="confirm")
    assert len(world.tell("remind_members", world.lead, id=draft["id"])["reminded"]) == len(others) - 1


def test_nobody_is_reminded_where_nothing_is_missing_or_it_is_submitted_and_only_by_the_lead(world: World) -> None:
    draft = world.ready()
    with pytest.raises(Conflict, match="no_confirmation_missing"):
        world.tell("remind_members", world.lead, id=draft["id"])
    with pytest.raises(Forbidden):
        world.tell("remind_members", world.members[0], id=draft["id"])
    world.submit(draft["id"])
    with pytest.raises(Conflict, match="not_editable"):
        world.tell("remind_members", world.lead, id=draft["id"])
