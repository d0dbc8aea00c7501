"""A consortium's recommender changes: its duties follow, and the old bureau keeps what it made (A10, A11)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.contracts.application import EVENTS as APPLICATION
from services.kernel.errors import NotFound
from services.kernel.identity import Actor
from services.kernel.testing import Bench
from tests.integration.evaluation.played import notice, opined, part, submit
from tests.integration.evaluation.test_inspections import board, inspect
from tests.integration.evaluation.world import CITY, OFFICER, say

NEW = "450300"
NEW_OFFICER = Actor("new-officer", ("officer",), NEW)


def hand_over(bench: Bench, id: str) -> None:
    changed = APPLICATION["consortium.changed"].example | {"consortium": id, "recommender": NEW, "status": "active"}
    say(bench, "consortium.changed", "application", f"consortium/{id}", changed)


def test_reports_matters_rounds_and_inspections_follow_the_recommender(bench: Bench, recognise: Callable[..., str]) -> None:
    # Given a consortium with an open matter, an inspection and a report for a round
    id = recognise(recognised_on="2023-01-01")
    made = inspect(bench, id)["id"]
    bench.tell("raise_matter", OFFICER, consortium=id, matter="用地", asked_of="450000")
    round = notice(bench)["id"]
    participation = submit(bench, round, id)
    # When its recommender changes
    hand_over(bench, id)
    # Then the new bureau has it on its board, reads the report, the matter and the inspection, and gives its opinion
    assert list(board(bench, NEW_OFFICER)) == [id]
    assert board(bench, OFFICER) == {}
    assert part(bench, round, id, NEW_OFFICER)["recommender"] == NEW
    assert len(bench.ask("list_matters", NEW_OFFICER, limit=5, cursor=None)["items"]) == 1
    assert [item["id"] for item in bench.ask("list_inspections", NEW_OFFICER, limit=5, cursor=None)["items"]] == [made]
    opined(bench, participation, "review.recommended", NEW, "recommendation", "material_check")
    assert part(bench, round, id)["stage"] == "material_check"
    # and the old one keeps the inspection it made, and nothing else
    assert [item["id"] for item in bench.ask("list_inspections", OFFICER, limit=5, cursor=None)["items"]] == [made]
    assert bench.ask("get_inspection", OFFICER, id=made)["bureau"] == CITY
    with pytest.raises(NotFound):
        part(bench, round, id, OFFICER)
    with pytest.raises(NotFound):
        inspect(bench, id, OFFICER)
