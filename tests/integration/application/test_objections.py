"""Objections during publicity: who may file them, who may read them, and who answers (A6(2))."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from services.contracts.documents import EVENTS as DOCUMENTS
from services.kernel.clock import end_of_day, real_now
from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, PreconditionRequired
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.persistence import erasure
from services.policy import Policies, Policy
from tests.integration.application.scenario import AUDITOR, CHIEF, OFFICER, World, applicant, bureau, refused

STRANGER = applicant("91450100MA0000000X")
DEPUTY = Actor("province-deputy", ("chief",), PROVINCE)
PORTAL = Actor("city-portal", ("portal",), "450200")


@pytest.fixture
def application(world: World) -> dict[str, Any]:
    """Create an application in its publicity period."""
    application = world.at_decision()
    world.decided(application)
    return application


def file(world: World, id: str, actor: Actor = STRANGER, **more: Any) -> dict[str, Any]:
    return world.tell("file_objection", actor, id=id, reason="请核实平台证明", **more)


def answer(world: World, id: str, objection: str, outcome: str = "dismissed", actor: Actor = OFFICER, **more: Any) -> Any:
    reply = {"objection": objection, "answer": "经核查。", "outcome": outcome} | more
    return world.tell("answer_objection", actor, id=id, **reply)


def listed(world: World, id: str, actor: Actor) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.ask("list_objections", actor, id=id)["items"]
    return found


def confirm(world: World, id: str, objection: str, actor: Actor = CHIEF, etag: str | None = None) -> dict[str, Any]:
    read = etag or next(each["etag"] for each in listed(world, id, OFFICER) if each["id"] == objection)
    return world.tell("confirm_objection_answer", actor, id=id, objection=objection, if_match=read)


def uphold(world: World, id: str, objection: str, **more: Any) -> dict[str, Any]:
    answer(world, id, objection, "upheld", **more)
    return confirm(world, id, objection)


def letter(world: World, id: str, kind: str = "written_objection") -> tuple[str, str]:
    """Return the id of a new uploaded letter, and the documents service's signed statement about it."""
    paper = {"id": f"application.{id}.{new_id()}", "subject": f"application/{id}", "kind": kind, "filename": "来函.pdf"}
    return paper["id"], world.bench.signers["documents"].statement({"documents": [paper | {"state": "clean"}]}, seconds=60)


def record(world: World, id: str, actor: Actor = OFFICER, **changes: Any) -> dict[str, Any]:
    document, statement = letter(world, id)
    written = {"objector": {"name": "示例市民", "contact": "示例路 1 号"}, "received_on": "2026-03-02", "document": document}
    return file(world, id, actor, written=written | changes, documents_statement=statement)


def test_an_unanswered_objection_stops_recognition_and_an_answer_lets_it_go_on(world: World) -> None:
    # Given an application in publicity, to which another organisation has objected; before the publicity its objection was
    # refused
    application = world.at_decision()
    id = application["id"]
    refused(NotFound, lambda: file(world, id), "application_not_found")
    world.decided(application)
    objection = file(world, id)
    assert world.told("objection.filed")[0]["answer_by"] == world.told("application.publicised")[0]["ends_on"]
    # When the publicity period ends and the objection is unanswered, then the application is not recognised
    world.clock.advance(days=8)
    assert world.sweep() == []
    # When an officer of the province dismisses the objection, which needs no second person, then the next sweep recognises the
    # application
    refused(Forbidden, lambda: answer(world, id, objection["id"], actor=world.lead), "province_only")
    answer(world, id, objection["id"])
    refused(Conflict, lambda: answer(world, id, objection["id"]), "already_answered")
    assert world.sweep() == ["recognised"]
    refused(Conflict, lambda: file(world, id, world.members[0]), "not_in_publicity")


def test_any_unit_but_the_lead_may_object_once_at_a_time(world: World, application: dict[str, Any]) -> None:
    id = application["id"]
    refused(Forbidden, lambda: file(world, id, world.lead), "lead_cannot_object")
    for actor in (AUDITOR, PORTAL, bureau("450200"), Actor("expert", ("expert",))):
        refused(Forbidden, lambda actor=actor: file(world, id, actor), "role_required")
    # Another organisation and a member may each object; a second objection of the same organisation, through a colleague's
    # account, is refused.
    first = file(world, id)
    file(world, id, world.members[0])
    colleague = Actor("colleague", ("applicant",), None, STRANGER.organisation)
    refused(Conflict, lambda: file(world, id, colleague), "objection_open")
    # When the province has answered the organisation's objection, then the organisation may object again
    answer(world, id, first["id"])
    file(world, id)


