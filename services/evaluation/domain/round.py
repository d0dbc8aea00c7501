"""An evaluation round (A13): its notice, its participants, and the grade that a score leads to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from services.contracts.evaluation.rounds import NoticeDict
from services.contracts.evaluation.stored import Amendment, Cancellation, Contact, Criterion, GradeBand
from services.contracts.labels import label
from services.kernel.clock import local_date
from services.kernel.errors import Conflict, FieldError, Invalid, Text
from services.policy import Evaluation, Policy, add_working_days, add_years


class RoundStatus(StrEnum):
    """The state of a round. `publicised`: the grades are in their publicity period."""

    OPEN = "open"
    PUBLICISED = "publicised"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


@dataclass(eq=False, kw_only=True)
class Round:
    """A round. `period_from` to `period_to`: the days in which outcomes must have been achieved. `bands` are in descending order,
    the best grade first. `caps`: grade → the largest share of the participants that may get the grade; the resulting number is
    rounded down, but is at least one if `caps_at_least_one`. `status`: open, publicised (公示), published or cancelled.
    `amendments`: the province's changes to the notice since it was issued. `contact`: name, telephone, address and e-mail of the
    person who answers questions and takes written objections."""

    id: str
    title: str
    issued_on: date
    opens_at: datetime
    closes_at: datetime
    period_from: date
    period_to: date
    policy: str
    rubric: list[Criterion]
    bands: list[GradeBand]
    caps: dict[str, str]
    caps_at_least_one: bool
    allow_younger: bool
    min_reviewers: int
    status: str
    publicity_ends: datetime | None
    published_on: date | None
    amendments: list[Amendment]
    cancellation: Cancellation | None
    contact: Contact | None
    revision: int
    created_at: datetime

    @property
    def subject(self) -> str:
        return f"evaluation/{self.id}"

    def state(self) -> dict[str, object]:
        """Return the data that the audit log digests."""
        return {"status": self.status, "revision": self.revision}

    def band_of(self, score: Decimal) -> str:
        """Return the grade to which a score of 0 to 100 points leads."""
        return next(band["grade"] for band in self.bands if score >= band["at_least"])

    def require_window(self, now: datetime) -> None:
        """Raise Conflict if `now` is outside the window in which reports are submitted."""
        if not self.opens_at <= now <= self.closes_at:
            raise Conflict(
                "window_closed",
                f"评估材料的报送时间为 {local_date(self.opens_at)} 至 {local_date(self.closes_at)}，现在不能办理（第十三条）。",
                f"Materials are taken from {local_date(self.opens_at)} to {local_date(self.closes_at)} only (article 13).",
                status=self.status,
                article="A13",
            )

    def require_open(self) -> None:
        """Raise Conflict if the round is cancelled, and once its grades are public."""
        if self.status == RoundStatus.CANCELLED:
            raise self._conflict("evaluation_cancelled", "该轮评估已取消。", "This round is cancelled.")
        if self.status != RoundStatus.OPEN:
            raise self._conflict(
                "evaluation_closed",
                "该轮评估的等次已公布，不能再更改。",
                "The grades of this round are public and cannot be changed.",
            )

    def extend(self, closes_at: datetime, now: datetime) -> None:
        """Set a later end of the window for reports. Raises Conflict once the window is over, Invalid if the new end is not later
        than the present end."""
        self.require_open()
        if now > self.closes_at:
            raise self._conflict(
                "window_closed",
                f"材料报送时间已于 {local_date(self.closes_at)} 截止，不能再延长；确需延长的，请取消后重新发布通知。",
                f"The window ended on {local_date(self.closes_at)} and cannot be extended; cancel the notice and issue another.",
            )
        if closes_at <= self.closes_at:
            raise Invalid.field(
                "/window/closes_at",
                "not_later",
                "材料报送时间只能延长，不能缩短。",
                "A window can only be extended.",
            )
        self.closes_at = closes_at
        self.revision += 1

    def correct(self, title: str) -> None:
        """Change the title. Raises Conflict once the round is cancelled or its grades are public."""
        self.require_open()
        self.title = title
        self.revision += 1

    def reach(self, contact: Contact | None) -> None:
        """Change the contact. Raises Conflict once the round is over or cancelled."""
        if self.status not in (RoundStatus.OPEN, RoundStatus.PUBLICISED):
            self.require_open()
        self.contact = contact
        self.revision += 1

    def cancel(self, cancellation: Cancellation) -> None:
        """Cancel the round. Raises Conflict if the round is cancelled already, and once its grades are public."""
        self.require_open()
        self.status, self.cancellation = RoundStatus.CANCELLED, cancellation
        self.revision += 1

    def require_grade(self, grade: str) -> None:
        """Raise Invalid if the grade is not one of this round's grades."""
        grades_allowed = [band["grade"] for band in self.bands]
        if grade not in grades_allowed:
            words = [label("grade", code) for code in grades_allowed]
            raise Invalid.field(
                "/grade",
                "unknown_grade",
                f"没有这一等次，只能是：{'、'.join(grade_word.zh for grade_word in words)}。",
                f"There is no such grade; it must be one of: {', '.join(grade_word.en for grade_word in words)}.",
            )

    def over_cap(self, grades: Sequence[str], among: int) -> dict[str, tuple[int, int]]:
        """Return the grades that were given more often than allowed: grade → (given, the most allowed). `among`: the number of
        participations that still run or are graded; absent, withdrawn, deferred and cancelled participations do not count."""
        maximum_by_grade = {grade: self._maximum(share, among) for grade, share in self.caps.items()}
        return {grade: (grades.count(grade), limit) for grade, limit in maximum_by_grade.items() if grades.count(grade) > limit}

    def _maximum(self, share: str, among: int) -> int:
        rounded_down = int(Fraction(share) * among)
        return max(rounded_down, 1) if self.caps_at_least_one and Fraction(share) else rounded_down

    def _conflict(self, code: str, zh: str, en: str) -> Conflict:
        return Conflict(code, zh, en, status=self.status, article="A13")


