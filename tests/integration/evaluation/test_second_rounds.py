"""The consortia that a notice invites or obliges to take part after earlier rounds, deferrals, absences and imports (A13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.kernel.errors import Conflict
from services.kernel.testing import ServiceHarness
from tests.integration.evaluation.played_rounds import (
    PATENT,
    answer_deferral,
    ask_deferral,
    graded,
    led,
    notice,
    on,
    part,
    participants,
    published,
    write,
)
from tests.integration.evaluation.scenario import OFFICER, PROVINCE_CHIEF, approve, swept, to, told


@pytest.mark.parametrize(("recognised_on", "mandatory"), [("2023-06-09", True), ("2023-06-10", None), ("2019-01-01", True)])
def test_three_calendar_years_of_operation_oblige(
    bench: ServiceHarness, recognise: Callable[..., str], recognised_on: str, mandatory: bool | None
) -> None:
    id = recognise(recognised_on=recognised_on)
    round = notice(bench)["id"]
    assert participants(bench, round).get(id) is mandatory


def test_one_graded_last_month_is_not_invited_and_its_silence_proposes_nothing(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    # Given a consortium that was graded under a notice of 2026
    id = recognise(recognised_on="2020-01-01")
    first = notice(bench)["id"]
    graded(bench, first, id, "good", "85")
    published(bench, first)
    assert part(bench, first, id)["next_round_by"] == "2029-12-31"
    # When the province issues further notices in 2026, 2027 and 2028, then the consortium is not invited
    for day in (date(2026, 11, 2), date(2027, 3, 1), date(2028, 12, 1)):
        on(bench, day)
        assert participants(bench, notice(bench)["id"]) == {}
    assert told(bench, "revocation.proposed") == []
    # and any notice of the third year, 2029, obliges the consortium to take part
    on(bench, date(2029, 1, 1))
    assert participants(bench, notice(bench)["id"]) == {id: True}


def test_younger_ones_may_where_the_notice_says_so_and_owe_nothing_by_staying_away(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    young = recognise(recognised_on="2025-01-01")
    round = notice(bench, allow_younger=True)["id"]
    assert participants(bench, round) == {young: False}
    to(bench, date(2026, 8, 9))
    assert swept(bench, "evaluation_windows") == [("evaluation_windows", "declined")]
    assert participants(bench, notice(bench)["id"]) == {}


def test_a_deferred_one_must_take_part_in_the_next_round_even_if_graded_lately(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0, recognised_on="2020-01-01")
    first = notice(bench)["id"]
    ask_deferral(bench, first, id, lead=lead)
    answer_deferral(bench, first, id)
    seen = part(bench, first, id)
    assert (seen["status"], seen["next_round_by"], seen["next_round_overdue"]) == ("deferred", None, False)
    assert told(bench, "evaluation.due")[-1]["next_round_by"] is None
    on(bench, date(2026, 10, 8))
    assert participants(bench, notice(bench)["id"]) == {id: True}


def test_an_absent_one_that_is_kept_must_take_part_in_the_next_round(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    id = recognise(recognised_on="2020-01-01")
    round = notice(bench)["id"]
    on(bench, date(2026, 8, 9))
    assert part(bench, round, id)["status"] == "absent"
    [case] = bench.ask("list_revocations", PROVINCE_CHIEF, limit=50, cursor=None)["items"]
    body: dict[str, Any] = {"outcome": "dismiss", "reason": "有正当理由", "documents": [], "documents_statement": None}
    approve(bench, "confirm_revocation", PROVINCE_CHIEF, id=case["id"], **body)
    assert participants(bench, notice(bench)["id"]) == {id: True}


def test_by_when_the_next_round_is_due_never_lies_behind(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    old, young = recognise(recognised_on="2020-01-01"), recognise(recognised_on="2025-01-01")
    round = notice(bench, allow_younger=True)["id"]
    due = {id: (part(bench, round, id)["next_round_by"], part(bench, round, id)["next_round_overdue"]) for id in (old, young)}
    assert due == {old: ("2026-12-31", True), young: ("2028-01-01", False)}
    on(bench, date(2027, 2, 1))
    assert part(bench, round, old)["next_round_by"] == "2027-12-31"


def test_the_bureaus_count_of_evaluations_due_is_of_those_a_notice_would_oblige(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    old = recognise(recognised_on="2020-01-01")
    recognise(recognised_on="2025-01-01")

    def due() -> int:
        return int(bench.ask("oversight", OFFICER)["consortia"]["evaluation_due"])

    assert due() == 1
    round = notice(bench)["id"]
    graded(bench, round, old, "good", "85")
    published(bench, round)
    assert due() == 0
    to(bench, date(2029, 1, 1))
    assert due() == 2


def test_what_an_imported_one_has_behind_it_counts(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    # Given an imported consortium that was graded under a notice of 2024, with a patent as its outcome
    grades = [
        {"grade": "qualified", "issued_on": "2021-05-01", "published_on": "2021-12-01"},
        {"grade": "good", "issued_on": "2024-05-01", "published_on": "2024-12-01"},
    ]
    used = [{"kind": "patent", "identifier": "ZL202410123456.7（发明）", "title": "一种甘蔗收割装置", "issuer": None}]
    history = {"grades": grades, "outcomes": used}
    id = recognise(recognised_on="2019-01-01", imported=True, application=None, history=history)
    other, lead = led(bench, 0)
    round = notice(bench)["id"]
    # Then the consortium is not invited before 2027, and no other consortium may claim its patent
    assert participants(bench, round) == {other: True}
    with pytest.raises(Conflict) as caught:
        write(bench, round, other, PATENT, lead=lead)
    assert caught.value.code == "outcome_already_used"
    assert caught.value.details["evaluation"] is None
    assert bench.ask("oversight", OFFICER)["consortia"]["by_grade"] == {"good": 1}
    on(bench, date(2027, 1, 2))
    assert participants(bench, notice(bench)["id"])[id] is True
