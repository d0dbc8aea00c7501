"""The experts whom a case excludes from its panel, and the draw of the panel from the other experts (A6(2))."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.errors import Conflict, Invalid
from services.review.domain.case import Round
from services.review.domain.panel import (
    Account,
    Seat,
    SeatKind,
    SeatState,
    draw,
    enough,
    exclusions,
    pool_of,
    refuse_excluded,
    refuse_own_interest,
)

UNITS = frozenset({"LEAD", "MEMBER"})

names = st.lists(st.text("abcdefghij", min_size=1, max_size=6), unique=True, max_size=30)


def expert(username: str, *, employer: str = "ELSEWHERE", **more: list[str]) -> Account:
    data = {"employer": employer, "former_employers": [], "fields": [], "declared_interests": []} | more
    return Account(username, 1, ["expert"], None, None, True, True, data)


def seat(account: str, kind: str = SeatKind.EXPERT) -> Seat:
    return Seat(account, "case", 1, account, kind, SeatState.SEATED, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("account", "reason", "unit"),
    [
        (expert("a", employer="MEMBER"), "employer", "MEMBER"),
        (expert("b", former_employers=["X", "LEAD"]), "former_employer", "LEAD"),
        (expert("c", declared_interests=["MEMBER"]), "declared_interest", "MEMBER"),
    ],
)
def test_whoever_has_an_interest_in_any_unit_is_excluded_with_the_reason(account: Account, reason: str, unit: str) -> None:
    (entry,) = exclusions([account, expert("free")], UNITS, {})
    assert (entry["expert"], entry["reason"], entry["unit"]) == (account.username, reason, unit)
    assert entry["message"]["zh"] and entry["message"]["en"]


def test_the_chief_scientists_employer_counts_as_a_unit() -> None:
    material = {"units": ["LEAD", "MEMBER"], "lead": {"uscc": "LEAD"}, "related_units": ["UNIVERSITY"]}
    round = Round("case", 1, 1, None, material)  # type: ignore[arg-type]
    (entry,) = exclusions([expert("a", employer="UNIVERSITY"), expert("free")], round.units, {})
    assert (entry["expert"], entry["reason"], entry["unit"]) == ("a", "employer", "UNIVERSITY")


def test_whoever_recused_is_not_drawn_again() -> None:
    (entry,) = exclusions([expert("a"), expert("b")], UNITS, {"b": "recused"})
    assert (entry["expert"], entry["reason"]) == ("b", "recused")


def test_a_third_party_that_is_a_unit_of_the_case_is_excluded() -> None:
    institution = Account("house", 1, ["third_party"], None, "MEMBER", True, False, None)
    assert [entry["reason"] for entry in exclusions([institution], UNITS, {})] == ["employer"]


def test_naming_an_excluded_expert_is_refused_at_their_place() -> None:
    excluded = exclusions([expert("a", employer="LEAD")], UNITS, {})
    with pytest.raises(Invalid) as refusal:
        refuse_excluded(["free", "a"], excluded, "/experts/{}")
    assert [(error.pointer, error.code) for error in refusal.value.errors] == [("/experts/1", "conflict_of_interest")]


def test_an_interest_declared_after_the_draw_stops_the_score() -> None:
    refuse_own_interest(expert("a"), UNITS)
    with pytest.raises(Conflict) as refusal:
        refuse_own_interest(expert("a", declared_interests=["LEAD"]), UNITS)
    assert refusal.value.code == "conflict_of_interest"


@given(names, names, st.text("0123456789abcdef", min_size=32, max_size=32), st.integers(0, 40))
def test_a_draw_can_be_repeated_from_its_seed_alone(of_field: list[str], others: list[str], seed: str, size: int) -> None:
    drawn = draw(seed, {"of_field": of_field, "others": others}, size)
    again = draw(seed, {"of_field": sorted(of_field), "others": list(reversed(others))}, size)
    assert drawn == again
    assert len(drawn) == min(size, len(of_field) + len(others))


def test_the_draw_is_the_documented_order_of_hashes() -> None:
    everyone = ["a", "b", "c", "d"]
    by_hash = sorted(everyone, key=lambda name: hashlib.sha256(f"5eed:{name}".encode()).hexdigest())
    assert draw("5eed", {"of_field": [], "others": everyone}, 2) == by_hash[:2]


def test_other_seeds_draw_other_panels() -> None:
    pool = {"of_field": [], "others": [f"expert{number}" for number in range(20)]}
    assert len({tuple(draw(f"{seed:032x}", pool, 5)) for seed in range(50)}) == 50


def test_experts_of_the_cases_field_come_before_the_others() -> None:
    pool = pool_of([expert("z", fields=["糖业"]), expert("a"), expert("b")], "糖业")
    assert all(draw(f"{seed:032x}", pool, 2)[0] == "z" for seed in range(20))


def test_scoring_may_close_when_as_many_have_scored_as_the_call_demands() -> None:
    seats = [seat("a"), seat("b"), seat("c")]
    assert not enough(seats, {"a"}, 2)
    assert enough(seats, {"a", "c"}, 2)
    assert not enough(seats, {"a", "gone"}, 2)


def test_one_third_party_is_enough_once_it_has_scored() -> None:
    seats = [seat("house", SeatKind.THIRD_PARTY)]
    assert not enough(seats, frozenset(), 3)
    assert enough(seats, {"house"}, 3)
