"""Scores are weighted by the rubric, aggregated over experts and compared within a call (A6(2))."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.errors import Invalid
from services.review.domain.scoring import Aggregation, aggregate, check_scores, mean, normalised, ranks, total

RUBRIC = [{"criterion": "技术先进性", "weight": 60, "max": 100}, {"criterion": "组织/能力", "weight": 40, "max": 50}]

points = st.fractions(min_value=0, max_value=100, max_denominator=1000)
panels = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), points, min_size=1, max_size=9)


def scores(first: str, second: str) -> dict[str, Decimal]:
    return {"技术先进性": Decimal(first), "组织/能力": Decimal(second)}


def test_a_total_is_the_weighted_share_of_each_maximum_in_points_of_100() -> None:
    assert total(RUBRIC, scores("80", "40")) == 80
    assert total(RUBRIC, scores("100", "0")) == 60
    assert total(RUBRIC, scores("0", "12.5")) == 10


@given(st.integers(1, 50))
def test_weights_count_by_proportion_alone(factor: int) -> None:
    heavier = [row | {"weight": row["weight"] * factor} for row in RUBRIC]
    assert total(heavier, scores("71.3", "44")) == total(RUBRIC, scores("71.3", "44"))


def test_fractional_weights_are_exact() -> None:
    rubric = [{"criterion": "一", "weight": 0.1, "max": 10}, {"criterion": "二", "weight": 0.2, "max": 10}]
    assert total(rubric, {"一": Decimal(10), "二": Decimal(0)}) == Fraction(100, 3)


@pytest.mark.parametrize(
    ("given_scores", "pointer", "code"),
    [
        ({"技术先进性": "80"}, "/scores/组织~1能力", "score_required"),
        ({"技术先进性": "80", "组织/能力": "50.01"}, "/scores/组织~1能力", "score_out_of_range"),
        ({"技术先进性": "-1", "组织/能力": "50"}, "/scores/技术先进性", "score_out_of_range"),
        ({"技术先进性": "80", "组织/能力": "50", "其他": "1"}, "/scores/其他", "unknown_criterion"),
    ],
)
def test_scores_that_do_not_fit_the_rubric_are_refused_by_name(given_scores: dict[str, str], pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_scores(RUBRIC, {name: Decimal(value) for name, value in given_scores.items()})
    assert [(error.pointer, error.code) for error in refusal.value.errors] == [(pointer, code)]


def test_the_bounds_of_a_criterion_belong_to_it() -> None:
    check_scores(RUBRIC, scores("0", "50"))


def test_four_experts_are_averaged_and_from_five_on_the_extremes_are_dropped() -> None:
    four = aggregate({"a": Fraction(0), "b": Fraction(80), "c": Fraction(80), "d": Fraction(100)})
    five = aggregate({"a": Fraction(0), "b": Fraction(80), "c": Fraction(80), "d": Fraction(100), "e": Fraction(86)})
    assert (four.method, four.value) == ("mean", 65)
    assert (five.method, five.value) == ("trimmed_mean", 82)


@given(panels, st.randoms())
def test_the_order_of_experts_is_irrelevant(panel: dict[str, Fraction], random: object) -> None:
    shuffled = list(panel.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert aggregate(dict(shuffled)) == aggregate(panel)


@given(panels)
def test_an_aggregate_lies_between_the_lowest_and_the_highest(panel: dict[str, Fraction]) -> None:
    result = aggregate(panel)
    assert min(panel.values()) <= result.value <= max(panel.values())
    assert result.spread == max(panel.values()) - min(panel.values())


@given(st.lists(points, min_size=5, max_size=9))
def test_from_five_on_the_highest_alone_decides_nothing(values: list[Fraction]) -> None:
    highest = max(values)
    raised = [*values[: values.index(highest)], highest + 1000, *values[values.index(highest) + 1 :]]
    assert mean(raised) == mean(values)


@given(panels, st.fractions(min_value=0, max_value=50, max_denominator=100))
def test_raising_every_score_never_lowers_an_aggregate(panel: dict[str, Fraction], more: Fraction) -> None:
    assert aggregate({name: value + more for name, value in panel.items()}).value == aggregate(panel).value + more


def test_a_total_far_from_all_others_is_an_outlier_and_near_unanimity_has_none() -> None:
    far = aggregate({"a": Fraction(80), "b": Fraction(82), "c": Fraction(81), "d": Fraction(40)})
    near = aggregate({"a": Fraction(80), "b": Fraction(80), "c": Fraction(80), "d": Fraction(88)})
    spread = aggregate({"a": Fraction(50), "b": Fraction(65), "c": Fraction(80), "d": Fraction(95)})
    assert far.outliers == ("d",)
    assert near.outliers == ()
    assert spread.outliers == ()


def test_equal_values_share_a_rank_and_the_next_is_skipped() -> None:
    assert ranks({"x": Fraction(90), "y": Fraction(85), "z": Fraction(90), "w": Fraction(10)}) == {
        "x": 1,
        "z": 1,
        "y": 3,
        "w": 4,
    }


def test_normalising_takes_out_how_strict_an_expert_is() -> None:
    # Given a mild and a strict expert who agree on the order, and a case that only the strict one scored
    totals = {
        "first": {"mild": Fraction(95)},
        "second": {"strict": Fraction(60)},
        "third": {"mild": Fraction(85), "strict": Fraction(40)},
    }
    # When the scores are compared unchanged, then the strict expert's best case is last; when they are normalised, then this case
    # has the same rank as the mild expert's best case
    raw = {case: aggregate(of_case).value for case, of_case in totals.items()}
    assert ranks(raw) == {"first": 1, "third": 2, "second": 3}
    assert ranks(normalised(totals)) == {"first": 1, "second": 1, "third": 3}


@given(st.lists(points, min_size=2, max_size=12))
def test_one_experts_normalised_totals_have_mean_50_and_deviation_10(values: list[Fraction]) -> None:
    normal = normalised({f"case{index}": {"expert": value} for index, value in enumerate(values)})
    got = [float(value) for value in normal.values()]
    assert fmean(got) == pytest.approx(50)
    assert pstdev(got) == pytest.approx(10 if len(set(values)) > 1 else 0)


@given(points, st.integers(1, 6))
def test_an_expert_who_gave_every_case_the_same_says_nothing(value: Fraction, cases: int) -> None:
    normal = normalised({f"case{index}": {"expert": value} for index in range(cases)})
    assert set(normal.values()) == {Fraction(50)}


@given(st.dictionaries(st.sampled_from("uvwxyz"), panels, min_size=1), st.randoms())
def test_normalising_does_not_depend_on_order(totals: dict[str, dict[str, Fraction]], random: object) -> None:
    shuffled = [(case, dict(reversed(of_case.items()))) for case, of_case in totals.items()]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert normalised(dict(shuffled)) == normalised(totals)


def test_another_policy_drops_the_extremes_later_and_calls_others_outliers() -> None:
    panel = {"a": Fraction(0), "b": Fraction(80), "c": Fraction(80), "d": Fraction(100), "e": Fraction(86)}
    lenient = Aggregation.read({"trimmed_from": 7, "outlier_times": 3, "outlier_points": 30, "of_a_newer_policy": 1})
    assert (aggregate(panel).method, aggregate(panel, lenient).method) == ("trimmed_mean", "mean")
    assert aggregate(panel, lenient).value == Fraction(346, 5)
    assert (aggregate(panel).outliers, aggregate(panel, lenient).outliers) == (("a", "d"), ("a",))
    assert Aggregation.read(None) == Aggregation()
