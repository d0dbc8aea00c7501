"""Obligations open with the recognition and with every new year, once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from services.contracts.application import EVENTS as APPLICATION
from services.contracts.evaluation import EVENTS, AnnualReportAnswer
from services.evaluation.registry import registry
from services.kernel import migrate
from services.kernel.envelope import Event
from services.kernel.errors import NotFound
from services.kernel.identity import SYSTEM, Actor
from services.kernel.ids import new_id
from services.kernel.testing import Bench, FixedClock
from services.policy import Policies

EXAMPLE = APPLICATION["consortium.recognised"].example
ID = EXAMPLE["consortium"]
LEAD = Actor("lead", ("applicant",), organisation=EXAMPLE["lead"]["uscc"])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    clock = FixedClock(datetime(2026, 6, 9, 4, 0, tzinfo=UTC))
    return Bench(registry, tmp_path / "evaluation.db", policies=Policies.builtin(), clock=clock)


@pytest.fixture
def recognise(bench: Bench) -> Callable[..., str]:
    """Let the register say that a consortium is recognised; its id."""

    def said(**change: Any) -> str:
        data = EXAMPLE | {"consortium": new_id()} | change
        event = Event(
            id=new_id(),
            type="consortium.recognised",
            version=1,
            occurred_at=bench.clock.now(),
            producer="application",
            subject=f"consortium/{data['consortium']}",
            bureau="450200",
            recommender="450200",
            sequence=1,
            actor=SYSTEM.stamp(),
            correlation_id="c",
            causation_id=None,
            data=data,
        )
        bench.react(event.to_json())
        return str(data["consortium"])

    return said


def to(bench: Bench, day: date) -> None:
    bench.clock.offset = bench.clock.offset_to(day)


def owed(bench: Bench, id: str, actor: Actor = LEAD) -> list[tuple[int, str]]:
    answer = bench.ask("annual_reports", actor, id=id, limit=50, cursor=None)
    return [(item["year"], item["status"]) for item in answer["items"]]


def test_a_recognised_consortium_owes_its_first_report_at_once(bench: Bench, recognise: Callable[..., str]) -> None:
    id = recognise(consortium=ID)
    [item] = bench.ask("annual_reports", LEAD, id=id, limit=50, cursor=None)["items"]
    assert (item["year"], item["status"], item["due_on"], item["policy"]) == (2026, "due", "2026-12-31", "guangxi_trial@1")
    assert not AnnualReportAnswer().validate(item)
    assert bench.settle() == ["report.due"]
    event = json.loads(bench.bus.published[0].body)
    assert (event["subject"], event["bureau"], event["recommender"]) == (f"consortium/{ID}", "450200", "450200")
    assert event["data"] == EVENTS["report.due"].example


def test_recognised_after_the_cut_off_it_owes_the_next_year_first(bench: Bench, recognise: Callable[..., str]) -> None:
    to(bench, date(2026, 10, 1))
    assert owed(bench, recognise(recognised_on="2026-10-01")) == [(2027, "due")]


def test_an_imported_one_is_asked_from_the_year_it_entered(bench: Bench, recognise: Callable[..., str]) -> None:
    assert owed(bench, recognise(recognised_on="2022-05-01", imported=True, application=None)) == [(2026, "due")]


def test_every_new_year_opens_one_report_and_last_years_is_overdue(bench: Bench, recognise: Callable[..., str]) -> None:
    id, younger = recognise(), recognise(recognised_on="2026-10-08")
    assert bench.runtime.sweep() == []
    to(bench, date(2027, 1, 1))
    assert [done["id"] for done in bench.runtime.sweep()] == [f"{id}/2027"]
    assert bench.runtime.sweep() == []
    assert owed(bench, id) == [(2027, "due"), (2026, "overdue")]
    assert owed(bench, younger) == [(2027, "due")]


def test_years_without_a_sweep_are_made_up_for(bench: Bench, recognise: Callable[..., str]) -> None:
    id = recognise()
    to(bench, date(2029, 3, 1))
    bench.runtime.sweep()
    assert [year for year, _ in owed(bench, id)] == [2029, 2028, 2027, 2026]
    assert bench.settle() == ["report.due"] * 4


def test_others_do_not_learn_that_it_exists(bench: Bench, recognise: Callable[..., str]) -> None:
    id = recognise()
    assert owed(bench, id, Actor("city", ("officer",), "450200"))
    for stranger in (Actor("other", ("officer",), "450300"), Actor("member", ("applicant",), organisation="9145010035MA46841F")):
        with pytest.raises(NotFound):
            owed(bench, id, stranger)
    with pytest.raises(NotFound):
        owed(bench, new_id())


def test_the_migrations_make_the_tables(bench: Bench) -> None:
    assert migrate.differences("evaluation", bench.database) == []
