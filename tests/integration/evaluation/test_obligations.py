"""The obligation to submit an annual report starts with the recognition and with every new year, once for each year."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest

from services.contracts.evaluation.duties import AnnualReportItem
from services.contracts.evaluation.events import EVENTS
from services.kernel.errors import NotFound
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.persistence import migrate
from services.kernel.testing import ServiceHarness
from tests.integration.evaluation.scenario import ID, LEAD, to


def owed(bench: ServiceHarness, id: str, actor: Actor = LEAD) -> list[tuple[int, str]]:
    answer = bench.ask("annual_reports", actor, id=id, limit=50, cursor=None)
    return [(item["year"], item["status"]) for item in answer["items"]]


def test_a_recognised_consortium_owes_its_first_report_at_once(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise(consortium=ID)
    [item] = bench.ask("annual_reports", LEAD, id=id, limit=50, cursor=None)["items"]
    assert (item["year"], item["status"], item["due_on"], item["policy"]) == (2026, "due", "2026-12-31", "guangxi_trial@1")
    assert not AnnualReportItem().validate(item)
    assert bench.settle() == ["report.due"]
    event = json.loads(bench.bus.published[0].body)
    assert (event["subject"], event["bureau"], event["recommender"]) == (f"consortium/{ID}", "450200", "450200")
    assert event["data"] == EVENTS["report.due"].example


def test_recognised_after_the_cut_off_it_owes_the_next_year_first(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    to(bench, date(2026, 10, 1))
    assert owed(bench, recognise(recognised_on="2026-10-01")) == [(2027, "due")]


def test_an_imported_one_is_asked_from_the_year_it_entered(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    assert owed(bench, recognise(recognised_on="2022-05-01", imported=True, application=None)) == [(2026, "due")]


def test_every_new_year_opens_one_report_and_last_years_is_overdue(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id, younger = recognise(), recognise(recognised_on="2026-10-08")
    assert bench.runtime.sweep() == []
    to(bench, date(2027, 1, 1))
    assert [(done["sweep"], done["id"]) for done in bench.runtime.sweep()] == [
        ("annual_reports", f"{id}/2027"),
        ("overdue_reports", f"{id}/2026"),
        ("report_reminders", f"{id}/2026"),
    ]
    assert bench.runtime.sweep() == []
    assert owed(bench, id) == [(2027, "due"), (2026, "overdue")]
    assert owed(bench, younger) == [(2027, "due")]


def test_years_without_a_sweep_are_made_up_for(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    to(bench, date(2029, 3, 1))
    bench.runtime.sweep()
    assert [year for year, _ in owed(bench, id)] == [2029, 2028, 2027, 2026]
    assert bench.settle().count("report.due") == 4


def test_others_do_not_learn_that_it_exists(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    assert owed(bench, id, Actor("city", ("officer",), "450200"))
    for stranger in (Actor("other", ("officer",), "450300"), Actor("member", ("applicant",), organisation="9145010035MA46841F")):
        with pytest.raises(NotFound):
            owed(bench, id, stranger)
    with pytest.raises(NotFound):
        owed(bench, new_id())


def test_the_migrations_make_the_tables(bench: ServiceHarness) -> None:
    assert migrate.differences("evaluation", bench.database) == []
