"""The support measures that a consortium may use on a day, the reasons, and the remaining uses (A9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.application.domain.consortium import Consortium
from services.contracts.application.support_responses import EntitlementItemDict
from services.contracts.labels import LABELS, Label
from services.kernel.errors import Conflict, Text
from services.policy import add_years
from services.policy.citation import spell_out
from services.policy.evaluation_and_support import Measure

#: The statuses in which a use counts against the measure's limit.
COUNTED = ("requested", "granted", "recorded", "certified")

_STATUS = LABELS["consortium_status"]
_GRADES = LABELS["grade"]
_UNGRADED = Label("尚未评估", "not evaluated yet")


@dataclass(frozen=True, slots=True)
class StateOnDay:
    """The state of a consortium on a day. `status` None: it was not recognised yet."""

    on: date
    recognised_on: date
    status: str | None
    last_grade: str | None
    graded_on: date | None
    under_guidance: bool

    @classmethod
    def of(cls, consortium: Consortium, today: date) -> StateOnDay:
        """The state of a consortium today."""
        facts = (consortium.recognised_on, consortium.status, consortium.last_grade, consortium.graded_on)
        return cls(today, *facts, consortium.under_guidance)


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a support measure that counts against its limit; a reserved use counts too."""

    measure: str
    on: date
    round: str | None
    person: str | None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The result of checking whether a support measure may be used. `why`: the reasons with their citations; the first refusal
    among them decides. `limit`, `used` and `left` are set if the policy limits the number of uses."""

    measure: Measure
    allowed: bool
    why: tuple[Text, ...]
    code: str | None
    limit: int | None
    used: int | None
    left: int | None

    def answer(self) -> EntitlementItemDict:
        """Return the entitlement in the form in which answers contain it, and in which a request stores it."""
        citation = self.measure.citation
        return {
            "measure": self.measure.measure,
            "title": self.measure.title.to_dict(),
            "citation": citation,
            "allowed": self.allowed,
            "why": [{"citation": citation, "message": text.to_dict()} for text in self.why],
            "limit": self.limit,
            "used": self.used,
            "left": self.left,
            "per_round": self.measure.per_round,
            "ceiling": f"{self.measure.ceiling:.2f}" if self.measure.ceiling is not None else None,
            "handling": self.measure.handling,
            "verified_facts": list(self.measure.verified_facts),
            "outside_project_limits": self.measure.outside_project_limits,
        }

    def require(self) -> None:
        """Raise Conflict, with the reasons and the article, if the measure may not be used."""
        if self.allowed:
            return
        zh = "；".join(text.zh for text in self.why)
        en = "; ".join(text.en for text in self.why)
        article = spell_out(self.measure.citation)
        raise Conflict(
            self.code or "not_entitled",
            f"现在不能使用“{self.measure.title.zh}”：{zh}（{article.zh}）。",
            f"The measure “{self.measure.title.en}” cannot be used now: {en} ({article.en}).",
            article=self.measure.citation,
            left=self.left,
        )


def may_hold(measure: Measure, state: StateOnDay) -> bool:
    """Return whether the measure is open to a consortium with this status, grade and guidance. The uses so far and the day of a
    request are not checked."""
    return not (_status_refusal(measure, state) or _grade_refusal(measure, state) or _guidance_refusal(measure, state))


def assess(measure: Measure, state: StateOnDay, uses: Sequence[Use], cycle_years: int) -> Entitlement:
    """Return whether a consortium may use a measure on a day. `uses`: the uses of this consortium up to that day."""
    refusals = [
        refusal
        for refusal in (_status_refusal(measure, state), _grade_refusal(measure, state), _guidance_refusal(measure, state))
        if refusal
    ]
    window, outside = _usable_period(measure, state, cycle_years)
    refusals += [outside] if outside else []
    counted = [use for use in uses if use.measure == measure.measure and use.on <= state.on]
    limit, uses_counted = _limit_and_uses(measure, counted, window)
    remaining = max(limit - uses_counted, 0) if limit is not None else None
    if remaining == 0 and not refusals:
        text = Text(f"已使用 {uses_counted} 次，上限 {limit} 次", f"used {uses_counted} times of {limit}")
        return Entitlement(measure, False, (text,), "limit_reached", limit, uses_counted, 0)
    if refusals:
        return Entitlement(
            measure, False, tuple(refusals), "not_entitled", limit, uses_counted if limit is not None else None, remaining
        )
    reason = _entitlement(measure, state, remaining, window)
    return Entitlement(measure, True, (reason,), None, limit, uses_counted if limit is not None else None, remaining)


def _status_refusal(measure: Measure, state: StateOnDay) -> Text | None:
    if state.status is None:
        return Text(
            f"该日尚未获认定（认定日期 {state.recognised_on}）", f"not recognised yet on that day ({state.recognised_on})"
        )
    if state.status in measure.statuses:
        return None
    status = _STATUS[state.status]
    return Text(f"创新联合体{status.zh}，不能使用此项措施", f"the consortium is {status.en}")


def _grade_refusal(measure: Measure, state: StateOnDay) -> Text | None:
    if not measure.grades or state.last_grade in measure.grades or (state.last_grade is None and measure.unevaluated):
        return None
    grades = [_GRADES[grade] for grade in measure.grades]
    required = Text("、".join(grade.zh for grade in grades), ", ".join(grade.en for grade in grades))
    grade = _GRADES[state.last_grade] if state.last_grade else _UNGRADED
    return Text(
        f"最近一次评估等次应为{required.zh}，现为{grade.zh}", f"the last grade must be one of {required.en}; it is {grade.en}"
    )


def _guidance_refusal(measure: Measure, state: StateOnDay) -> Text | None:
    if measure.well_running and state.under_guidance:
        return Text("正在加强督促指导，不属于运行良好", "it is under guidance and so not well-running")
    return None


def _usable_period(measure: Measure, state: StateOnDay, cycle_years: int) -> tuple[tuple[date, date] | None, Text | None]:
    """Return the period in which the measure can be used, and the refusal if the day is outside it. The last day of a period
    belongs to the next period."""
    begin = {"first_cycle": state.recognised_on, "cycle_after_grade": state.graded_on}.get(measure.window or "")
    if begin is None:
        return None, None
    window = (begin, add_years(begin, cycle_years))
    if window[0] <= state.on < window[1]:
        return window, None
    return window, Text(f"只能在 {window[0]} 至 {window[1]}（不含）之间申报", f"only from {window[0]} until {window[1]}")


def _limit_and_uses(measure: Measure, uses: Sequence[Use], window: tuple[date, date] | None) -> tuple[int | None, int]:
    if measure.in_total is not None:
        return measure.in_total, len(uses)
    if measure.per_window is not None:
        return measure.per_window, sum(window is None or window[0] <= use.on < window[1] for use in uses)
    return None, len(uses)


def _entitlement(measure: Measure, state: StateOnDay, remaining: int | None, window: tuple[date, date] | None) -> Text:
    zh, en = [_STATUS[state.status or "active"].zh], [_STATUS[state.status or "active"].en]
    if measure.grades:
        grade = _GRADES[state.last_grade] if state.last_grade else _UNGRADED
        zh.append(f"评估等次：{grade.zh}")
        en.append(f"grade: {grade.en}")
    if window:
        zh.append(f"可用至 {window[1]}（不含）")
        en.append(f"until {window[1]}")
    if remaining is not None:
        zh.append(f"剩余 {remaining} 次")
        en.append(f"{remaining} left")
    return Text("，".join(zh), ", ".join(en))


def require_round(measure: Measure, uses: Sequence[Use], round: str | None) -> None:
    """Raise Conflict if the uses of this round are exhausted (A9(3)2: 每次推荐1名)."""
    if measure.per_round is None:
        return
    uses_in_round = sum(use.measure == measure.measure and use.round == round for use in uses)
    if uses_in_round >= measure.per_round:
        raise Conflict(
            "round_used",
            f"本轮已推荐 {uses_in_round} 名，每轮最多 {measure.per_round} 名（{spell_out(measure.citation).zh}）。",
            f"{uses_in_round} nominated in this round; at most {measure.per_round} each ({spell_out(measure.citation).en}).",
            article=measure.citation,
        )


def require_new_person(measure: Measure, uses: Sequence[Use], person: str | None) -> None:
    """Raise Conflict if the person has used this measure already (一人一策)."""
    if measure.once_per_person and any(use.measure == measure.measure and use.person == person for use in uses):
        raise Conflict(
            "person_already",
            "该人才（团队）已按此项措施办理，请勿重复申报。",
            "This person or team has a file by this measure already.",
            article=measure.citation,
        )
