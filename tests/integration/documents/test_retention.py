"""Documents are kept for their policy's term after their subject has ended, and longer under a legal hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from services.contracts.application import events as published
from services.contracts.documents import EVENTS
from services.documents.registry import registry
from services.documents.tables import holds
from services.kernel.clock import end_of_day
from services.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from services.kernel.identity import PROVINCE, SYSTEM, Actor
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.settings import Settings
from services.kernel.storage.base import Store
from services.kernel.storage.factory import store_of
from services.kernel.testing import ServiceHarness
from services.policy import Policies
from tests.integration.documents.conftest import LEAD, Desk
from tests.unit.documents.files import PDF, PNG

CHIEF, OFFICER = Actor("chief", ("chief",), PROVINCE), Actor("officer", ("officer",), PROVINCE)
CITY, AUDITOR = Actor("city", ("chief",), "450200"), Actor("auditor", ("auditor",))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return a file store; other tests cover the S3 store too."""
    return store_of(Settings(s3=f"file://{tmp_path}/objects"))


SUBJECT, CONSORTIUM = "application/1", "consortium/1"
ORGANISATION = f"organisation/{LEAD.organisation}"
_sequence = count(1)


def say(desk: Desk, type: str, subject: str = SUBJECT, **change: Any) -> None:
    """Publish an event of the application service, as its contract describes it."""
    event = Event(
        id=new_id(),
        type=type,
        version=1,
        occurred_at=desk.bench.clock.now(),
        producer="application",
        subject=subject,
        bureau="450200",
        recommender="450200",
        sequence=next(_sequence),
        actor=SYSTEM.stamp(),
        correlation_id="c",
        causation_id=None,
        data=published.EVENTS[type].example | change,
    )
    desk.bench.react(event.to_json())


def submitted(desk: Desk, subject: str = SUBJECT, *papers: dict[str, Any]) -> None:
    named = [{name: paper[name] for name in ("id", "kind", "filename")} for paper in papers]
    say(desk, "application.submitted", subject, documents=named)


def recognised(desk: Desk) -> None:
    say(desk, "consortium.recognised", CONSORTIUM, application="1")


def swept(desk: Desk, day: date) -> list[str]:
    """Move the platform's date to this day and run the sweep; return the subjects whose case files the sweep disposes of."""
    desk.bench.clock.offset = desk.bench.clock.offset_to(day)
    done = desk.bench.runtime.sweep(end_of_day(day))
    assert not [step for step in done if "error" in step]
    return [step["id"] for step in done if step["sweep"] == "retention"]


def state(desk: Desk, document: dict[str, Any]) -> str:
    kind, owner, _ = document["id"].split(".")
    found = desk.bench.ask("get_document", LEAD, id=document["id"], grant=desk.grant(f"{kind}/{owner}", "read"))
    held = desk.store.exists(f"documents/{document['id']}")
    assert held is (found["state"] == "clean")
    return str(found["state"])


def told(desk: Desk, type: str) -> list[dict[str, Any]]:
    desk.bench.settle()
    found = [Event.from_json(row.body) for row in desk.bench.bus.published if row.routing_key.startswith(f"{type}.")]
    assert not [errors for event in found if (errors := EVENTS[type].data().validate(event.data))]
    return [event.data for event in found]


def hold(desk: Desk, actor: Actor = CHIEF, **about: Any) -> dict[str, Any]:
    return desk.bench.tell("place_hold", actor, **{"subject": None, "document": None, "reason": "行政诉讼"} | about)  # type: ignore[no-any-return]


def refused(kind: type[DomainError], act: Callable[..., Any], *given: Any, **named: Any) -> str:
    with pytest.raises(kind) as caught:
        act(*given, **named)
    return caught.value.code


# Retention terms; the tests' clock starts on 2026-03-02


