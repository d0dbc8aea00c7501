"""Objections to public grades: who may file them, who may read them, and the consequences of an upheld one (A13)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.contracts.documents import EVENTS as DOCUMENTS
from services.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, PreconditionFailed
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.testing import ServiceHarness
from tests.integration.evaluation.played_rounds import led, notice, on, part
from tests.integration.evaluation.scenario import CHIEF, OFFICER, PROVINCE_CHIEF, PROVINCE_OFFICER, approve, say, told
from tests.integration.evaluation.test_grades import AUDITOR, STRANGER, give, public, publish, ready

DEPUTY = Actor("province-deputy", ("chief",), PROVINCE)
Party = tuple[str, Actor]


@pytest.fixture
def publicised(bench: ServiceHarness) -> tuple[str, Party, Party]:
    """Create a round with two grades in their publicity period; return the round's id and, for each of the two participants, the
    consortium's id and the lead's account."""
    one, other = led(bench, 0), led(bench, 1)
    round = notice(bench, caps={})["id"]
    for id, lead in (one, other):
        ready(bench, round, id, lead)
    publish(bench, round)
    return round, one, other


def object_to(bench: ServiceHarness, round: str, consortium: str, actor: Actor = STRANGER, **more: Any) -> Any:
    return bench.tell("object_to_grade", actor, id=round, consortium=consortium, reason="成果不属于该联合体。", **more)


def record(bench: ServiceHarness, round: str, consortium: str, actor: Actor = PROVINCE_OFFICER) -> Any:
    """Record an objection to a grade that reached the province as a letter, whose scan has been uploaded."""
    id, subject = f"consortium.{consortium}.{new_id()}", f"consortium/{consortium}"
    paper = {"id": id, "subject": subject, "kind": "written_objection", "filename": "来函.pdf", "state": "clean"}
    statement = bench.signers["documents"].statement({"documents": [paper]}, seconds=60)
    written = {"objector": {"name": "示例市民", "contact": "示例路 1 号"}, "received_on": "2026-06-09", "document": id}
    return object_to(bench, round, consortium, actor, written=written, documents_statement=statement)


def answer(bench: ServiceHarness, round: str, consortium: str, objection: str, outcome: str = "dismissed", **more: Any) -> Any:
    given = {"answer": "经核实。", "outcome": outcome, "also": []} | more
    return bench.tell("answer_objection", PROVINCE_OFFICER, id=round, consortium=consortium, objection=objection, **given)


def listed(bench: ServiceHarness, round: str, consortium: str, actor: Actor) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bench.ask("list_grade_objections", actor, id=round, consortium=consortium)["items"]
    return found


def uphold(bench: ServiceHarness, round: str, consortium: str, objection: str, *, by: Actor = PROVINCE_CHIEF) -> Any:
    answer(bench, round, consortium, objection, "upheld")
    [etag] = [each["etag"] for each in listed(bench, round, consortium, by) if each["id"] == objection]
    confirmed = {"id": round, "consortium": consortium, "objection": objection, "if_match": etag}
    return bench.tell("confirm_objection_answer", by, **confirmed)


def refused(kind: type[DomainError], attempt: Any, code: str) -> None:
    with pytest.raises(kind) as caught:
        attempt()
    assert caught.value.code == code


def test_an_objection_holds_its_grade_alone_until_it_is_answered(
    bench: ServiceHarness, publicised: tuple[str, Party, Party]
) -> None:
    round, (one, one_lead), (other, _) = publicised
    filed = object_to(bench, round, one)
    assert told(bench, "grade.objected")[0]["answer_by"] == "2026-06-16"
    # An organisation may have one open objection to a grade, and a lead cannot object to its own consortium's grade.
    refused(Conflict, lambda: object_to(bench, round, one), "objection_open")
    refused(Forbidden, lambda: object_to(bench, round, one, one_lead), "lead_cannot_object")
    # When the publicity period is over, then the grade without an objection takes effect, and the grade with the open objection
    # waits
    on(bench, date(2026, 6, 17))
    assert [event["consortium"] for event in told(bench, "evaluation.published")] == [other]
    assert bench.ask("get_evaluation", PROVINCE_OFFICER, id=round)["status"] == "publicised"
    # When the province dismisses the objection, then the grade that waited takes effect
    answer(bench, round, one, filed["id"])
    on(bench, date(2026, 6, 18))
    assert [event["consortium"] for event in told(bench, "evaluation.published")] == [other, one]
    assert bench.ask("get_evaluation", PROVINCE_OFFICER, id=round)["status"] == "published"
    refused(Conflict, lambda: answer(bench, round, one, filed["id"]), "already_answered")
    refused(Conflict, lambda: object_to(bench, round, one), "not_publicised")


def test_an_upheld_objection_takes_two_people(bench: ServiceHarness, publicised: tuple[str, Party, Party]) -> None:
    round, (one, lead), _ = publicised
    filed = object_to(bench, round, one)["id"]
    prepared = bench.tell(
        "answer_objection", DEPUTY, id=round, consortium=one, objection=filed, answer="成果不实。", outcome="upheld", also=[]
    )
    # Then, until a second person confirms the prepared answer, the grade stays public and the lead cannot read the answer
    assert (prepared["outcome"], prepared["prepared"]["by"]) == (None, DEPUTY.username)
    assert [each["prepared"] for each in listed(bench, round, one, lead)] == [None]
    assert part(bench, round, one, lead)["grade"] == "excellent"
    # When the author of the answer confirms it, or an officer does, or a chief who has read another version of the answer, then
    # the confirmation is refused
    confirming = {"id": round, "consortium": one, "objection": filed}

    def confirm(actor: Actor, etag: str = prepared["etag"]) -> Any:
        return bench.tell("confirm_objection_answer", actor, **confirming, if_match=etag)

    refused(Conflict, lambda: confirm(DEPUTY), "own_draft")
    refused(Forbidden, lambda: confirm(PROVINCE_OFFICER), "role_required")
    refused(PreconditionFailed, lambda: confirm(PROVINCE_CHIEF, "other"), "version_changed")
    # When a chief who did not write the answer confirms it, then the objection is upheld, and the grade is no longer public
    confirmed = confirm(PROVINCE_CHIEF)
    assert (confirmed["outcome"], confirmed["answer"]) == ("upheld", "成果不实。")
    assert part(bench, round, one, lead)["grade"] is None


def test_a_grade_after_upheld_objections_names_them_gives_a_reason_and_is_made_public_again(
    bench: ServiceHarness, publicised: tuple[str, Party, Party]
) -> None:
    # Given two upheld objections to one grade
    round, (one, lead), (other, _) = publicised
    filed = [object_to(bench, round, one)["id"], record(bench, round, one)["id"]]
    for objection in filed:
        uphold(bench, round, one, objection)
    assert [item["consortium"]["id"] for item in public(bench)] == [other]
    assert part(bench, round, one, lead)["grade"] is None
    # A public grade without objections cannot be changed.
    with pytest.raises(Conflict):
        give(bench, round, other, "good", "85", "改")

    def again(reason: str | None, *objections: str) -> Any:
        payload = {"id": round, "consortium": one, "grade": "good", "score": "95", "reason": reason}
        return approve(bench, "grade_participation", **payload, objections=list(objections))

    # When the province grades the consortium again, then the new grade must name both upheld objections and give a reason
    for named in ((), filed[:1]):
        refused(Invalid, lambda named=named: again("扣除一项成果。", *named), "invalid_input")
    refused(Conflict, lambda: again(None, *filed), "grade_needs_reason")
    again("异议成立，扣除一项成果。", *filed)
    assert told(bench, "evaluation.graded")[-1]["objections"] == filed
    # Then the new grade has a publicity period of its own, as long as the first grade's: five working days
    on(bench, date(2026, 6, 17))
    assert [event["consortium"] for event in told(bench, "evaluation.published")] == [other]
    publish(bench, round)
    on(bench, date(2026, 6, 25))  # 19 June is a holiday, so the period ends on 25 June.
    assert len(told(bench, "evaluation.published")) == 1
    on(bench, date(2026, 6, 26))
    assert [(event["consortium"], event["grade"]) for event in told(bench, "evaluation.published")][1:] == [(one, "good")]
    with pytest.raises(Conflict):
        publish(bench, round)


def test_written_objections_are_recorded_by_the_province_and_several_answered_together(
    bench: ServiceHarness, publicised: tuple[str, Party, Party]
) -> None:
    round, (one, _), _ = publicised
    refused(Invalid, lambda: object_to(bench, round, one, PROVINCE_OFFICER), "invalid_input")
    for actor in (OFFICER, CHIEF, STRANGER):
        refused(Forbidden, lambda actor=actor: record(bench, round, one, actor), "province_only")
    recorded, filed = record(bench, round, one), object_to(bench, round, one)
    answer(bench, round, one, filed["id"], also=[recorded["id"]])
    assert [event["by"] for event in told(bench, "grade.objection_answered")] == [STRANGER.username, None]
    on(bench, date(2026, 6, 17))
    assert one in [event["consortium"] for event in told(bench, "evaluation.published")]


def test_the_objectors_name_stays_with_the_province_and_the_auditor(
    bench: ServiceHarness, publicised: tuple[str, Party, Party]
) -> None:
    round, (one, lead), _ = publicised
    recorded, filed = record(bench, round, one), object_to(bench, round, one)
    answer(bench, round, one, filed["id"], also=[recorded["id"]])
    words = [STRANGER.username, str(STRANGER.organisation), "示例市民", "示例路", "来函"]
    for actor in (lead, OFFICER, CHIEF):
        seen = listed(bench, round, one, actor)
        assert len(seen) == 2
        assert [word for word in words if word in str(seen)] == [], actor
    for actor in (PROVINCE_OFFICER, AUDITOR):
        assert [word for word in words if word in str(listed(bench, round, one, actor))] == words, actor
    # The objecting organisation reads its own objection, and not the one that arrived as a letter.
    assert [(item["id"], item["by"]) for item in listed(bench, round, one, STRANGER)] == [(filed["id"], STRANGER.username)]
    # The events about an objection are addressed to the province only.
    bench.settle()
    about = [row.routing_key for row in bench.bus.published if row.routing_key.startswith("grade.obj")]
    assert {key.rpartition(".")[2] for key in about} == {PROVINCE}


def test_before_it_is_public_a_grade_is_nobodys_to_object_to(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    ready(bench, round, id, lead)
    with pytest.raises(NotFound):
        object_to(bench, round, id)
    with pytest.raises(Conflict):
        record(bench, round, id)
    with pytest.raises(Forbidden):
        approve(bench, "publish_grades", CHIEF, id=round)


def test_who_objected_in_writing_is_forgotten_with_the_consortiums_documents(
    bench: ServiceHarness, publicised: tuple[str, Party, Party]
) -> None:
    round, (one, _), _ = publicised
    recorded = record(bench, round, one)
    answer(bench, round, one, recorded["id"])
    say(bench, "record.disposed", "documents", f"consortium/{one}", DOCUMENTS["record.disposed"].example)
    (seen,) = listed(bench, round, one, AUDITOR)
    assert seen["objector"] == {"erased": True}
    assert (seen["outcome"], seen["answer"]) == ("dismissed", "经核实。")