def test_objections_that_say_the_same_are_answered_together(world: World, application: dict[str, Any]) -> None:
    # Given an application in publicity, with objections of sixty organisations
    id = application["id"]
    filed = [file(world, id, applicant(f"91450100MA{number:07d}X"))["id"] for number in range(60)]
    refused(NotFound, lambda: answer(world, id, filed[0], also=[new_id()]), "objection_not_found")
    # When the province dismisses all sixty objections in one request, then nothing blocks the recognition
    answer(world, id, filed[0], also=filed[1:])
    assert {each["outcome"] for each in listed(world, id, OFFICER)} == {"dismissed"}
    assert [told["objection"] for told in world.told("objection.answered")] == filed
    world.clock.advance(days=8)
    assert world.sweep() == ["recognised"]


def test_an_upheld_objection_takes_two_people(world: World, application: dict[str, Any]) -> None:
    # Given two objections, and an answer that upholds both; a chief has prepared the answer, and a second chief must confirm it
    id = application["id"]
    first, second = file(world, id)["id"], file(world, id, world.members[0])["id"]
    prepared = answer(world, id, first, "upheld", actor=DEPUTY, also=[second])
    assert (prepared["outcome"], prepared["prepared"]["by"], prepared["prepared"]["objections"]) == (
        None,
        DEPUTY.username,
        [first, second],
    )
    # Then the application stays in publicity, and only the province can read the prepared answer
    assert world.get(id)["status"] == "publicised"
    assert {each["prepared"] for each in listed(world, id, world.lead)} == {None}
    assert "objection.answer_prepared" not in str(world.ask("application_timeline", world.lead, id=id))
    # When the answer's author confirms it, or an officer, or a city's chief, or a chief who names no version of the answer, then
    # the confirmation is refused
    refused(Conflict, lambda: confirm(world, id, first, DEPUTY), "own_draft")
    refused(Forbidden, lambda: confirm(world, id, first, OFFICER), "role_required")
    refused(Forbidden, lambda: confirm(world, id, first, bureau("450200")), "province_only")
    unread = {"id": id, "objection": first}
    refused(PreconditionRequired, lambda: world.tell("confirm_objection_answer", CHIEF, **unread), "version_not_named")
    # and the confirmation of a chief who has read an earlier version of the answer is refused
    answer(world, id, first, "upheld", also=[second], answer="再次核查。")
    refused(PreconditionFailed, lambda: confirm(world, id, first, etag=prepared["etag"]), "version_changed")
    # When the second chief confirms the present version of the answer, then both objections are upheld, and the recognition is
    # held
    confirmed = confirm(world, id, first)
    assert (confirmed["outcome"], confirmed["answer"]) == ("upheld", "再次核查。")
    assert [each["outcome"] for each in listed(world, id, OFFICER)] == ["upheld", "upheld"]
    assert world.get(id)["status"] == "held"
    refused(Conflict, lambda: confirm(world, id, second), "already_answered")


def test_an_answer_that_waits_falls_with_one_of_its_objections(world: World, application: dict[str, Any]) -> None:
    id = application["id"]
    first, second = file(world, id)["id"], file(world, id, world.members[0])["id"]
    answer(world, id, first, "upheld", also=[second])
    # When the province dismisses one of the two objections separately, then the prepared answer cannot be confirmed any more, and
    # the other objection needs a new answer
    answer(world, id, second)
    refused(Conflict, lambda: confirm(world, id, first), "no_answer_prepared")
    uphold(world, id, first)


def test_the_policy_may_ask_four_eyes_of_every_answer(tmp_path: Any) -> None:
    document = Policies.builtin().get("guangxi_trial@1").to_dict()
    document["objections"]["dismissal_four_eyes"] = True
    world = World(tmp_path / "a.db", policies=Policies([Policy.from_dict(document)]))
    application = world.at_decision()
    world.decided(application)
    filed = file(world, application["id"])["id"]
    assert answer(world, application["id"], filed)["outcome"] is None
    assert confirm(world, application["id"], filed)["outcome"] == "dismissed"