@pytest.mark.parametrize("end", ["application.rejected", "application.declined", "application.withdrawn"])
def test_what_was_not_recognised_is_kept_ten_years_after_its_end_and_not_a_day_longer(desk: Desk, end: str) -> None:
    document = desk.put(PDF)
    submitted(desk)
    assert swept(desk, date(2026, 5, 4)) == []
    say(desk, end, version=1)
    (closed,) = told(desk, "record.closed")
    assert (closed["ended_on"], closed["due_on"], closed["rule"], closed["why"]) == (
        "2026-05-04",
        "2036-05-04",
        "application",
        end,
    )
    assert swept(desk, date(2036, 5, 3)) == []
    assert state(desk, document) == "clean"
    assert swept(desk, date(2036, 5, 4)) == [SUBJECT]
    assert state(desk, document) == "disposed"
    assert swept(desk, date(2036, 5, 4)) == []


def test_what_is_under_way_is_kept_however_long_it_takes(desk: Desk) -> None:
    document = desk.put(PDF)
    submitted(desk)
    recognised(desk)
    assert swept(desk, date(2086, 1, 1)) == []
    assert state(desk, document) == "clean"


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("consortium.revoked", {"revoked_on": "2030-02-28"}),
        ("consortium.changed", {"status": "dissolved", "effective_on": "2030-02-28"}),
    ],
)
def test_a_consortiums_file_and_its_applications_go_together_thirty_years_after_its_end(
    desk: Desk, end: str, said: dict[str, str]
) -> None:
    applied, yearly = desk.put(PDF), desk.put(PDF, subject=CONSORTIUM)
    submitted(desk)
    recognised(desk)
    say(desk, "consortium.changed", CONSORTIUM, status="active", effective_on="2027-01-01")
    say(desk, end, CONSORTIUM, **said)
    assert swept(desk, date(2060, 2, 27)) == []
    assert swept(desk, date(2060, 2, 28)) == [SUBJECT, CONSORTIUM]
    assert [state(desk, document) for document in (applied, yearly)] == ["disposed", "disposed"]


def test_a_draft_is_kept_two_years_after_its_last_document(desk: Desk) -> None:
    first = desk.put(PDF)
    assert swept(desk, date(2027, 3, 2)) == []
    second = desk.put(PNG, filename="图.png")
    assert swept(desk, date(2029, 1, 30)) == []
    assert told(desk, "record.due") == []
    # A month before the deletion, the organisation that left the draft is notified, once.
    assert [swept(desk, day) for day in (date(2029, 1, 31), date(2029, 3, 1))] == [[], []]
    assert told(desk, "record.due") == [{"subject": SUBJECT, "due_on": "2029-03-02", "lead": {"uscc": LEAD.organisation}}]
    assert swept(desk, date(2029, 3, 2)) == [SUBJECT]
    assert [state(desk, document) for document in (first, second)] == ["disposed", "disposed"]
    # No event tells other systems that a draft is disposed of; a document that is stored later has a term of its own.
    assert told(desk, "record.disposed") == []
    third = desk.put(PDF, filename="重来.pdf")
    # Even if the notification is late, the organisation has a month after the notification.
    assert swept(desk, date(2031, 3, 1)) == []
    assert told(desk, "record.due")[1]["due_on"] == "2031-03-31"
    assert swept(desk, date(2031, 3, 30)) == []
    assert (state(desk, third), swept(desk, date(2031, 3, 31))) == ("clean", [SUBJECT])


def test_a_draft_withdrawn_unsubmitted_has_a_drafts_term_and_an_event_that_comes_late_shortens_none(desk: Desk) -> None:
    desk.put(PDF)
    say(desk, "application.withdrawn", version=0)
    # The event that ends another application arrives before the event of its submission
    desk.put(PDF, subject="application/2")
    say(desk, "application.withdrawn", "application/2", version=1)
    submitted(desk, "application/2")
    assert swept(desk, date(2028, 2, 1)) == []
    assert [draft["subject"] for draft in told(desk, "record.due")] == [SUBJECT]
    assert swept(desk, date(2028, 3, 2)) == [SUBJECT]
    assert swept(desk, date(2036, 3, 1)) == []
    assert swept(desk, date(2036, 3, 2)) == ["application/2"]


