"""The right to read an application, its timeline and its documents, which the application service decides by its own data."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from services.application.tables import timeline
from services.kernel.errors import Forbidden, NotFound
from services.kernel.identity import NOBODY, PROVINCE, Actor
from tests.integration.application.scenario import AUDITOR, CHIEF, EXPERT, OFFICER, OPERATOR, World, applicant, bureau, refused

STRANGER = applicant("91450100MA0000000X")
THIRD_PARTY = Actor("institute", ("third_party",))


def may_read(world: World, actor: Actor, id: str) -> bool:
    """Return whether the actor can read the application; the actor's list of applications must agree with that."""
    try:
        world.get(id, actor)
        reads = True
    except NotFound:
        reads = False
    try:
        listed = [item["id"] for item in world.ask("list_applications", actor)["items"]]
    except Forbidden:
        listed = []
    assert (id in listed) == reads
    return reads


def appoint(world: World, application: dict[str, Any], *experts: str, third_party: str | None = None) -> None:
    world.bench.react(
        world.opinion(
            "panel.appointed",
            application,
            "",
            PROVINCE,
            experts=list(experts),
            third_party=third_party,
            due_on="2026-03-30",
            article="A6(2)",
        )
    )


def test_a_draft_is_its_parties_alone(world: World) -> None:
    id = world.draft()["id"]
    home = bureau(world.case["application"]["recommender"])
    assert all(may_read(world, actor, id) for actor in (world.lead, world.members[0], AUDITOR))
    assert not any(may_read(world, actor, id) for actor in (STRANGER, home, CHIEF, EXPERT, OPERATOR, NOBODY))


def test_a_bureau_reads_from_its_turn_on(world: World) -> None:
    submitted = world.submitted()
    id, home = submitted["id"], bureau(submitted["recommender"], "officer")
    assert may_read(world, home, id)
    assert not may_read(world, OFFICER, id)
    world.recommended(submitted)
    assert may_read(world, OFFICER, id) and may_read(world, home, id)
    assert not may_read(world, bureau("450900"), id)


def test_experts_read_the_version_given_to_them_and_nothing_that_is_not_for_scoring(world: World) -> None:
    # Given an application at the stage of expert review
    submitted = world.submitted()
    world.recommended(submitted)
    world.passed(submitted, "formal_check", "expert_review")
    assert not may_read(world, EXPERT, submitted["id"])
    appoint(world, submitted, EXPERT.username, "expert-2")
    seen = world.get(submitted["id"], EXPERT)
    assert seen["version"] == 1 and seen["correction"] is None
    assert all(member["confirmation"] is None for member in seen["members"])
    # and the appointed experts may not read the timeline, which names the persons who acted
    refused(NotFound, lambda: world.ask("application_timeline", EXPERT, id=submitted["id"]), "application_not_found")
    # When the province appoints a third party instead of the first expert, then that expert may no longer read the case, and the
    # third party may
    appoint(world, submitted, "expert-2", third_party=THIRD_PARTY.username)
    assert not may_read(world, EXPERT, submitted["id"])
    assert may_read(world, THIRD_PARTY, submitted["id"])
    # and the parties learn from the timeline how many experts review, and no name
    steps = world.ask("application_timeline", world.lead, id=submitted["id"], limit=200)["items"]
    assert "expert-2" not in str(steps) and [s["detail"] for s in steps if s["type"] == "panel.appointed"] == [
        {"experts": 2, "third_party": False},
        {"experts": 1, "third_party": True},
    ]


def test_a_panel_does_not_read_again_once_the_application_was_returned_and_submitted_again(world: World) -> None:
    # Given an application at the stage of the decision, and the panel that may read it
    submitted = world.at_decision()
    appoint(world, submitted, EXPERT.username)
    assert may_read(world, EXPERT, submitted["id"])
    # When the province returns the application and the lead submits the next version, then the earlier panel may read neither
    # version
    world.returned(submitted, "decision", PROVINCE)
    world.submit(submitted["id"])
    assert world.get(submitted["id"])["status"] == "submitted"
    assert not may_read(world, EXPERT, submitted["id"])


