"""The grades and deferrals with which a consortium of the plan of 2021 is imported count for its next evaluation (A13, A16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.evaluation.domain.consortium import Consortium
from services.kernel.testing import ServiceHarness

GOOD = {"grade": "good", "issued_on": "2025-03-01", "published_on": "2025-09-10"}
OLDER = {"grade": "rectify", "issued_on": "2023-03-01", "published_on": "2023-09-10"}
BEFORE, AFTER = {"issued_on": "2024-03-01", "reason": "重组"}, {"issued_on": "2026-01-10", "reason": "搬迁"}


@pytest.mark.parametrize(
    ("grades", "deferrals", "grade", "owes", "in_a_row"),
    [
        ([], [], None, None, 0),
        ([GOOD, OLDER], [], "good", None, 0),
        ([OLDER, GOOD], [BEFORE], "good", None, 0),
        ([GOOD], [AFTER], "good", "deferral", 1),
        ([], [BEFORE, AFTER], None, "deferral", 2),
    ],
)
def test_grades_and_deferrals_of_an_old_consortium_decide_on_its_next_evaluation(
    bench: ServiceHarness,
    recognise: Callable[..., str],
    grades: list[dict[str, Any]],
    deferrals: list[dict[str, Any]],
    grade: str | None,
    owes: str | None,
    in_a_row: int,
) -> None:
    history = {"grades": grades, "deferrals": deferrals, "outcomes": []}
    id = recognise(recognised_on="2022-05-20", imported=True, application=None, history=history)
    with bench.database.read() as session:
        found = session.get_one(Consortium, id)
    assert (found.grade, found.owes_round, found.deferrals) == (grade, owes, in_a_row)
    assert (found.graded_under and found.graded_under.isoformat()) == (GOOD["issued_on"] if grade else None)
