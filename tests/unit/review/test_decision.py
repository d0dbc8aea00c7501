"""The relation of a decision to the ranking of its call (A6(2))."""

from __future__ import annotations

import pytest

from services.kernel.errors import Invalid
from services.review.domain.decision import Placing, placing, require_reason

RANKS = {"a": 1, "b": 2, "c": 2, "d": 4}
OPEN = dict.fromkeys(RANKS, "open")


def test_the_best_undecided_case_is_in_order() -> None:
    assert placing("a", RANKS, OPEN, 0, 2).in_order
    assert placing("b", RANKS, OPEN | {"a": "approved"}, 1, 2).in_order


def test_better_ranked_undecided_cases_stand_before_and_equals_do_not() -> None:
    placed = placing("c", RANKS, OPEN, 0, 3)
    assert placed.ahead == ("a",)
    assert not placed.in_order


def test_a_declined_case_stands_before_nobody() -> None:
    assert placing("b", RANKS, OPEN | {"a": "declined"}, 0, 2).in_order


def test_the_place_after_the_last_is_beyond() -> None:
    statuses = OPEN | {"a": "approved", "b": "approved"}
    assert placing("c", RANKS, statuses, 2, 2).beyond_places
    assert not placing("c", RANKS, statuses, 2, 3).beyond_places
    assert not placing("c", RANKS, statuses, 2, None).beyond_places


def test_a_case_without_scores_has_no_rank_and_nobody_before_it() -> None:
    placed = placing("special", RANKS, OPEN, 0, None)
    assert placed.rank is None
    assert placed.in_order


@pytest.mark.parametrize(
    ("placed", "code"),
    [
        (placing("a", RANKS, OPEN, 0, None), "reason_required"),
        (placing("d", RANKS, OPEN, 0, None), "out_of_rank_order"),
        (placing("a", RANKS, OPEN, 3, 3), "out_of_rank_order"),
        (None, "reason_required"),
    ],
)
def test_a_decision_without_a_reason_is_refused_and_says_why_it_needs_one(placed: Placing | None, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        require_reason("  ", placed)
    assert refusal.value.errors[0].code == code
    require_reason("产业布局需要", placed)
