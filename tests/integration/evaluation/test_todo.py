"""The tasks that the evaluation service has for each account in the years after recognition (to-do lists)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from services.kernel.identity import Actor
from services.kernel.testing import ServiceHarness
from tests.integration.evaluation.played_rounds import ask_deferral, graded, led, notice, on, scored, submit
from tests.integration.evaluation.scenario import CHIEF, LEAD, OFFICER, PROVINCE_CHIEF, PROVINCE_OFFICER, approve, to
from tests.integration.evaluation.test_grade_objections import answer, object_to, uphold
from tests.integration.evaluation.test_grades import rectification, to_rectify
from tests.integration.evaluation.test_grades import report as report_rectified
from tests.integration.evaluation.test_inspections import inspect
from tests.integration.evaluation.test_revocations import arise, evidence
from tests.integration.evaluation.test_yearly_reports import opined as report_opined
from tests.integration.evaluation.test_yearly_reports import submit as submit_report
from tests.integration.evaluation.test_yearly_reports import write as write_report

READERS = (Actor("auditor", ("auditor",)), Actor("expert", ("expert",)), Actor("operator", ("operator",)))


def waiting(bench: ServiceHarness, actor: Actor) -> dict[str, list[tuple[str, str | None]]]:
    """Return the tasks in an account's to-do list: kind of the task → (subject, due day) of each task."""
    answer = bench.ask("todo", actor)
    found: dict[str, list[tuple[str, str | None]]] = {}
    for item in answer["items"]:
        found.setdefault(item["kind"], []).append((f"{item['subject']['kind']}/{item['subject']['id']}", item["due_on"]))
    assert {count["kind"]: count["count"] for count in answer["counts"]} == {kind: len(all) for kind, all in found.items()}
    assert bench.ask("todo_counts", actor) == {name: answer[name] for name in ("as_of", "counts")}
    return found