def test_a_term_is_that_of_the_policy_the_case_was_judged_by(desk: Desk) -> None:
    # Given a policy with another retention term, which is published after the built-in one, and one application under each policy
    document = Policies.builtin().get("guangxi_trial@1").to_dict() | {"version": 2}
    document["retention"] = [row | {"years": 5} if row["of"] == "application" else row for row in document["retention"]]
    said = {"policy": "guangxi_trial@2", "document": document}
    say(desk, "policy.published", "policy/guangxi_trial@2", **said)
    for id, policy in (("1", "guangxi_trial@1"), ("2", "guangxi_trial@2")):
        desk.put(PDF, subject=f"application/{id}")
        say(desk, "application.submitted", f"application/{id}", policy=policy, documents=[])
        say(desk, "application.declined", f"application/{id}")
    assert swept(desk, date(2031, 3, 2)) == ["application/2"]
    assert swept(desk, date(2036, 3, 2)) == ["application/1"]


def test_a_policy_without_terms_has_nothing_disposed_of(desk: Desk, tmp_path: Any) -> None:
    document = Policies.builtin().get("guangxi_trial@1").to_dict() | {"version": 2}
    del document["retention"]
    say(desk, "policy.published", "policy/guangxi_trial@2", policy="guangxi_trial@2", document=document)
    desk.put(PDF)
    say(desk, "application.submitted", policy="guangxi_trial@2", documents=[])
    say(desk, "application.declined")
    assert told(desk, "record.closed")[0]["due_on"] is None
    assert swept(desk, date(2126, 1, 1)) == []


# The stub that remains of a document after its disposal


def test_what_is_left_says_what_it_was_why_it_went_and_by_which_rule(desk: Desk) -> None:
    document = desk.put(PDF, filename="张三的协议.pdf")
    submitted(desk)
    say(desk, "application.declined")
    swept(desk, date(2036, 3, 2))
    grant = desk.grant(SUBJECT, "read")
    stub = desk.bench.ask("get_document", LEAD, id=document["id"], grant=grant)
    same = ("id", "subject", "kind", "size", "sha256", "version", "stored_at", "media_type")
    assert {name: stub[name] for name in same} == {name: document[name] for name in same}
    assert stub["filename"] == "已销毁.pdf"
    assert (stub["reason"]["rule"], stub["reason"]["policy"]) == ("application", "guangxi_trial@1")
    assert "2036-03-02" in stub["reason"]["message"]["zh"] and "10 年" in stub["reason"]["message"]["zh"]
    assert refused(Conflict, desk.bench.ask, "document_content", LEAD, id=document["id"], grant=grant) == "document_disposed"
    (gone,) = told(desk, "record.disposed")
    assert gone["documents"] == [{"document": document["id"], "kind": "agreement", "sha256": document["sha256"]}]
    audited = [
        entry["action"]
        for about in (f"document/{document['id']}", SUBJECT)
        for entry in desk.bench.ask("audit_entries", AUDITOR, subject=about, limit=50, cursor=None)["items"]
    ]
    assert {"document.disposed", "record.closed", "record.disposed"} <= set(audited)
    # The integrity check does not count the stub as a missing document.
    assert desk.bench.ask("document_states", LEAD, subjects=[SUBJECT])["statement"]
    [errand] = [errand for errand in registry.jobs if errand.name == "integrity"]
    assert not desk.bench.runtime.run_job(errand)


def test_an_organisations_paper_is_kept_as_long_as_the_last_case_it_was_handed_in_with(desk: Desk) -> None:
    shared, own, unused = (desk.put(PDF, filename=f"{name}.pdf", subject=ORGANISATION) for name in "甲乙丙")
    submitted(desk, "application/1", shared, own)
    submitted(desk, "application/2", shared)
    say(desk, "application.declined", "application/1")
    swept(desk, date(2030, 1, 1))
    say(desk, "application.declined", "application/2")
    assert swept(desk, date(2036, 3, 2)) == ["application/1"]
    assert [state(desk, document) for document in (shared, own, unused)] == ["clean", "disposed", "clean"]
    assert swept(desk, date(2040, 1, 1)) == ["application/2"]
    assert [state(desk, document) for document in (shared, own, unused)] == ["disposed", "disposed", "clean"]


