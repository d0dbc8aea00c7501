"""Submission: the verdict is frozen, every mistake is reported, and all data are stored or none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from services.application.tables import places, versions
from services.kernel.clock import real_now
from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.integration.application.scenario import CHIEF, World, new_enterprise, refused


def statements(world: World, run: Any) -> int:
    """Return the number of SQL statements that `run` sends, without those that the service sends periodically (whether the date
    was moved, whether a policy was published)."""
    seen: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not any(word in statement for word in ("BEGIN", "domain_clock", "FROM policies")):
            seen.append(statement)

    event.listen(world.bench.database.engine, "before_cursor_execute", count)
    run()
    event.remove(world.bench.database.engine, "before_cursor_execute", count)
    return len(seen)


def test_a_submission_freezes_its_verdict_and_tells_the_bureau_all_it_needs(world: World) -> None:
    # Given a complete draft of twelve units
    draft = world.ready()
    # When the lead submits the application
    submitted = world.submit(draft["id"])
    # Then the application is at the stage of the recommendation, with a verdict under the call's policy
    assert (submitted["status"], submitted["stage"], submitted["version"]) == ("submitted", "recommendation", 1)
    assert submitted["verdict"]["eligible"] and submitted["verdict"]["policy"] == "guangxi_trial@1"
    (told,) = world.told("application.submitted")
    assert told["stage"] == "recommendation" and told["pipeline"][0]["four_eyes"]
    assert told["units"] == [world.lead.organisation, *(member.organisation for member in world.members)]
    assert {question["id"] for question in told["questions"]} == {f"Q{n}" for n in range(1, 10)}
    assert told["findings"] == submitted["verdict"]["findings"]
    assert {paper["kind"] for paper in told["documents"]} >= {"application_form", "agreement"}
    # When the lead edits a figure later, then the frozen verdict is unchanged
    world.put(world.case["organisations"][0] | {"rd_staff": 1})
    assert world.get(draft["id"])["verdict"] == submitted["verdict"]
    with world.bench.database.read() as session:
        inputs = session.execute(select(versions.c.inputs)).scalar_one()
    assert inputs["units"][0]["rd_staff"] == world.case["organisations"][0]["rd_staff"]


def test_a_submission_makes_the_integrity_promise_of_the_policy(world: World) -> None:
    # Given a draft that shows the text of the research-integrity promise, which no account has made yet (A14(3), A14(4))
    draft = world.ready()
    shown = world.get(draft["id"])["promise"]
    assert "真实" in shown["text"]["zh"]
    assert (shown["signed_by"], shown["signed_at"]) == (None, None)
    # When the lead submits the application, then the promise is recorded with its text, the account that made it, and the time
    submitted = world.submit(draft["id"])
    made = world.get(draft["id"])["promise"]
    assert made == {"text": shown["text"], "signed_by": world.lead.username, "signed_at": submitted["submitted_at"]}
    with world.bench.database.read() as session:
        assert session.execute(select(versions.c.inputs)).scalar_one()["promise"] == shown["text"]


def test_a_full_submission_takes_few_statements(world: World) -> None:
    draft = world.ready()
    statement = world.statement(draft["id"])
    key = {"id": draft["id"], "documents_statement": statement, "key": "k"}
    # Of these at most twelve SQL statements, one reserves the positions of the audit entries, because the signatures cover the
    # positions.
    assert statements(world, lambda: world.tell("submit_application", world.lead, **key)) <= 12
    # These at most five statements read the application, its units, its call, its organisations, and the timeline for the
    # progress.
    assert statements(world, lambda: world.get(draft["id"])) <= 5


def test_a_mandatory_rule_that_fails_blocks_with_all_findings_and_leaves_no_trace(world: World) -> None:
    # Given a draft that lacks a confirmation, an operating system's description and a document
    systems = world.case["application"]["operating_systems"] | {"benefit_protection": ""}
    draft = world.draft(operating_systems=systems)
    for member in world.members[1:]:
        world.tell("confirm_membership", member, id=draft["id"], decision="confirm")
    # When the lead submits the application
    error = refused(Invalid, lambda: world.submit(draft["id"], lacking=("application_form",)), "not_eligible")
    # Then the refusal contains every finding, and the draft is unchanged
    failing = {finding["rule"] for finding in error.details["findings"] if finding["status"] == "fail"}
    assert failing == {"M1", "O5", "D1"}
    assert error.details["eligible"] is False
    assert (world.get(draft["id"])["status"], world.get(draft["id"])["version"]) == ("draft", 0)
    assert world.told("application.submitted") == []
    with world.bench.database.read() as session:
        assert session.execute(select(places)).all() == []


def test_an_in_principle_rule_that_fails_is_shown_and_does_not_block(world: World) -> None:
    world.case["organisations"][0]["rd_staff"] = 29
    submitted = world.submitted()
    failing = [(f["rule"], f["severity"]) for f in submitted["verdict"]["findings"] if f["status"] == "fail"]
    assert failing == [("L3", "in_principle")]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"recommender": "450900"}, "/recommender", "not_the_leads_city"),
        ({"recommender": None}, "/recommender", "required"),
        ({"recommender": "GX-MIIT"}, "/recommender", "bureau_not_in_call"),
        ({"name": None}, "/name", "required"),
        ({"chief_scientist": None}, "/chief_scientist", "required"),
        ({"documents": ["application.x.y"]}, "/documents/0", "unknown_document"),
    ],
)
def test_what_a_draft_may_still_have_wrong_is_named_at_submission(
    world: World, change: dict[str, Any], pointer: str, code: str
) -> None:
    draft = world.ready()
    world.tell("change_application", world.lead, id=draft["id"], change=change)
    error = refused(Invalid, lambda: world.submit(draft["id"]), "incomplete")
    assert [(wrong.pointer, wrong.code) for wrong in error.errors] == [(pointer, code)]


def test_a_field_outside_the_call_is_refused(world: World) -> None:
    world.register_all()
    draft = world.start(world.open_call(fields=["新材料"])["id"])
    world.confirm_all(draft["id"])
    error = refused(Invalid, lambda: world.submit(draft["id"]), "incomplete")
    assert [wrong.code for wrong in error.errors] == ["field_not_in_call"]


def test_nothing_is_submitted_before_the_call_opens_or_after_it_closes(world: World) -> None:
    draft = world.ready(call=world.open_call(opens_at="2026-03-05T00:00:00+08:00", closes_at="2026-03-06T00:00:00+08:00")["id"])
    refused(Conflict, lambda: world.submit(draft["id"]), "call_not_open")
    world.clock.advance(days=4)
    refused(Conflict, lambda: world.submit(draft["id"]), "call_closed")
    # When the province extends the call, then the draft can be submitted
    world.tell("change_call", CHIEF, id=draft["call_id"], change={"closes_at": "2026-04-01T00:00:00+00:00"})
    assert world.submit(draft["id"])["status"] == "submitted"


def test_what_is_submitted_cannot_be_edited_confirmed_or_submitted_again(world: World) -> None:
    submitted = world.submitted()
    id = submitted["id"]
    edit = refused(Conflict, lambda: world.tell("change_application", world.lead, id=id, change={"name": "改"}), "not_editable")
    assert edit.details["status"] == "submitted"
    refused(Conflict, lambda: world.tell("confirm_membership", world.members[0], id=id, decision="decline"), "not_editable")
    refused(Conflict, lambda: world.submit(id), "not_editable")


def test_a_submission_repeated_with_its_key_is_answered_and_not_done_again(world: World) -> None:
    draft = world.ready()
    payload = {"id": draft["id"], "documents_statement": world.statement(draft["id"])}
    first = world.tell("submit_application", world.lead, key="same", **payload)
    assert world.tell("submit_application", world.lead, key="same", **payload) == first
    assert len(world.told("application.submitted")) == 1


def test_a_member_cannot_submit_and_a_forged_statement_is_refused(world: World) -> None:
    draft = world.ready()
    refused(Forbidden, lambda: world.submit(draft["id"], actor=world.members[0]), "lead_only")
    forged = world.bench.signers["gateway"].statement({"documents": []}, seconds=60)
    send = {"id": draft["id"], "documents_statement": forged}
    refused(Forbidden, lambda: world.tell("submit_application", world.lead, **send), "statement_refused")


def test_the_leads_own_papers_count_where_the_application_names_them(world: World) -> None:
    # Given a document of the lead organisation itself, which was not uploaded for the application
    draft = world.ready()
    own = {
        "id": f"organisation.{world.lead.organisation}.p",
        "subject": f"organisation/{world.lead.organisation}",
        "kind": "platform_evidence",
        "filename": "平台认定.pdf",
        "size": 1,
        "sha256": "e" * 64,
        "state": "clean",
    }
    papers = {"lacking": ("platform_evidence",), "more": (own,)}
    # When the application does not name the document, then the submission is refused; when the application names it, then the
    # document is part of the submission
    refused(Invalid, lambda: world.submit(draft["id"], **papers), "not_eligible")
    world.tell("change_application", world.lead, id=draft["id"], change={"documents": [own["id"]]})
    submitted = world.submit(draft["id"], **papers)
    assert own["id"] in [paper["id"] for paper in submitted["handed_in"]]


def test_ids_of_others_do_not_exist(world: World) -> None:
    refused(NotFound, lambda: world.submit("0197c0de-0000-7000-8000-000000000000"), "application_not_found")


def test_experts_conflicts_count_the_chief_scientists_employer(world: World) -> None:
    employer = new_enterprise()
    world.submitted(chief_scientist={"name": "甲", "employer": employer, "title": None})
    (told,) = world.told("application.submitted")
    assert told["related_units"] == [employer] and employer not in told["units"]


def test_a_submission_that_came_in_time_counts_however_long_it_queued(world: World) -> None:
    # Given two complete drafts, and their calls, which closed twenty seconds ago
    late, in_time = world.ready(), world.ready()
    closes = datetime.fromisoformat(world.ask("get_call", CHIEF, id=late["call_id"])["closes_at"])
    world.clock.instant = closes + timedelta(seconds=20)

    def submit(id: str, waited: float) -> dict[str, Any]:
        received_at = real_now().timestamp() - waited
        answer: dict[str, Any] = world.tell(
            "submit_application", world.lead, id=id, documents_statement=world.statement(id), received_at=received_at
        )
        return answer

    # When the gateway received one submission ten seconds ago and another forty seconds ago, then only the submission of forty
    # seconds ago was in time
    refused(Conflict, lambda: submit(late["id"], 10), "call_closed")
    assert submit(in_time["id"], 40)["status"] == "submitted"