def test_a_year_s_report_waits_for_the_lead_and_again_when_it_is_returned(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    id = recognise()
    assert waiting(bench, LEAD) == {"report": [(f"report/{id}-2026", "2026-12-31")]}
    [item] = bench.ask("todo", LEAD)["items"]
    assert (item["within"]["consortium"], item["within"]["year"]) == (id, 2026)
    # When the lead submits the report, then the task leaves the lead's list; when the recommender returns the report, then the
    # list has the task to correct it
    write_report(bench, id)
    submit_report(bench, id)
    assert waiting(bench, LEAD) == {}
    report_opined(bench, id, "review.returned", 1, comment="请补充", sections=[{"section": "systems", "comment": "请补充"}])
    assert list(waiting(bench, LEAD)) == ["report_returned"]


def test_a_round_waits_for_those_it_invites_until_they_hand_in(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    [(subject, due)] = waiting(bench, lead)["evaluation"]
    assert (subject.partition("/")[0], due) == ("participation", "2026-08-08")
    submit(bench, round, id, lead=lead)
    assert "evaluation" not in waiting(bench, lead)


def test_a_deferral_waits_for_the_chief_of_the_province_and_not_for_the_lead(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    ask_deferral(bench, round, id, lead=lead)
    assert list(waiting(bench, PROVINCE_CHIEF)) == ["deferral"]
    assert "evaluation" not in waiting(bench, lead)
    assert waiting(bench, PROVINCE_OFFICER) == {}


def test_a_scored_part_waits_for_its_grade_and_a_round_for_its_publication(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    part = submit(bench, round, id, lead=lead)
    scored(bench, part)
    assert waiting(bench, PROVINCE_CHIEF) == {"grading": [(f"participation/{part}", None)]}
    approve(bench, "grade_participation", PROVINCE_CHIEF, id=round, consortium=id, grade="good", score="85")
    assert waiting(bench, PROVINCE_CHIEF) == {"grades": [(f"evaluation/{round}", None)]}
    approve(bench, "publish_grades", PROVINCE_CHIEF, id=round)
    assert waiting(bench, PROVINCE_CHIEF) == {}


def test_an_objection_to_a_grade_waits_for_the_province_until_its_publicity_ends(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    part = graded(bench, round, id, "good", "85", lead=lead)
    approve(bench, "publish_grades", PROVINCE_CHIEF, id=round)
    objection = object_to(bench, round, id)["id"]
    assert waiting(bench, PROVINCE_OFFICER) == {"grade_objection": [(f"participation/{part}", "2026-06-16")]}
    # When an officer prepares an answer that upholds the objection, then a chief has the task to confirm it; when a chief has
    # confirmed it, then a chief has the task to grade the participation again
    answer(bench, round, id, objection, "upheld")
    confirming = {"grade_objection_answer": [(f"participation/{part}", "2026-06-16")]}
    assert (waiting(bench, PROVINCE_OFFICER), waiting(bench, PROVINCE_CHIEF)) == ({}, confirming)
    uphold(bench, round, id, objection)
    assert (waiting(bench, PROVINCE_OFFICER), list(waiting(bench, PROVINCE_CHIEF))) == ({}, ["grading"])


def test_a_rectification_waits_for_the_lead_and_after_a_year_for_its_acceptance(bench: ServiceHarness) -> None:
    _, lead, id = to_rectify(bench)
    due = rectification(bench, lead)["due_on"]
    assert waiting(bench, lead)["rectification"] == [(f"rectification/{id}", due)]
    assert "acceptance" not in waiting(bench, PROVINCE_CHIEF)
    report_rectified(bench, id, lead)
    assert "rectification" not in waiting(bench, lead)
    on(bench, date.fromisoformat(due))
    assert waiting(bench, PROVINCE_CHIEF)["acceptance"] == [(f"rectification/{id}", due)]


def test_a_revocation_waits_for_the_statement_and_then_for_the_decision(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    # Given a revocation that the platform proposes, then an officer of the province has the task to examine it
    consortium = recognise()
    arise(bench, consortium)
    [(proposed, _)] = waiting(bench, PROVINCE_OFFICER)["revocation_proposed"]
    assert "revocation" not in waiting(bench, PROVINCE_CHIEF)
    # When the province opens the case, then the lead has the task to make a statement; after the statement, the lead has no task
    case = proposed.partition("/")[2]
    body = {"outcome": "open", "reason": "属实"} | evidence(bench, consortium)
    approve(bench, "confirm_revocation", PROVINCE_OFFICER, id=case, **body)
    assert "revocation_proposed" not in waiting(bench, PROVINCE_OFFICER)
    assert [subject for subject, _ in waiting(bench, LEAD)["statement"]] == [f"revocation/{case}"]
    bench.tell("state_view", LEAD, id=case, text="陈述", documents=[], documents_statement=None)
    assert "statement" not in waiting(bench, LEAD)
    # When the days for the statement are over, then the chief of the province has the task to decide
    assert "revocation" not in waiting(bench, PROVINCE_CHIEF)
    on(bench, date(2026, 7, 1))
    assert [subject for subject, _ in waiting(bench, PROVINCE_CHIEF)["revocation"]] == [f"revocation/{case}"]


def test_a_year_s_inspection_waits_for_the_recommender_and_so_does_a_follow_up(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    id = recognise()
    assert waiting(bench, OFFICER) == {"inspection": [(f"consortium/{id}", "2026-12-31")]}
    assert waiting(bench, Actor("other", ("officer",), "450300")) == {}
    inspect(bench, id, result="weak", under_guidance=True, follow_up_on="2026-09-01")
    assert waiting(bench, CHIEF) == {"follow_up": [(f"consortium/{id}", "2026-09-01")]}
    to(bench, date(2026, 9, 1))
    inspect(bench, id)
    assert waiting(bench, OFFICER) == {}


def test_a_matter_waits_for_the_bureau_asked_to_answer_and_then_to_close(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    id = recognise()
    inspect(bench, id)
    matter = bench.tell("raise_matter", PROVINCE_OFFICER, consortium=id, matter="中试用地", asked_of=OFFICER.bureau)["id"]
    assert list(waiting(bench, OFFICER)) == ["coordination"]
    bench.tell("answer_matter", OFFICER, id=matter, text="已转市自然资源局")
    assert [subject for subject, _ in waiting(bench, CHIEF)["coordination_answered"]] == [f"coordination/{matter}"]


def test_nothing_waits_for_those_who_only_read(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    recognise()
    assert [waiting(bench, reader) for reader in READERS] == [{}] * len(READERS)
