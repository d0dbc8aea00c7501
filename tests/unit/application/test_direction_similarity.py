"""Similar research directions rank first among many (A4(1)), measured on pairs of directions that were labelled by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from services.application.domain.direction_similarity import LEAST, Direction, Rarity, shared_words, similarity

PAIRS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parents[2] / "examples/directions.toml").read_text("utf-8"))["pair"]
DIRECTIONS = [Direction.of(*side) for pair in PAIRS for side in (pair["a"], pair["b"])]
RARITY = Rarity(DIRECTIONS)
WEIGHED = [RARITY.weigh(direction) for direction in DIRECTIONS]


def label(place: int) -> str:
    return str(PAIRS[place // 2]["label"])


def partner(place: int) -> int:
    return place ^ 1


def alike(place: int) -> float:
    """Return the similarity between direction number `place` and the other direction of its pair."""
    return similarity(WEIGHED[place], WEIGHED[partner(place)])


def rank(place: int) -> int:
    """Return the rank of the other direction of the pair among all directions, by their similarity to direction number `place`; 0
    is the most similar."""
    others = [other for other in range(len(WEIGHED)) if other != place]
    others.sort(key=lambda other: -similarity(WEIGHED[place], WEIGHED[other]))
    return others.index(partner(place))


def places_of(*labels: str) -> list[int]:
    return [place for place in range(len(DIRECTIONS)) if label(place) in labels]


def test_the_set_has_at_least_sixty_pairs_of_three_kinds() -> None:
    assert len(PAIRS) >= 60
    assert {pair["label"] for pair in PAIRS} == {"same", "near", "unrelated"}
    assert len({tuple(side) for pair in PAIRS for side in (pair["a"], pair["b"])}) == 2 * len(PAIRS)


@pytest.mark.parametrize(("kind", "share"), [("same", 1.0), ("near", 0.9)])
def test_the_near_one_is_among_the_first_three(kind: str, share: float) -> None:
    places = places_of(kind)
    missed = [PAIRS[place // 2]["a"][0] for place in places if rank(place) >= 3]
    assert len(missed) <= (1 - share) * len(places), missed


def test_the_same_is_more_alike_than_the_near_and_the_near_more_than_the_unrelated() -> None:
    same, near, unrelated = (median(alike(place) for place in places_of(kind)) for kind in ("same", "near", "unrelated"))
    assert same > 2 * near > 4 * unrelated
    assert min(alike(place) for place in places_of("same", "near")) >= LEAST


def test_stock_phrases_alone_are_no_likeness() -> None:
    phrases = "围绕产业链部署创新链，突破关键核心技术，推动成果转化和产学研合作。"
    one, other = (Direction.of(f"{trade}创新联合体", phrases) for trade in ("螺蛳粉", "盾构"))
    rarity = Rarity([*DIRECTIONS, one, other])
    words = shared_words(one, other, rarity)
    assert not {"创新联合体", "关键核心技术", "成果转化", "产学研", "产业链"} & set(words)
    assert similarity(rarity.weigh(Direction.of("创新联合体")), rarity.weigh(Direction.of("创新联合体"))) == 0


def test_shared_words_are_what_both_say_and_none_is_inside_another() -> None:
    for place in places_of("same"):
        words = shared_words(DIRECTIONS[place], DIRECTIONS[partner(place)], RARITY)
        both = ["\n".join(DIRECTIONS[side].runs) for side in (place, partner(place))]
        assert words
        assert all(word in text for word in words for text in both)
        assert not any(word in other for word in words for other in words if word != other)


def test_a_direction_is_wholly_like_itself_and_not_at_all_like_nothing() -> None:
    assert similarity(WEIGHED[0], WEIGHED[0]) == pytest.approx(1)
    assert similarity(WEIGHED[0], RARITY.weigh(Direction.of(None, ""))) == 0
