"""The recommender inspects each of its consortia every year (A11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.contracts.evaluation.duties import InspectionRecord
from services.kernel.errors import Invalid, NotFound
from services.kernel.identity import Actor
from services.kernel.testing import ServiceHarness
from tests.integration.evaluation.scenario import LEAD, OFFICER, PROVINCE_OFFICER, swept, to, told


def inspect(bench: ServiceHarness, id: str, actor: Actor = OFFICER, **body: Any) -> Any:
    record = {"consortium": id, "inspected_on": bench.clock.today().isoformat(), "result": "good", "findings": "运行正常。"}
    return bench.tell("record_inspection", actor, inspection=InspectionRecord().load(record | body), documents_statement=None)


def board(bench: ServiceHarness, actor: Actor = OFFICER, **query: Any) -> dict[str, dict[str, Any]]:
    answer = bench.ask("inspection_board", actor, limit=50, cursor=None, **query)
    return {line["consortium"]["id"]: line for line in answer["items"]}


def test_the_board_shows_which_are_not_inspected_yet(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    one, other = recognise(), recognise()
    inspect(bench, one)
    assert {id: line["inspected"] for id, line in board(bench).items()} == {one: True, other: False}
    assert list(board(bench, inspected=False)) == [other]
    # When the next year begins, then both consortia count as not inspected yet, and the board of 2026 still shows the inspection
    to(bench, date(2027, 1, 1))
    assert {line["inspected"] for line in board(bench).values()} == {False}
    assert board(bench, year=2026)[one]["inspection"]["result"] == "good"
    # A bureau's board has only the consortia that it recommended; the province's board has all consortia.
    assert board(bench, Actor("other", ("officer",), "450300")) == {}
    assert len(board(bench, PROVINCE_OFFICER)) == 2


def test_a_weak_one_is_under_guidance_until_a_later_inspection_says_otherwise(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    id = recognise()
    inspect(bench, id, result="weak", under_guidance=True, follow_up_on="2026-09-01")
    assert board(bench)[id]["under_guidance"] is True
    # When the day of the follow-up inspection comes, then the recommender is notified, once
    to(bench, date(2026, 9, 1))
    assert swept(bench, "inspection_follow_ups") == [("inspection_follow_ups", "told")]
    assert swept(bench, "inspection_follow_ups") == []
    to(bench, date(2026, 9, 5))
    assert board(bench)[id]["follow_up_overdue"] is True
    # When a later inspection has a good result, then the consortium is no longer under guidance
    inspect(bench, id)
    assert board(bench)[id]["under_guidance"] is False
    assert [event["under_guidance"] for event in told(bench, "inspection.recorded")] == [True, False]
    # A record of an earlier inspection that is entered afterwards does not put the consortium under guidance again.
    inspect(bench, id, inspected_on="2026-08-01", under_guidance=True, follow_up_on="2026-10-01")
    assert board(bench)[id]["under_guidance"] is False


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"inspected_on": "2026-06-10"}, "/inspected_on"),
        ({"inspected_on": "2020-01-01"}, "/inspected_on"),
        ({"under_guidance": True}, "/follow_up_on"),
        ({"under_guidance": True, "follow_up_on": "2026-06-09"}, "/follow_up_on"),
    ],
)
def test_dates_that_cannot_be_are_refused(
    bench: ServiceHarness, recognise: Callable[..., str], body: dict[str, Any], pointer: str
) -> None:
    id = recognise()
    with pytest.raises(Invalid) as caught:
        inspect(bench, id, **body)
    assert [error.pointer for error in caught.value.errors] == [pointer]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/under_guidance", "/follow_up_on"}),
        ({"under_guidance": True}, {"/follow_up_on"}),
        ({"follow_up_on": "2026-09-01"}, {"/under_guidance"}),
    ],
)
def test_a_weak_one_is_put_under_guidance_with_a_day_to_look_again(
    bench: ServiceHarness, recognise: Callable[..., str], body: dict[str, Any], pointers: set[str]
) -> None:
    id = recognise()
    with pytest.raises(Invalid) as caught:
        inspect(bench, id, result="weak", **body)
    assert {error.pointer for error in caught.value.errors} == pointers
    assert inspect(bench, id, result="weak", under_guidance=True, follow_up_on="2026-09-01")["under_guidance"] is True


def test_one_filed_after_its_year_is_marked_late(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    one, other = recognise(), recognise()
    to(bench, date(2026, 12, 31))
    assert inspect(bench, one, inspected_on="2026-12-30")["late"] is False
    to(bench, date(2027, 1, 1))
    assert inspect(bench, other, inspected_on="2026-12-30")["late"] is True
    assert [event["late"] for event in told(bench, "inspection.recorded")] == [False, True]
    # The board of 2026 shows both inspections, the second one marked late; the board of 2027 shows both consortia as not
    # inspected yet.
    assert {id: line["inspection"]["late"] for id, line in board(bench, year=2026).items()} == {one: False, other: True}
    assert set(board(bench, inspected=False)) == {one, other}


def test_another_bureau_and_strangers_do_not_learn_of_it(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    found = inspect(bench, id)["id"]
    assert bench.ask("get_inspection", LEAD, id=found)["result"] == "good"
    with pytest.raises(NotFound):
        inspect(bench, id, Actor("other", ("officer",), "450300"))
    with pytest.raises(NotFound):
        bench.ask("get_inspection", Actor("other", ("officer",), "450300"), id=found)


def test_the_bureaus_counts_say_what_waits(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    one, _ = recognise(), recognise(recognised_on="2023-05-01")
    inspect(bench, one, under_guidance=True, follow_up_on="2026-09-01")
    counts = bench.ask("oversight", OFFICER)
    assert counts["consortia"] == {
        "by_status": {"active": 2},
        "by_grade": {},
        "under_guidance": 1,
        "evaluation_due": 1,
        "not_inspected": 1,
    }
    assert counts["reports"] == {"due": 2, "overdue": 0, "by_status": {"due": 2}}
    to(bench, date(2027, 1, 1))
    assert bench.ask("oversight", OFFICER)["reports"]["overdue"] == 2
    assert bench.ask("oversight", Actor("other", ("officer",), "450300"))["consortia"]["by_status"] == {}
