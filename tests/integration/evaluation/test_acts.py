"""An act of the province in an evaluation that can have a document number (文号), such as a grade or a decision on a revocation,
is published as an event when it takes effect, with the facts of its generated document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from services.kernel.testing import ServiceHarness
from tests.integration.evaluation.played_rounds import answer_deferral, ask_deferral, led, notice, on
from tests.integration.evaluation.scenario import PROVINCE_CHIEF, to, told
from tests.integration.evaluation.test_grades import publish, ready
from tests.integration.evaluation.test_revocations import decide, open_case


def stated(bench: ServiceHarness, query: str, **asked: Any) -> Any:
    statement = bench.ask(query, PROVINCE_CHIEF, **asked)["statement"]
    return bench.runtime.verifier.read(statement, "evaluation")["act"]


def test_a_grade_is_an_act_of_the_day_it_takes_effect(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench, caps={})["id"]
    ready(bench, round, id, lead)
    publish(bench, round)
    assert told(bench, "evaluation.act_made") == []
    on(bench, date(2026, 6, 17))
    [made] = told(bench, "evaluation.act_made")
    assert made["act"]["on"] == "2026-06-17"
    assert made["act"] == stated(bench, "grade_paper", id=round, consortium=id)


def test_an_answer_to_a_deferral_is_an_act(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    ask_deferral(bench, round, id, lead=lead)
    answer_deferral(bench, round, id)
    [made] = told(bench, "evaluation.act_made")
    assert made["act"] == stated(bench, "deferral_paper", id=round, consortium=id)


def test_a_decision_on_a_revocation_is_an_act(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    case = open_case(bench, recognise())["id"]
    to(bench, date(2026, 6, 30))
    decide(bench, case)
    [made] = told(bench, "evaluation.act_made")
    assert made["act"] == stated(bench, "revocation_paper", id=case)
