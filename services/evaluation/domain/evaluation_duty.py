"""The duty to take part in an evaluation, and the day by which the next one is due (A13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.evaluation.domain.consortium import Consortium
from services.policy import Evaluation, add_years, not_past

#: Why a notice obliges a consortium whatever its last grade.
DEFERRAL, ABSENCE = "deferral", "absence"


@dataclass(frozen=True, slots=True)
class NextRound:
    """When a consortium is evaluated next. `by`: the last day, None where it is the next round whenever that is; `overdue`: the
    day has passed and `by` is the end of this year instead."""

    by: date | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Part:
    """How a consortium's part in one earlier round ended."""

    status: str
    mandatory: bool
    issued_on: date


def must_take_part(consortium: Consortium, issued_on: date, rule: Evaluation) -> bool:
    """Whether a notice issued on this day obliges it: it has operated for the years and was not graded within the cycle, counted
    in calendar years between the notices; or it was granted a deferral, or was absent and kept (A13)."""
    if consortium.owes_round:
        return True
    under = consortium.graded_under
    graded_lately = under is not None and issued_on.year < under.year + rule.cycle_years
    return has_operated(consortium, issued_on, rule) and not graded_lately


def is_invited(consortium: Consortium, issued_on: date, rule: Evaluation, *, allow_younger: bool) -> bool:
    """Whether a notice invites it: it must take part, or is younger and the notice allows that. A consortium under
    rectification waits for its acceptance instead."""
    if consortium.status != "active" or consortium.recognised_on > issued_on:
        return False
    younger = not has_operated(consortium, issued_on, rule)
    return must_take_part(consortium, issued_on, rule) or (allow_younger and younger)


def has_operated(consortium: Consortium, issued_on: date, rule: Evaluation) -> bool:
    """Whether it has operated for the years by this day: recognised on 2024-02-29 it has on 2027-02-28."""
    return add_years(consortium.recognised_on, rule.operation_years) <= issued_on


def first_round_by(recognised_on: date, rule: Evaluation) -> date:
    """The day on which a consortium that was never graded reaches its years of operation."""
    return add_years(recognised_on, rule.operation_years)


def round_after(issued_on: date, rule: Evaluation) -> date:
    """By when a consortium graded under a notice of this day is evaluated again."""
    return date(issued_on.year + rule.cycle_years, 12, 31)


def next_round(consortium: Consortium, today: date) -> NextRound:
    """By when the next evaluation is due; never a day that has passed."""
    due = consortium.next_round_by
    if consortium.owes_round == DEFERRAL or due is None:
        return NextRound(None, overdue=False)
    if consortium.graded_under:  # earlier releases kept the day of the notice
        due = date(due.year, 12, 31)
    return NextRound(not_past(due, today), overdue=due < today)


def owed_after(parts: Iterable[Part]) -> tuple[str | None, int]:
    """The duty that earlier rounds leave, the last round first: why the next notice obliges the consortium, and how many
    deferrals in a row were granted. A cancelled round and one that goes on count for nothing."""
    owed, deferrals = None, 0
    for part in parts:
        if part.status == "deferred":
            owed, deferrals = owed or DEFERRAL, deferrals + 1
        elif part.status in ("absent", "withdrawn") and part.mandatory:
            return owed or ABSENCE, deferrals
        elif part.status in ("published", "absent", "withdrawn", "declined"):
            break
    return owed, deferrals