def test_approving_after_an_upheld_objection_names_it_and_begins_another_publicity(
    world: World, application: dict[str, Any]
) -> None:
    # Given an upheld objection, because of which the recognition is held
    id = application["id"]
    objection = file(world, id)["id"]
    uphold(world, id, objection)
    (held,) = world.told("application.held")
    assert held["objection"] == objection
    assert held["objections"] == [{"id": objection, "reason": "请核实平台证明", "answer": "经核查。"}]
    assert (world.get(id)["status"], world.get(id)["publicity"]) == ("held", None)
    world.clock.advance(days=8)
    assert world.sweep() == []
    # When the province approves without naming the objection, then the approval has no effect
    world.decided(application)
    assert world.get(id)["status"] == "held"
    # When the province approves and names the objection, then a second publicity period begins, in which objections are accepted
    # again
    world.decided(application, objections=[objection])
    publicised = world.get(id)
    assert (publicised["status"], publicised["publicity"]["ends_on"]) == ("publicised", "2026-03-17")
    assert publicised["decision"]["objections"] == [objection]
    answer(world, id, file(world, id)["id"])
    assert world.sweep() == []
    world.clock.advance(days=8)
    assert world.sweep() == ["recognised"]


def test_a_recognition_that_is_held_leaves_the_list_of_decisions(world: World) -> None:
    # Given an approval that the province signed as part of a decision list, dated the day before
    application = world.at_decision()
    id, listed = application["id"], {"id": new_id(), "title": "第一批", "on": "2026-03-01"}
    world.decided(application, list=listed)
    assert (world.get(id)["decision"]["on"], world.get(id)["publicity"]["ends_on"]) == ("2026-03-01", "2026-03-09")
    assert world.told("application.publicised")[0]["list"] == listed
    (item,) = world.ask("public_publicity", STRANGER)["items"]
    assert item["list"] == listed

    def act() -> dict[str, Any]:
        paper = world.ask("decision_paper", world.lead, id=id)["statement"]
        read: dict[str, Any] = world.bench.runtime.verifier.read(paper, "application")
        return read["act"] | {"objections": read["facts"]["objections"]}

    first = act()
    assert (first["id"], first["subject"], first["objections"]) == (listed["id"], f"decision-list/{listed['id']}", [])
    # When an upheld objection holds the recognition, then the approval leaves the decision list; the next approval is an act of
    # its own
    objection = file(world, id)["id"]
    uphold(world, id, objection)
    assert "list" not in world.get(id)["decision"]
    assert act() == first
    world.decided(application, objections=[objection])
    (item,) = world.ask("public_publicity", STRANGER)["items"]
    assert item["list"] is None
    assert act() == {
        "id": f"1.approved.2026-03-02.{objection}",
        "bureau": PROVINCE,
        "on": "2026-03-02",
        "objections": ["经核查。"],
    }


def test_a_further_objection_upheld_while_the_recognition_is_held_is_named_too(world: World, application: dict[str, Any]) -> None:
    id = application["id"]
    first, second = file(world, id)["id"], file(world, id, world.members[0])["id"]
    uphold(world, id, first)
    uphold(world, id, second)
    assert [each["id"] for each in world.told("application.held")[-1]["objections"]] == [first, second]
    world.decided(application, objections=[first])
    assert world.get(id)["status"] == "held"
    # A decision that declines the application need not name the upheld objections.
    world.decided(application, outcome="decline")
    assert world.get(id)["status"] == "declined"
    assert all(each["resolved_at"] for each in listed(world, id, OFFICER))


def test_the_province_records_written_objections_with_their_letter(world: World, application: dict[str, Any]) -> None:
    id = application["id"]
    refused(Invalid, lambda: file(world, id, OFFICER), "invalid_input")
    for actor in (STRANGER, bureau("450200")):
        refused(Forbidden, lambda actor=actor: record(world, id, actor), "province_only")
    refused(Invalid, lambda: record(world, id, received_on="2026-03-03"), "invalid_input")
    refused(Invalid, lambda: record(world, id, document=f"application.{id}.{new_id()}"), "invalid_input")
    # A letter that is uploaded as an ordinary attachment is refused: the lead could read it and learn the objector's name.
    document, statement = letter(world, id, kind="attachment")
    written = {"objector": {"name": "示例市民", "contact": None}, "received_on": "2026-03-02", "document": document}
    refused(Invalid, lambda: file(world, id, OFFICER, written=written, documents_statement=statement), "invalid_input")
    # The province may record several letters; the recognition waits until all of them are answered.
    recorded = [record(world, id), record(world, id)]
    assert recorded[0]["objector"] == {"name": "示例市民", "contact": "示例路 1 号"}
    assert recorded[0]["document"]["filename"] == "来函.pdf"
    assert [told["by"] for told in world.told("objection.filed")] == [None, None]
    world.clock.advance(days=8)
    assert world.sweep() == []
    answer(world, id, recorded[0]["id"], also=[recorded[1]["id"]])
    assert world.sweep() == ["recognised"]


