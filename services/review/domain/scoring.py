"""Scores: they are weighted by the rubric, aggregated over experts, and compared over a call. Computed scores stay exact
fractions and are rounded only for display (A6(2))."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from statistics import median

from services.contracts.review.case_parts import Criterion
from services.kernel.errors import FieldError, Invalid, Text

#: The highest possible total, in points, whatever the maxima of the criteria are.
FULL = 100
#: The mean and the standard deviation to which each expert's totals in a call are normalised.
NORMAL_MEAN, NORMAL_DEVIATION = 50, 10
#: The decimals of a normalised total, which is not exact because it needs a square root.
NORMAL_PLACES = 10
#: The rubric of a case without a call: one criterion for the whole.
OVERALL: tuple[Criterion, ...] = ({"criterion": "overall", "weight": 1, "max": FULL},)


@dataclass(frozen=True, slots=True)
class Aggregation:
    """The policy's numbers for aggregating a panel's totals. With at least `trimmed_from` experts, the highest and the lowest
    total are left out. A total is an outlier if its distance from the median is more than `outlier_times` the median distance and
    more than `outlier_points`; because of the second condition, near-unanimous panels have none. If an older event lacks one of
    the numbers, the default is the value that was used at that time."""

    trimmed_from: int = 5
    outlier_times: int = 3
    outlier_points: int = 10

    @classmethod
    def read(cls, data: Mapping[str, int] | None) -> Aggregation:
        """Read the numbers. Fields that a newer policy may add are ignored."""
        return cls(**{name: value for name, value in (data or {}).items() if name in cls.__dataclass_fields__})


DEFAULT_AGGREGATION = Aggregation()


@dataclass(eq=False)
class Score:
    """One reviewer's scores. Every edit is stored as a row of its own; the newest row of a seat counts. `scores` are decimal
    strings by criterion, `total` is the exact weighted total, such as "253/3"."""

    id: str
    seat_id: str
    case_id: str
    account: str
    scores: dict[str, str]
    comment: str
    total: str
    at: datetime

    @property
    def points(self) -> Fraction:
        """Return the total as a number, in points of 100."""
        return Fraction(self.total)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The result of aggregating a panel's totals. `spread` is the highest total minus the lowest; `outliers` are the accounts
    whose totals are outliers."""

    value: Fraction
    method: str
    spread: Fraction
    outliers: tuple[str, ...]


def check_scores(rubric: Sequence[Criterion], scores: Mapping[str, Decimal]) -> None:
    """Raise Invalid unless exactly the criteria are scored, each within its maximum."""
    errors = tuple(_score_errors(rubric, scores))
    if errors:
        raise Invalid(
            "invalid_scores", "评分不完整或超出范围，请按提示修改。", "The scores do not fit the rubric.", errors=errors
        )


def _score_errors(rubric: Sequence[Criterion], scores: Mapping[str, Decimal]) -> Iterator[FieldError]:
    for row in rubric:
        criterion, maximum = row["criterion"], Decimal(str(row["max"]))
        if criterion not in scores:
            text = Text(f"请为“{criterion}”评分。", f"Give a score for {criterion}.")
            yield FieldError(_pointer(criterion), "score_required", text)
        elif not 0 <= scores[criterion] <= maximum:
            text = Text(f"“{criterion}”的评分应在 0 与 {maximum} 之间。", f"{criterion} is scored from 0 to {maximum}.")
            yield FieldError(_pointer(criterion), "score_out_of_range", text)
    for criterion in scores.keys() - {row["criterion"] for row in rubric}:
        yield FieldError(_pointer(criterion), "unknown_criterion", Text("没有这一评分项。", "There is no such criterion."))


def _pointer(criterion: str) -> str:
    return "/scores/" + criterion.replace("~", "~0").replace("/", "~1")