def test_lists_are_filtered_and_searched_within_what_one_may_read(world: World) -> None:
    submitted = world.submitted()
    draft = world.start(world.open_call()["id"], name="北部湾海洋新材料创新联合体")
    names = {
        "样例创新": [submitted["id"]],
        "海洋新材": [draft["id"]],
        "北部湾": [draft["id"]],
        "100%": [],
    }
    for q, ids in names.items():
        assert [item["id"] for item in world.ask("list_applications", world.lead, q=q)["items"]] == ids
    by_status = world.ask("list_applications", world.lead, status="submitted")["items"]
    assert [item["id"] for item in by_status] == [submitted["id"]]
    home = bureau(submitted["recommender"])
    assert [item["id"] for item in world.ask("list_applications", home, call=submitted["call_id"])["items"]] == [submitted["id"]]
    assert world.ask("list_applications", home, q="海洋新材")["items"] == []


def test_a_renamed_application_is_found_by_its_new_name_only(world: World) -> None:
    id = world.draft()["id"]
    world.tell("change_application", world.lead, id=id, change={"name": "海洋新材料联合体"})
    assert len(world.ask("list_applications", world.lead, q="海洋新材料")["items"]) == 1
    assert world.ask("list_applications", world.lead, q="样例创新")["items"] == []


def test_a_timeline_says_who_when_and_by_which_article(world: World) -> None:
    submitted = world.submitted()
    world.returned(submitted)
    steps = world.ask("application_timeline", world.lead, id=submitted["id"], limit=200)["items"]
    handed_in = next(step for step in steps if step["type"] == "application.submitted")
    assert (handed_in["article"], handed_in["actor"]["username"]) == ("A6(1)", world.lead.username)
    returned = steps[-1]
    assert (returned["type"], returned["actor"]["role"], returned["actor"]["bureau"]) == (
        "application.returned",
        "chief",
        submitted["recommender"],
    )
    # The timeline shows an official's name to officials, not to the parties.
    assert returned["actor"]["username"] is None
    seen = world.ask("application_timeline", bureau(submitted["recommender"]), id=submitted["id"], limit=200)["items"]
    assert seen[-1]["actor"]["username"] == f"{submitted['recommender']}-chief"


def test_a_timeline_is_public_after_recognition_only_and_without_reasons(world: World) -> None:
    application = world.at_decision()
    refused(NotFound, lambda: world.ask("application_timeline", NOBODY, id=application["id"]), "application_not_found")
    world.decided(application)
    world.clock.advance(days=8)
    world.sweep()
    consortium = world.get(application["id"])["consortium"]
    for name, id in (("application_timeline", application["id"]), ("consortium_timeline", consortium)):
        steps = world.ask(name, NOBODY, id=id)["items"]
        assert [step["type"] for step in steps] == [
            "application.submitted",
            "application.stage_passed",
            "application.stage_passed",
            "application.stage_passed",
            "application.publicised",
            "consortium.recognised",
        ]
        passed = [{"stage": stage} for stage in ("recommendation", "formal_check", "expert_review")]
        assert [step["detail"] for step in steps] == [{}, *passed, {}, {}]
        assert not any(step["actor"]["username"] for step in steps)


@pytest.mark.parametrize("action", ["read", "write"])
def test_a_grant_says_signed_who_may_handle_which_documents(world: World, action: str) -> None:
    # Given a submitted application
    submitted = world.submitted()
    id, home = submitted["id"], bureau(submitted["recommender"])

    def granted(actor: Actor, subject: str) -> Any:
        try:
            answer = world.ask("document_grant", actor, subject=subject, action=action)
        except (NotFound, Forbidden) as error:
            return type(error)
        content = world.bench.runtime.verifier.read(answer["grant"], "application")
        assert (content["subject"], content["action"], content["username"]) == (subject, action, actor.username)
        return content["ids"]

    # Then the parties, the recommender and auditors may read the application's documents, and none of them may add documents
    # while the recommender reviews the application
    subject = f"application/{id}"
    reads = action == "read"
    for actor in (world.lead, world.members[0], home, AUDITOR):
        assert granted(actor, subject) == (None if reads else Forbidden)
    for actor in (STRANGER, bureau("450900"), OFFICER, EXPERT):
        assert granted(actor, subject) is NotFound
    # When the recommender returns the application, then only the lead may add documents
    world.returned(submitted)
    assert granted(world.lead, subject) is None
    assert granted(world.members[0], subject) == (None if reads else Forbidden)
    # and only the organisation itself may add to its own documents, which are kept apart from those of the application
    own = f"organisation/{world.lead.organisation}"
    assert granted(world.lead, own) is None
    assert granted(STRANGER, own) is NotFound
    assert granted(home, own) == (None if reads else NotFound)  # The lead's city verifies declarations.
    assert granted(bureau("450900"), own) == ([] if reads else NotFound)
    assert granted(world.lead, "call/x") is NotFound