@pytest.mark.parametrize("seen", ["organisation.verified", "integrity.repaired"])
def test_evidence_that_a_bureau_saw_is_kept_though_the_case_it_was_handed_in_with_goes(desk: Desk, seen: str) -> None:
    evidence, own = (desk.put(PDF, filename=f"{name}.pdf", subject=ORGANISATION) for name in "甲乙")
    submitted(desk, "application/1", evidence, own)
    say(desk, seen, ORGANISATION, documents=[evidence["id"]])
    say(desk, "application.declined", "application/1")
    assert swept(desk, date(2036, 3, 2)) == ["application/1"]
    assert [state(desk, document) for document in (evidence, own)] == ["clean", "disposed"]


def test_the_papers_of_a_refused_old_consortium_are_kept_like_those_of_one_that_has_ended(desk: Desk) -> None:
    document = desk.put(PDF, subject=CONSORTIUM)
    say(desk, "consortium.proposal_refused", CONSORTIUM)
    (closed,) = told(desk, "record.closed")
    assert (closed["rule"], closed["due_on"]) == ("consortium", "2056-03-02")
    assert state(desk, document) == "clean"


def test_where_the_store_is_away_nothing_is_recorded_and_it_is_taken_up_again(desk: Desk, monkeypatch: Any) -> None:
    document = desk.put(PDF)
    submitted(desk)
    say(desk, "application.declined")
    removing = type(desk.store).remove

    def away(self: Any, key: str) -> None:
        raise OSError("away")

    monkeypatch.setattr(type(desk.store), "remove", away)
    desk.bench.clock.offset = desk.bench.clock.offset_to(date(2036, 3, 2))
    assert [step["error"] for step in desk.bench.runtime.sweep() if step["sweep"] == "retention"] == ["away"]
    assert state(desk, document) == "clean"
    monkeypatch.setattr(type(desk.store), "remove", removing)
    assert swept(desk, date(2036, 3, 2)) == [SUBJECT]


# Legal holds


@pytest.mark.parametrize("on", ["subject", "document", "consortium", "application"])
def test_while_a_hold_stands_nothing_of_the_file_goes_and_when_it_is_lifted_it_does(desk: Desk, on: str) -> None:
    document, other = desk.put(PDF), desk.put(PNG, filename="图.png")
    submitted(desk)
    if on in ("consortium", "application"):
        recognised(desk)
        say(desk, "consortium.revoked", CONSORTIUM, revoked_on="2026-03-02")
    else:
        say(desk, "application.declined")
    about = {"document": document["id"]} if on == "document" else {"subject": CONSORTIUM if on == "consortium" else SUBJECT}
    placed = hold(desk, **about)
    assert swept(desk, date(2066, 1, 1)) == []
    assert [state(desk, kept) for kept in (document, other)] == ["clean", "clean"]
    desk.bench.tell("lift_hold", CHIEF, id=placed["id"], reason="判决已生效")
    assert SUBJECT in swept(desk, date(2066, 1, 1))
    assert [state(desk, gone) for gone in (document, other)] == ["disposed", "disposed"]


def test_one_hold_lifted_leaves_another_standing(desk: Desk) -> None:
    desk.put(PDF)
    submitted(desk)
    say(desk, "application.declined")
    first, second = hold(desk, subject=SUBJECT), hold(desk, subject=SUBJECT, reason="审计")
    desk.bench.tell("lift_hold", CHIEF, id=first["id"], reason="结案")
    assert swept(desk, date(2040, 1, 1)) == []
    desk.bench.tell("lift_hold", CHIEF, id=second["id"], reason="结束")
    assert refused(Conflict, desk.bench.tell, "lift_hold", CHIEF, id=second["id"], reason="再次") == "hold_lifted"


def test_the_other_services_learn_of_every_hold_also_of_those_placed_before_holds_were_announced(desk: Desk) -> None:
    # Given a legal hold, and a second one that an earlier release placed without publishing an event
    desk.put(PDF)
    placed, old = hold(desk, subject=SUBJECT), hold(desk, subject=SUBJECT, reason="审计")
    assert told(desk, "hold.placed") == [{"hold": each["id"], "subject": SUBJECT} for each in (placed, old)]
    with desk.bench.database.engine.begin() as connection:
        connection.execute(update(holds).where(holds.c.id == old["id"]).values(announced=False))
    # When the sweep runs, then it publishes the event of the second hold, once
    for _ in range(2):
        swept(desk, date(2026, 3, 3))
        assert [each["hold"] for each in told(desk, "hold.placed")] == [placed["id"], old["id"], old["id"]]
    # When a legal hold is lifted, then an event reports that too
    desk.bench.tell("lift_hold", CHIEF, id=old["id"], reason="结案")
    assert told(desk, "hold.lifted") == [{"hold": old["id"], "subject": SUBJECT}]


