"""A round of evaluation (A13): what its notice says, who takes part, and which grade a score leads to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.evaluation.domain.consortium import Consortium
from services.kernel.clock import local_date
from services.kernel.errors import Conflict, FieldError, Invalid, Text
from services.policy import Policy, add_years

#: What grades are called in messages.
WORDS = {"excellent": "优秀", "good": "良好", "qualified": "合格", "rectify": "整改", "revoke": "撤销"}


@dataclass(eq=False, kw_only=True)
class Round:
    """`period_from` to `period_to`: when outcomes must have been achieved. `bands` fall from the best grade on; `caps` is the
    largest share of the graded that may get a grade. `status`: open, publicised (公示) or published."""

    id: str
    title: str
    issued_on: date
    opens_at: datetime
    closes_at: datetime
    period_from: date
    period_to: date
    policy: str
    rubric: list[dict[str, Any]]
    bands: list[dict[str, Any]]
    caps: dict[str, str]
    allow_younger: bool
    min_reviewers: int
    status: str
    publicity_ends: datetime | None
    published_on: date | None
    revision: int
    created_at: datetime

    @property
    def subject(self) -> str:
        return f"evaluation/{self.id}"

    def state(self) -> dict[str, Any]:
        """What the audit log digests."""
        return {"status": self.status, "revision": self.revision}

    def band_of(self, score: Decimal) -> str:
        """The grade that a score of 0 to 100 points leads to."""
        return next(band["grade"] for band in self.bands if score >= band["at_least"])  # type: ignore[no-any-return]

    def require_window(self, now: datetime) -> None:
        """Raises Conflict outside the window for materials."""
        if not self.opens_at <= now <= self.closes_at:
            raise Conflict(
                "window_closed",
                f"评估材料的报送时间为 {local_date(self.opens_at)} 至 {local_date(self.closes_at)}，现在不能办理（第十三条）。",
                f"Materials are taken from {local_date(self.opens_at)} to {local_date(self.closes_at)} only (article 13).",
                status=self.status,
                article="A13",
            )

    def require_open(self) -> None:
        """Raises Conflict once its grades are public."""
        if self.status != "open":
            raise Conflict(
                "evaluation_closed",
                "该轮评估的等次已公布，不能再更改。",
                "The grades of this round are public and cannot be changed.",
                status=self.status,
                article="A13",
            )

    def require_grade(self, grade: str) -> None:
        """Raises Invalid for a grade that this round does not have."""
        known = [band["grade"] for band in self.bands]
        if grade not in known:
            listed = "、".join(known)
            raise Invalid.field(
                "/grade", "unknown_grade", f"没有这一等次，只能是：{listed}。", f"Must be one of: {', '.join(known)}."
            )

    def over_cap(self, grades: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Grades given too often among these: grade → (given, the most allowed)."""
        most = {grade: int(Fraction(share) * len(grades)) for grade, share in self.caps.items()}
        return {grade: (grades.count(grade), limit) for grade, limit in most.items() if grades.count(grade) > limit}


def mistakes(notice: Mapping[str, Any], opens_at: datetime, closes_at: datetime, today: date) -> Iterable[FieldError]:
    """What is wrong with a notice's dates and its rubric."""
    if date.fromisoformat(notice["issued_on"]) > today:
        yield _error("/issued_on", "date_ahead", "发布日期不能晚于今天。", "The date of issue cannot lie ahead.")
    if opens_at >= closes_at:
        yield _error("/window/closes_at", "window_empty", "截止时间须晚于开始时间。", "The window must close after it opens.")
    if notice["period"]["from"] > notice["period"]["to"]:
        yield _error(
            "/period/to", "period_empty", "评估周期的结束日期不能早于开始日期。", "The period must not end before it begins."
        )
    names = [row["criterion"] for row in notice["rubric"]]
    if len(set(names)) != len(names):
        yield _error("/rubric", "criterion_twice", "评分指标不能重复。", "A criterion is named twice.")
    for place, row in enumerate(notice["rubric"]):
        if not (row["weight"] > 0 and row["max"] > 0):
            yield _error(f"/rubric/{place}", "not_positive", "权重和满分应大于零。", "Weight and maximum must be positive.")


def wrong_bands(bands: Sequence[Mapping[str, Any]], caps: Mapping[str, str], policy: Policy) -> Iterable[FieldError]:
    """Each grade of the policy has one band, in its order, falling to zero; a cap names a grade (A13)."""
    grades = [grade.grade for grade in policy.evaluation.grades]
    if [band["grade"] for band in bands] != grades:
        listed = "、".join(grades)
        yield _error("/bands", "bands_incomplete", f"应依次列出各等次：{listed}。", f"List every grade in this order: {listed}.")
        return
    bounds = [band["at_least"] for band in bands]
    if bounds != sorted(set(bounds), reverse=True) or bounds[-1] != 0:
        yield _error(
            "/bands",
            "bands_not_falling",
            "各等次的分数下限应逐级降低，最后一级为 0。",
            "The bounds must fall from grade to grade to 0.",
        )
    for grade in caps:
        if grade not in grades:
            yield _error(f"/caps/{grade}", "unknown_grade", "没有这一等次。", "There is no such grade.")


def must_take_part(consortium: Consortium, issued_on: date, policy: Policy) -> bool:
    """Whether it has operated long enough: from its recognition to the notice (A13)."""
    return add_years(consortium.recognised_on, policy.evaluation.operation_years) <= issued_on


def is_invited(consortium: Consortium, issued_on: date, policy: Policy, *, allow_younger: bool) -> bool:
    """Whether it takes part or may: one whose rectification runs waits for its acceptance instead."""
    if consortium.status != "active" or consortium.recognised_on > issued_on:
        return False
    return allow_younger or must_take_part(consortium, issued_on, policy)


def _error(pointer: str, code: str, zh: str, en: str) -> FieldError:
    return FieldError(pointer, code, Text(zh, en))