def test_an_expert_is_granted_the_papers_of_its_version_alone(world: World) -> None:
    submitted = world.submitted()
    appoint(world, submitted, EXPERT.username)
    answer = world.ask("document_grant", EXPERT, subject=f"application/{submitted['id']}", action="read")
    ids = world.bench.runtime.verifier.read(answer["grant"], "application")["ids"]
    assert ids == [paper["id"] for paper in submitted["handed_in"]]


@pytest.mark.parametrize("end", ["approve", "decline", "withdraw", "return"])
def test_an_experts_access_ends_with_the_decision(world: World, end: str) -> None:
    # Given an application at the stage of the decision; its experts may read its documents and the lead organisation's own
    # documents
    application = world.at_decision()
    id = application["id"]
    appoint(world, application, EXPERT.username, third_party=THIRD_PARTY.username)
    subjects = (f"application/{id}", f"organisation/{world.lead.organisation}")
    assert all(may_read(world, actor, id) for actor in (EXPERT, THIRD_PARTY))
    for subject in subjects:
        assert world.ask("document_grant", EXPERT, subject=subject, action="read")
    # When the application is approved, declined, withdrawn or returned to its lead
    if end == "withdraw":
        world.tell("withdraw_application", world.lead, id=id, reason="不再组建")
    elif end == "return":
        world.returned(application, "decision", PROVINCE)
    else:
        world.decided(application, end)
    assert world.get(id)["status"] != "submitted"
    # Then the experts may read neither the case nor any of these documents, even if an event that appoints them arrives
    # afterwards
    appoint(world, application, EXPERT.username, third_party=THIRD_PARTY.username)
    for actor in (EXPERT, THIRD_PARTY):
        assert not may_read(world, actor, id)
        names = ("application_versions", "application_timeline", "list_objections", "decision_paper", "application_paper")
        for name in names:
            refused(NotFound, lambda name=name: world.ask(name, actor, id=id), "application_not_found")  # noqa: B023
    assert _granted(world, subjects[1]) == []
    refused(NotFound, lambda: _granted(world, subjects[0]), "application_not_found")


def _granted(world: World, subject: str) -> list[str]:
    answer = world.ask("document_grant", EXPERT, subject=subject, action="read")
    return list(world.bench.runtime.verifier.read(answer["grant"], "application")["ids"])


def test_a_timeline_kept_by_an_earlier_version_names_no_expert_outside_the_province(world: World) -> None:
    # Given a timeline step in which an earlier version of the platform recorded the last expert as the actor
    application = world.at_decision()
    stamp = {"username": EXPERT.username, "role": "expert", "bureau": None, "organisation": None}
    with world.bench.database.write() as session:
        session.execute(update(timeline).where(timeline.c.type == "application.stage_passed").values(actor=stamp))

    def actors(reader: Actor) -> set[tuple[str | None, str]]:
        steps = world.ask("application_timeline", reader, id=application["id"], limit=200)["items"]
        return {(s["actor"]["username"], s["actor"]["role"]) for s in steps if s["type"] == "application.stage_passed"}

    # Then only the province and the auditor see the expert's account; all other readers see the system as the actor
    home = bureau(application["recommender"])
    portal = Actor("portal", ("portal",), application["recommender"])
    for reader in (world.lead, world.members[0], home, portal):
        assert {role for _, role in actors(reader)} == {"system"}
        assert EXPERT.username not in {name for name, _ in actors(reader)}
    assert actors(OFFICER) == actors(AUDITOR) == {(EXPERT.username, "expert")}


def test_a_dashboard_counts_a_bureaus_own_cases(world: World) -> None:
    submitted = world.submitted()
    world.returned(submitted)
    home = bureau(submitted["recommender"])
    mine = world.ask("dashboard", home)
    assert mine["applications"]["by_status"] == {"returned": 1}
    assert mine["corrections"] == {"waiting": 1, "overdue": 0}
    world.clock.advance(days=20)
    assert world.ask("dashboard", home)["corrections"]["overdue"] == 1
    assert world.ask("dashboard", bureau("450900"))["applications"]["by_status"] == {}
    assert world.ask("dashboard", CHIEF)["applications"]["by_recommender"] == {submitted["recommender"]: 1}
    refused(Forbidden, lambda: world.ask("dashboard", world.lead), "bureaus_only")
