"""The reports, participations, matters and inspections of a consortium move to its new recommender (A10, A11, A12)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.kernel.errors import NotFound
from services.kernel.identity import Actor
from services.kernel.testing import ServiceHarness
from tests.integration.evaluation import test_yearly_reports as yearly
from tests.integration.evaluation.played_rounds import PATENT, notice, opined, part, submit
from tests.integration.evaluation.scenario import CITY, OFFICER, recognise_in, say, told
from tests.integration.evaluation.test_inspections import board, inspect

GUILIN = "450300"
NEW = Actor("guilin-officer", ("officer",), GUILIN)


def hand_over(bench: ServiceHarness, id: str) -> None:
    data = {"consortium": id, "from_bureau": CITY, "to_bureau": GUILIN, "handed_over": 1, "why": "decision", "reason": "分工调整"}
    say(bench, "consortium.handed_over", "application", f"consortium/{id}", data)


def test_a_report_before_the_old_bureau_goes_to_the_new_one(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    yearly.write(bench, id)
    yearly.submit(bench, id)
    hand_over(bench, id)
    assert [event.get("handed_over") for event in told(bench, "report.submitted")] == [None, 1]
    assert [event["to_bureau"] for event in told(bench, "report.handed_over")] == [GUILIN]
    # When the old bureau accepts the report after the hand-over, then its acceptance is void; the new bureau's acceptance counts
    yearly.opined(bench, id, "review.passed", 1)
    assert [event["reason"] for event in told(bench, "report.opinion_void")] == ["not_its_turn"]
    yearly.opined(bench, id, "review.passed", 1, producer=f"review.{GUILIN}")
    assert yearly.read(bench, id)["status"] == "accepted"
    # and the new bureau may read the report, the old one no longer
    assert yearly.read(bench, id, NEW)["status"] == "accepted"
    with pytest.raises(NotFound):
        yearly.read(bench, id, OFFICER)


def test_a_report_that_was_accepted_goes_nowhere(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    yearly.write(bench, id)
    yearly.submit(bench, id)
    yearly.opined(bench, id, "review.passed", 1)
    hand_over(bench, id)
    assert (len(told(bench, "report.submitted")), told(bench, "report.handed_over")) == (1, [])


def test_a_participation_before_the_old_bureau_goes_to_the_new_one(bench: ServiceHarness) -> None:
    id = recognise_in(bench)(recognised_on="2023-01-01")
    round = notice(bench)["id"]
    participation = submit(bench, round, id, PATENT)
    hand_over(bench, id)
    assert [event.get("handed_over") for event in told(bench, "participation.submitted")] == [None, 1]
    opined(bench, participation, "review.recommended", CITY, "recommendation", "material_check")
    assert [event["reason"] for event in told(bench, "participation.opinion_void")] == ["not_its_turn"]
    opined(bench, participation, "review.recommended", GUILIN, "recommendation", "material_check")
    assert part(bench, round, id)["stage"] == "material_check"


def test_a_participation_that_the_province_has_stays_there(bench: ServiceHarness) -> None:
    id = recognise_in(bench)(recognised_on="2023-01-01")
    participation = submit(bench, notice(bench)["id"], id, PATENT)
    opined(bench, participation, "review.recommended", CITY, "recommendation", "material_check")
    hand_over(bench, id)
    assert (len(told(bench, "participation.submitted")), len(told(bench, "participation.handed_over"))) == (1, 1)


def test_matters_inspections_and_guidance_follow_and_the_old_bureau_reads_what_it_recorded(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    # Given an inspection with a poor result, and two matters of coordination: one asked of the old recommender (the city), one
    # asked of an industry bureau
    id = recognise()
    seen = inspect(bench, id, result="weak", under_guidance=True, follow_up_on="2026-12-01")["id"]
    for asked_of in (CITY, "GX-NRES"):
        bench.tell("raise_matter", OFFICER, consortium=id, matter="协调用地", asked_of=asked_of)
    hand_over(bench, id)
    # Then, after the hand-over, the new recommender has the consortium on its inspection board, still under guidance, and both
    # matters in its list; the old recommender has neither
    assert (board(bench), board(bench, NEW)[id]["under_guidance"]) == ({}, True)
    items = bench.ask("list_matters", NEW, limit=50, cursor=None)["items"]
    assert {item["asked_of"] for item in items} == {GUILIN, "GX-NRES"}
    assert bench.ask("list_matters", OFFICER, limit=50, cursor=None)["items"] == []
    assert [event["asked_of"] for event in told(bench, "coordination.opened")] == [CITY, "GX-NRES", GUILIN]
    # and both bureaus may read the inspection that the old one recorded, but only the new recommender may record the next one
    for actor in (OFFICER, NEW):
        assert bench.ask("get_inspection", actor, id=seen)["result"] == "weak"
        assert [item["id"] for item in bench.ask("list_inspections", actor, limit=50, cursor=None)["items"]] == [seen]
    with pytest.raises(NotFound):
        inspect(bench, id, OFFICER)
