"""Revocation of a recognition: eight grounds, evidence, the statement, and its consequences (A14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.contracts.application.events import EVENTS as APPLICATION
from services.kernel.errors import Conflict, Invalid
from services.kernel.testing import ServiceHarness
from services.policy import Policies
from tests.integration.evaluation.played_rounds import on, stated
from tests.integration.evaluation.scenario import (
    CHIEF,
    LEAD,
    OFFICER,
    PROVINCE_CHIEF,
    PROVINCE_OFFICER,
    approve,
    say,
    swept,
    to,
    told,
)
from tests.integration.evaluation.test_inspections import inspect
from tests.integration.evaluation.test_yearly_reports import opined, submit, write

CHANGE_WITHDRAWN = APPLICATION["change.withdrawn"].example
GROUNDS = [f"A14({item})" for item in range(1, 9)]


def evidence(bench: ServiceHarness, consortium: str, id: str = "paper") -> dict[str, Any]:
    return {"documents": [id], "documents_statement": stated(bench, id, f"consortium/{consortium}")}


NONE: dict[str, Any] = {"documents": [], "documents_statement": None}


def open_case(bench: ServiceHarness, consortium: str, *grounds: str, **papers: Any) -> Any:
    given = papers or evidence(bench, consortium)
    body = {"consortium": consortium, "grounds": list(grounds or ("A14(3)",)), "reason": "举报属实"}
    return bench.tell("open_revocation", PROVINCE_OFFICER, **body, **given)


def decide(bench: ServiceHarness, id: str, outcome: str = "revoke", **papers: Any) -> Any:
    return approve(bench, "decide_revocation", PROVINCE_CHIEF, id=id, outcome=outcome, reason="事实清楚", **(papers or NONE))


def arise(bench: ServiceHarness, consortium: str, ground: str = "A14(1)", **change: Any) -> None:
    arisen = {"ground": ground, "reason": "late", "source": "change/1", "said": "迟报", "confirmed": False} | change
    say(bench, "ground.arisen", "application", f"consortium/{consortium}", arisen)


def cases(bench: ServiceHarness) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bench.ask("list_revocations", PROVINCE_OFFICER, limit=50, cursor=None)["items"]
    return found


def test_each_ground_of_article_14_is_its_own_code_and_the_platform_proposes_five() -> None:
    grounds = Policies.builtin().get("guangxi_trial@1").grounds
    assert [ground.code for ground in grounds] == [*GROUNDS, "A13"]
    assert [ground.code for ground in grounds if ground.proposed] == ["A14(1)", "A14(2)", "A14(4)", "A14(5)", "A13"]


@pytest.mark.parametrize("ground", [*GROUNDS, "A13"])
def test_the_province_opens_a_case_on_any_ground_with_evidence(
    bench: ServiceHarness, recognise: Callable[..., str], ground: str
) -> None:
    id = recognise()
    case = open_case(bench, id, ground)
    assert (case["grounds"], [paper["id"] for paper in case["documents"]]) == ([ground], ["paper"])
    assert told(bench, "revocation.opened")[0]["article"] == ground


def test_a_case_without_evidence_is_not_opened(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    with pytest.raises(Invalid) as caught:
        open_case(bench, id, **NONE)
    assert [(error.pointer, error.code) for error in caught.value.errors] == [("/documents", "evidence_required")]
    # A revocation that the platform proposed cannot be opened without evidence either.
    arise(bench, id, "A14(5)")
    [proposed] = cases(bench)
    with pytest.raises(Invalid):
        approve(bench, "confirm_revocation", PROVINCE_OFFICER, id=proposed["id"], outcome="open", reason="属实", **NONE)
    papers = evidence(bench, id)
    approve(bench, "confirm_revocation", PROVINCE_OFFICER, id=proposed["id"], outcome="open", reason="属实", **papers)
    assert [case["status"] for case in cases(bench)] == ["open"]


def test_a_case_that_opened_by_itself_is_decided_on_evidence_too(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    # Given a case that opened by itself, without documents, because the province approved a change knowingly
    id = recognise()
    arise(bench, id, confirmed=True)
    [case] = cases(bench)
    assert (case["status"], case["documents"]) == ("open", [])
    to(bench, date(2026, 6, 25))
    with pytest.raises(Conflict) as caught:
        decide(bench, case["id"])
    assert caught.value.code == "evidence_required"
    assert decide(bench, case["id"], **evidence(bench, id))["status"] == "revoked"


def test_the_documents_of_a_decision_taken_knowingly_are_the_evidence(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    id = recognise()
    arise(bench, id, confirmed=True, documents=[{"id": "agreement", "kind": "supplementary_agreement", "filename": "a.pdf"}])
    assert [paper["id"] for paper in cases(bench)[0]["documents"]] == ["agreement"]


def test_nothing_is_decided_before_the_statement_is_due(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    case = open_case(bench, id)
    with pytest.raises(Conflict) as caught:
        decide(bench, case["id"])
    assert caught.value.code == "statement_period_open"
    bench.tell("state_view", LEAD, id=case["id"], text="举报不实", **NONE)
    to(bench, date(2026, 6, 24))
    with pytest.raises(Conflict):
        decide(bench, case["id"])
    to(bench, date(2026, 6, 25))
    assert decide(bench, case["id"], "keep")["status"] == "kept"


def test_a_late_change_that_is_withdrawn_is_no_ground_any_more(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    # Given a proposed revocation with two grounds: a late change and an integrity record
    id = recognise()
    arise(bench, id)
    arise(bench, id, "A14(4)", source="integrity/1")
    assert cases(bench)[0]["grounds"] == ["A14(1)", "A14(4)"]
    # When the lead withdraws the change, then only the ground of the integrity record remains, and the facts of both grounds can
    # still be read
    withdrawn = CHANGE_WITHDRAWN | {"consortium": id}
    say(bench, "change.withdrawn", "application", "change/1", withdrawn)
    [case] = cases(bench)
    assert (case["status"], case["grounds"]) == ("proposed", ["A14(4)"])
    assert [bool(fact.get("void")) for fact in case["facts"]] == [True, False]
    # A proposed revocation whose only ground was the withdrawn change ends.
    other = recognise()
    arise(bench, other, source="change/2")
    say(bench, "change.withdrawn", "application", "change/2", withdrawn | {"consortium": other})
    assert [case["status"] for case in cases(bench) if case["consortium"]["id"] == other] == ["void"]
    assert [event["reason"] for event in told(bench, "revocation.dismissed")] == ["变更报告已撤回"]


# The effects of the end of a recognition


def test_a_consortium_that_ends_owes_no_further_report(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    # Given a consortium that owes two annual reports: that of 2026, which is overdue, and that of 2027
    id, other = recognise(), recognise()
    on(bench, date(2027, 1, 5))
    assert _reports(bench, id) == {2026: "overdue", 2027: "due"}
    case = open_case(bench, id)
    on(bench, date(2027, 2, 1))
    before = len(told(bench, "report.reminded"))
    # When the province revokes the recognition, then both reports end: no reminder is sent, and neither report can be submitted
    decide(bench, case["id"])
    assert _reports(bench, id) == {2026: "ended", 2027: "ended"}
    assert {(event["year"], event["reason"]) for event in told(bench, "report.ended")} == {(2026, "revoked"), (2027, "revoked")}
    for day in (date(2027, 12, 31), date(2028, 1, 8)):
        to(bench, day)
        swept(bench)
    assert all(event["consortium"] == other for event in told(bench, "report.reminded")[before:])
    assert _reports(bench, id) == {2026: "ended", 2027: "ended"}
    with pytest.raises(Conflict) as caught:
        bench.tell("submit_annual_report", LEAD, id=id, year=2027, documents_statement=None)
    assert caught.value.code == "consortium_gone"
    counted = bench.ask("oversight", OFFICER)["reports"]
    assert counted["by_status"]["ended"] == 2


def _reports(bench: ServiceHarness, id: str) -> dict[int, str]:
    items = bench.ask("annual_reports", LEAD, id=id, limit=50, cursor=None)["items"]
    return {item["year"]: item["status"] for item in items}


def test_a_report_of_one_that_ended_is_accepted_and_not_returned_any_more(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    id = recognise()
    write(bench, id)
    submit(bench, id)
    case = open_case(bench, id)
    to(bench, date(2026, 6, 25))
    decide(bench, case["id"])
    assert _reports(bench, id) == {2026: "submitted"}
    opined(bench, id, "review.returned", 1, comment="请补充。", sections=[])
    assert _reports(bench, id) == {2026: "ended"}
    with pytest.raises(Conflict):
        bench.tell("reopen_annual_report", PROVINCE_CHIEF, id=id, year=2026, reason="更正")


def test_nobody_is_told_to_look_again_at_one_that_ended(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    inspect(bench, id, CHIEF, result="weak", under_guidance=True, follow_up_on="2026-12-01")
    case = open_case(bench, id)
    to(bench, date(2026, 6, 25))
    decide(bench, case["id"])
    to(bench, date(2026, 12, 1))
    assert swept(bench, "inspection_follow_ups") == [("inspection_follow_ups", "consortium gone")]
    assert told(bench, "inspection.follow_up_due") == []


def test_a_proposal_says_on_which_day_a_bureau_found_the_fact(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    arise(bench, recognise(), reason="unreported", found_on="2026-02-27")
    [proposed] = cases(bench)
    assert [fact["found_on"] for fact in proposed["facts"]] == ["2026-02-27"]
    # If the platform itself found a ground, the proposal names no day on which a bureau found it.
    arise(bench, proposed["consortium"]["id"], "A14(5)")
    assert "found_on" not in cases(bench)[0]["facts"][-1]