def test_the_objectors_name_stays_with_the_province_and_the_auditor(world: World, application: dict[str, Any]) -> None:
    # Given an objection of an organisation, and an objection received in writing, both answered
    id = application["id"]
    filed, recorded = file(world, id), record(world, id)
    answer(world, id, filed["id"], also=[recorded["id"]])
    words = [STRANGER.username, str(STRANGER.organisation), "示例市民", "示例路", "来函"]

    def told(actor: Actor) -> str:
        return str(
            [
                world.ask("list_objections", actor, id=id),
                world.ask("application_timeline", actor, id=id, limit=200),
                world.ask("get_application", actor, id=id),
            ]
        )

    city = application["recommender"]
    portal = Actor("city-portal", ("portal",), city)
    for actor in (world.lead, world.members[0], bureau(city, "officer"), bureau(city), portal):
        assert [word for word in words if word in told(actor)] == [], actor
    for actor in (OFFICER, CHIEF, AUDITOR):
        assert [word for word in words if word in told(actor)] == words, actor
    # An objecting organisation reads its own objection and the answer to it, and no other objections.
    (own,) = listed(world, id, STRANGER)
    assert (own["id"], own["by"], own["outcome"]) == (filed["id"], STRANGER.username, "dismissed")
    # The events about an objection are addressed to the province only.
    world.bench.settle()
    about = [row for row in world.bench.bus.published if row.routing_key.startswith("objection.")]
    assert {row.routing_key.rpartition(".")[2] for row in about} == {PROVINCE}


def test_the_public_list_says_whom_to_write_to(world: World) -> None:
    contact = {"name": "示例处", "telephone": "0771-5886000", "address": "示例路 1 号", "email": None}
    application = world.at_decision(call=world.open_call(contact=contact)["id"])
    world.decided(application)
    (item,) = world.ask("public_publicity", STRANGER)["items"]
    assert item["contact"] == contact


def test_the_province_uploads_letters_while_an_application_is_public_and_nothing_else(
    world: World, application: dict[str, Any]
) -> None:
    def granted(actor: Actor) -> Any:
        grant = world.ask("document_grant", actor, subject=f"application/{application['id']}", action="write")["grant"]
        return world.bench.runtime.verifier.read(grant, "application")["kinds"]

    assert granted(OFFICER) == ["written_objection"]
    refused(Forbidden, lambda: granted(world.lead), "read_only")
    refused(Forbidden, lambda: granted(bureau(application["recommender"])), "read_only")
    world.clock.advance(days=8)
    world.sweep()
    refused(Forbidden, lambda: granted(OFFICER), "read_only")


def test_who_objected_in_writing_is_forgotten_with_the_cases_documents(world: World, application: dict[str, Any]) -> None:
    # Given an answered objection that arrived in writing, to an application whose retention period is over
    id = application["id"]
    recorded = record(world, id)
    answer(world, id, recorded["id"])
    data = DOCUMENTS["record.disposed"].example | {"subject": f"application/{id}"}
    # When the documents service has disposed of the documents of the case
    world.bench.react(world.event("record.disposed", "documents", f"application/{id}", data, OFFICER))
    # Then the objector's name and address are deleted, and the objection and the answer stay
    (seen,) = listed(world, id, AUDITOR)
    assert seen["objector"] == {"erased": True}
    assert (seen["reason"], seen["outcome"], seen["answer"]) == ("请核实平台证明", "dismissed", "经核查。")
    with world.bench.database.read() as session:
        assert erasure.pending(session) is not None


def test_an_objection_that_came_in_time_counts_however_long_it_queued(world: World, application: dict[str, Any]) -> None:
    # Given an application whose publicity period ended twenty seconds ago, and no sweep since then
    id = application["id"]
    world.clock.instant = end_of_day(date.fromisoformat(world.get(id)["publicity"]["ends_on"])) + timedelta(seconds=20)
    # When the gateway received one objection ten seconds ago and another forty seconds ago, then only the objection of forty
    # seconds ago was in time
    late, in_time = (real_now().timestamp() - waited for waited in (10, 40))
    refused(Conflict, lambda: file(world, id, received_at=late), "not_in_publicity")
    file(world, id, received_at=in_time)
    # and the application is not recognised while this objection is unanswered
    assert world.sweep() == []