def test_an_organisation_on_hold_keeps_its_papers_though_their_case_goes(desk: Desk) -> None:
    paper = desk.put(PDF, subject=ORGANISATION)
    submitted(desk, SUBJECT, paper)
    say(desk, "application.declined")
    hold(desk, document=paper["id"])
    assert swept(desk, date(2036, 3, 2)) == [SUBJECT]
    assert state(desk, paper) == "clean"


def test_only_a_chief_of_the_province_holds_and_lifts_and_only_what_there_is(desk: Desk) -> None:
    document = desk.put(PDF)
    placed = hold(desk, subject=SUBJECT)
    for actor in (OFFICER, CITY, AUDITOR, LEAD, Actor("operator", ("operator",))):
        assert refused(Forbidden, hold, desk, actor, subject=SUBJECT) == "province_only"
        assert refused(Forbidden, desk.bench.tell, "lift_hold", actor, id=placed["id"], reason="x") == "province_only"
    assert refused(Invalid, hold, desk, subject="application/9") == "invalid_input"
    assert refused(Invalid, hold, desk) == "invalid_input"
    assert refused(Invalid, hold, desk, subject=SUBJECT, document=document["id"]) == "invalid_input"
    assert refused(NotFound, hold, desk, document="application.1.none") == "no_such_document"
    assert refused(NotFound, desk.bench.tell, "lift_hold", CHIEF, id="none", reason="x") == "no_such_hold"


def test_holds_and_terms_are_listed_to_the_province_and_auditors(desk: Desk) -> None:
    desk.put(PDF)
    submitted(desk)
    say(desk, "application.declined")
    desk.put(PDF, subject=CONSORTIUM)
    placed, other = hold(desk, subject=SUBJECT), hold(desk, subject=CONSORTIUM)
    desk.bench.tell("lift_hold", CHIEF, id=other["id"], reason="撤诉")

    def listed(actor: Actor, **query: Any) -> list[str]:
        wanted = {"subject": None, "standing": None, "limit": 50, "cursor": None} | query
        return [item["id"] for item in desk.bench.ask("list_holds", actor, **wanted)["items"]]

    def filed(actor: Actor, **query: Any) -> list[tuple[str, bool, int]]:
        wanted = {"due_by": None, "held": None, "limit": 50, "cursor": None} | query
        items = desk.bench.ask("list_records", actor, **wanted)["items"]
        return [(item["subject"], item["held"], item["documents"]) for item in items]

    for actor in (CHIEF, OFFICER, AUDITOR):
        assert listed(actor) == [other["id"], placed["id"]]
        assert (listed(actor, standing=True), listed(actor, subject=CONSORTIUM)) == ([placed["id"]], [other["id"]])
        assert filed(actor) == [(SUBJECT, True, 1), (CONSORTIUM, False, 1)]
        assert filed(actor, due_by="2036-03-02", held=True) == [(SUBJECT, True, 1)]
        assert filed(actor, due_by="2036-03-01") == filed(actor, due_by="2036-03-02", held=False) == []
        assert desk.bench.ask("get_hold", actor, id=placed["id"])["reason"] == "行政诉讼"
    for actor in (CITY, LEAD):
        assert refused(Forbidden, listed, actor) == "province_only"
        assert refused(Forbidden, filed, actor) == "province_only"
        assert refused(Forbidden, desk.bench.ask, "get_hold", actor, id=placed["id"]) == "province_only"


def test_what_a_case_was_told_by_its_owner_outlasts_a_restart(desk: Desk) -> None:
    desk.put(PDF)
    submitted(desk)
    again = ServiceHarness(registry, str(desk.bench.database.engine.url), policies=Policies.builtin(), store=desk.store)
    again.clock.offset = again.clock.offset_to(date(2040, 1, 1))
    assert [step for step in again.runtime.sweep() if step["sweep"] == "retention"] == []