def total(rubric: Sequence[Criterion], scores: Mapping[str, Decimal]) -> Fraction:
    """Return the weighted mean of the criteria, each as a share of its maximum, in points of 100. The weights need not add up to
    1."""
    weights = [Fraction(str(row["weight"])) for row in rubric]
    shares = [Fraction(scores[row["criterion"]]) / Fraction(str(row["max"])) for row in rubric]
    weighted = sum((weight * share for weight, share in zip(weights, shares, strict=True)), Fraction())
    return FULL * weighted / sum(weights, Fraction())


def aggregate(totals: Mapping[str, Fraction], aggregation: Aggregation = DEFAULT_AGGREGATION) -> Aggregate:
    """Aggregate one panel's totals by account (at least one): take their mean or, if there are enough, their trimmed mean."""
    values = sorted(totals.values())
    return Aggregate(
        mean(values, aggregation), method(len(values), aggregation), values[-1] - values[0], _outliers(totals, aggregation)
    )


def method(count: int, aggregation: Aggregation = DEFAULT_AGGREGATION) -> str:
    return "trimmed_mean" if count >= aggregation.trimmed_from else "mean"


def mean(values: Sequence[Fraction], aggregation: Aggregation = DEFAULT_AGGREGATION) -> Fraction:
    """Return the mean of the values; if there are enough values, one highest and one lowest value are left out."""
    used_values = sorted(values)[1:-1] if method(len(values), aggregation) == "trimmed_mean" else values
    return sum(used_values, Fraction()) / len(used_values)


def _outliers(totals: Mapping[str, Fraction], aggregation: Aggregation) -> tuple[str, ...]:
    middle = median(totals.values())
    distances = {account: abs(value - middle) for account, value in totals.items()}
    limit = max(aggregation.outlier_times * median(distances.values()), Fraction(aggregation.outlier_points))
    return tuple(sorted(account for account, distance in distances.items() if distance > limit))


def ranks(values: Mapping[str, Fraction]) -> dict[str, int]:
    """Return ranks from 1 on, the highest value first. Equal values share a rank, and the next rank is then skipped."""
    ordered = sorted(values.values(), reverse=True)
    return {key: ordered.index(value) + 1 for key, value in values.items()}


def normalised(
    totals: Mapping[str, Mapping[str, Fraction]], aggregation: Aggregation = DEFAULT_AGGREGATION
) -> dict[str, Fraction]:
    """Return each case's aggregate without the differences between experts: some score mildly, others strictly, and some use a
    wider range than others.

    `totals`: case → account → total. An expert's totals in a call are standardised (z-score) to mean 50 and standard deviation
    10. Each total of an expert who gave every case the same total, or scored only one, counts as 50, because it says nothing
    about the order.
    """
    by_expert: defaultdict[str, dict[str, Fraction]] = defaultdict(dict)
    for case, of_case in totals.items():
        for account, value in of_case.items():
            by_expert[account][case] = value
    standard = {account: _standardised(values) for account, values in by_expert.items()}
    return {case: mean([standard[account][case] for account in of_case], aggregation) for case, of_case in totals.items()}


def _standardised(values: Mapping[str, Fraction]) -> dict[str, Fraction]:
    middle = sum(values.values(), Fraction()) / len(values)
    variance = sum(((value - middle) ** 2 for value in values.values()), Fraction()) / len(values)
    if not variance:
        return dict.fromkeys(values, Fraction(NORMAL_MEAN))
    deviation = Fraction((Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt())
    return {
        case: round(NORMAL_MEAN + NORMAL_DEVIATION * (value - middle) / deviation, NORMAL_PLACES)
        for case, value in values.items()
    }


#: Points that are added to the value of a case that ranks first by policy (优先支持, A9(1)1). The number exceeds any score, so
#: such a case ranks before all others.
RANK_FIRST_BONUS = 1000


def placed_value(value: Fraction, first: bool) -> Fraction:
    """Return the value by which a case is ranked. `first`: whether the case ranks first by policy."""
    return value + RANK_FIRST_BONUS if first else value


def rounded_for_display(value: Fraction) -> float:
    """Round a result to four decimals, for display only. Nothing is computed from the rounded number."""
    return float(round(value, 4))