def notice_errors(
    notice: NoticeDict, opens_at: datetime, closes_at: datetime, now: datetime, rule: Evaluation
) -> Iterable[FieldError]:
    """Yield an error for each mistake in the dates and the rubric of an evaluation notice."""
    today = local_date(now)
    if (issued_on := date.fromisoformat(notice["issued_on"])) != today:
        code = "date_ahead" if issued_on > today else "date_behind"
        yield _error(
            "/issued_on",
            code,
            f"发布日期应为发布当日（{today}），不能提前或倒签。",
            f"The date of issue is the day on which the notice is issued ({today}).",
        )
    yield from _window_errors(opens_at, closes_at, now, rule)
    yield from _period_errors(date.fromisoformat(notice["period"]["from"]), date.fromisoformat(notice["period"]["to"]), rule)
    names = [row["criterion"] for row in notice["rubric"]]
    if len(set(names)) != len(names):
        yield _error("/rubric", "criterion_twice", "评分指标不能重复。", "A criterion is named twice.")
    for index, row in enumerate(notice["rubric"]):
        if not (row["weight"] > 0 and row["max"] > 0):
            yield _error(f"/rubric/{index}", "not_positive", "权重和满分应大于零。", "Weight and maximum must be positive.")


def _window_errors(opens_at: datetime, closes_at: datetime, now: datetime, rule: Evaluation) -> Iterable[FieldError]:
    """Yield an error if the window for reports is empty or too short. The window is counted from the later of the notice's issue
    and the window's opening; an end at midnight belongs to the day before."""
    if opens_at >= closes_at:
        yield _error("/window/closes_at", "window_empty", "截止时间须晚于开始时间。", "The window must close after it opens.")
        return
    days = rule.shortest_window_working_days
    earliest = add_working_days(local_date(max(opens_at, now)), days)
    if local_date(closes_at - timedelta(microseconds=1)) < earliest:
        yield _error(
            "/window/closes_at",
            "window_too_short",
            f"材料报送时间自发布或开始之日（以较晚者为准）起不少于 {days} 个工作日，截止日期应不早于 {earliest}。",
            f"The window lasts at least {days} working days from the later of issue and opening: until {earliest} or later.",
        )


def _period_errors(begin: date, end: date, rule: Evaluation) -> Iterable[FieldError]:
    if begin > end:
        yield _error(
            "/period/to", "period_empty", "评估周期的结束日期不能早于开始日期。", "The period must not end before it begins."
        )
    elif end > add_years(begin, rule.longest_period_years):
        years = rule.longest_period_years
        yield _error("/period/to", "period_too_long", f"评估周期最长 {years} 年。", f"The period is at most {years} years.")


def band_errors(bands: Sequence[GradeBand], caps: Mapping[str, str], policy: Policy) -> Iterable[FieldError]:
    """Yield an error unless each grade of the policy has one band, in the policy's order and with bounds descending to zero.
    Yield an error for each cap that names no grade (A13)."""
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


def _error(pointer: str, code: str, zh: str, en: str) -> FieldError:
    return FieldError(pointer, code, Text(zh, en))
