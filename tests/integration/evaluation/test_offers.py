"""The actions that an account may take on a report, a participation, a rectification, a revocation or a matter of coordination,
and the progress of a participation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from services.kernel.identity import Actor
from services.kernel.testing import ServiceHarness
from tests.integration.evaluation.played_rounds import ask_deferral, led, notice, on, scored, submit
from tests.integration.evaluation.scenario import CHIEF, LEAD, OFFICER, PROVINCE_CHIEF, PROVINCE_OFFICER, approve
from tests.integration.evaluation.test_grades import rectification, to_rectify
from tests.integration.evaluation.test_revocations import arise, evidence
from tests.integration.evaluation.test_yearly_reports import opined as report_opined
from tests.integration.evaluation.test_yearly_reports import submit as submit_report
from tests.integration.evaluation.test_yearly_reports import write as write_report

AUDITOR = Actor("auditor", ("auditor",))


def offers(answer: Any) -> dict[str, str | None]:
    """Return the actions in an answer: id of the action → the English reason why it is not possible now, or None if it is
    possible."""
    return {action["id"]: action["why"] and action["why"]["en"] for action in answer["actions"]}


def part(bench: ServiceHarness, round: str, consortium: str, actor: Actor) -> Any:
    return bench.ask("get_participant", actor, id=round, consortium=consortium)


def states(answer: Any) -> dict[str, str]:
    return {stage["stage"]: stage["state"] for stage in answer["stages"]}


def test_a_report_is_written_and_handed_in_once_and_reopened_by_the_province(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    id = recognise()

    def report(actor: Actor) -> Any:
        return bench.ask("annual_report", actor, id=id, year=2026)

    write_report(bench, id)
    assert offers(report(LEAD)) == {"edit": None, "submit": None}
    assert offers(report(PROVINCE_CHIEF)) == {"reopen": "Only an accepted report can be reopened."}
    assert offers(report(CHIEF)) == offers(report(AUDITOR)) == {}
    submit_report(bench, id)
    assert offers(report(LEAD))["edit"] == "This report is handed in; when it is returned it can be corrected."
    report_opined(bench, id, "review.passed", 1)
    assert offers(report(PROVINCE_CHIEF)) == {"reopen": None}


def test_a_part_in_a_round_goes_from_the_materials_to_the_effect_of_its_grade(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    invited = part(bench, round, id, lead)
    assert offers(invited) == {"edit": None, "submit": None, "ask_deferral": None, "withdraw": None}
    assert [(stage["stage"], stage["state"], stage["due_on"]) for stage in invited["stages"]] == [
        ("materials", "current", "2026-08-08"),
        ("recommendation", "pending", None),
        ("material_check", "pending", None),
        ("expert_review", "pending", None),
        ("grading", "pending", None),
        ("publicity", "pending", None),
        ("effect", "pending", None),
    ]
    # When the lead submits the report, then the participation waits for the recommender
    handed_in = submit(bench, round, id, lead=lead)
    answer = part(bench, round, id, lead)
    assert (states(answer)["materials"], states(answer)["recommendation"]) == ("done", "current")
    assert offers(answer)["withdraw"] is None
    assert offers(answer)["edit"] is not None
    assert offers(part(bench, round, id, PROVINCE_CHIEF)) == {
        "answer": "No deferral waits for an answer.",
        "grade": "It is graded when the recommender's opinion, the material check and the experts' scores are in.",
    }
    # When all reviews have arrived, then a chief of the province may grade the participation
    scored(bench, handed_in)
    assert offers(part(bench, round, id, PROVINCE_CHIEF))["grade"] is None
    assert states(part(bench, round, id, lead))["grading"] == "current"
    # Until the grade is public, the lead sees the participation at the stage of grading, as before it was graded.
    approve(bench, "grade_participation", PROVINCE_CHIEF, id=round, consortium=id, grade="good", score="85")
    assert states(part(bench, round, id, lead))["grading"] == "current"
    approve(bench, "publish_grades", PROVINCE_CHIEF, id=round)
    public = part(bench, round, id, lead)
    assert (states(public)["publicity"], states(public)["effect"]) == ("current", "pending")
    on(bench, date(2026, 6, 17))
    assert set(states(part(bench, round, id, lead)).values()) == {"done"}


def test_a_deferral_is_answered_while_it_waits(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    ask_deferral(bench, round, id, lead=lead)
    assert offers(part(bench, round, id, PROVINCE_CHIEF))["answer"] is None
    assert offers(part(bench, round, id, lead))["ask_deferral"] is not None


def test_who_withdrew_has_come_no_further(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    bench.tell("withdraw_from_round", lead, id=round, consortium=id, reason="调整")
    answer = part(bench, round, id, lead)
    assert (states(answer)["materials"], states(answer)["grading"]) == ("withdrawn", "skipped")
    assert all(why is not None for why in offers(answer).values())


def test_a_rectification_is_reported_at_any_time_and_accepted_after_its_year(bench: ServiceHarness) -> None:
    _, lead, id = to_rectify(bench)

    def seen(actor: Actor) -> Any:
        return bench.ask("get_rectification", actor, id=id)

    assert offers(seen(lead)) == {"submit": None}
    assert offers(seen(PROVINCE_CHIEF))["accept"] is not None
    assert offers(seen(OFFICER)) == {}
    on(bench, date.fromisoformat(rectification(bench, lead)["due_on"]))
    assert offers(seen(PROVINCE_CHIEF)) == {"accept": None}


def test_a_revocation_is_taken_up_stated_on_and_then_decided(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    consortium = recognise()
    arise(bench, consortium)
    [case] = bench.ask("list_revocations", PROVINCE_OFFICER, limit=50, cursor=None)["items"]

    def seen(actor: Actor) -> dict[str, str | None]:
        return offers(bench.ask("get_revocation", actor, id=case["id"]))

    assert seen(PROVINCE_OFFICER) == {"take_up": None, "dismiss": None}
    body = {"outcome": "open", "reason": "属实"} | evidence(bench, consortium)
    approve(bench, "confirm_revocation", PROVINCE_OFFICER, id=case["id"], **body)
    assert seen(LEAD) == {"state": None}
    assert seen(PROVINCE_CHIEF)["decide"] == "The consortium may state its view until 2026-06-24; decide after that (article 14)."
    on(bench, date(2026, 7, 1))
    assert seen(PROVINCE_CHIEF)["decide"] is None
    assert seen(PROVINCE_CHIEF)["take_up"] is not None


def test_a_matter_is_answered_and_closed_by_the_bureau_asked_and_the_province(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    id = recognise()
    matter = bench.tell("raise_matter", OFFICER, consortium=id, matter="用地", asked_of="GX-NRES")["id"]

    def seen(actor: Actor) -> dict[str, str | None]:
        return offers(bench.ask("get_matter", actor, id=matter))

    asked = Actor("resources", ("officer",), "GX-NRES")
    assert seen(asked) == seen(PROVINCE_OFFICER) == {"answer": None, "close": None}
    assert seen(OFFICER) == seen(LEAD) == {}
    bench.tell("close_matter", asked, id=matter, result="已落实")
    assert seen(asked) == {"answer": "This matter is closed.", "close": "This matter is closed."}
