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
    """The next evaluation of a consortium. `by`: the last day, None if it is the next round whatever its date. `overdue`: the day
    has passed, and `by` is the end of this year instead."""

    by: date | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Part:
    """The end of a consortium's participation in one round."""

    status: str
    mandatory: bool
    issued_on: date


def must_take_part(consortium: Consortium, issued_on: date, rule: Evaluation) -> bool:
    """Return whether a notice issued on this day obliges the consortium. It does if the consortium has operated for the policy's
    years and has no grade within the cycle, counted in calendar years between the notices. It also does after a granted deferral,
    or after an absence that did not end the recognition (A13)."""
    if consortium.owes_round:
        return True
    under = consortium.graded_under
    graded_lately = under is not None and issued_on.year < under.year + rule.cycle_years
    return has_operated(consortium, issued_on, rule) and not graded_lately


def is_invited(consortium: Consortium, issued_on: date, rule: Evaluation, *, allow_younger: bool) -> bool:
    """Return whether a notice invites the consortium: it must take part, or it is younger and the notice allows that. A
    consortium under rectification is not invited; it waits for its acceptance."""
    if consortium.status != "active" or consortium.recognised_on > issued_on:
        return False
    younger = not has_operated(consortium, issued_on, rule)
    return must_take_part(consortium, issued_on, rule) or (allow_younger and younger)


def has_operated(consortium: Consortium, issued_on: date, rule: Evaluation) -> bool:
    """Return whether the consortium has operated for the policy's years by this day. With three years, one recognised on
    2024-02-29 has on 2027-02-28."""
    return add_years(consortium.recognised_on, rule.operation_years) <= issued_on


def first_round_by(recognised_on: date, rule: Evaluation) -> date:
    """The day on which a consortium without a grade completes the policy's years of operation."""
    return add_years(recognised_on, rule.operation_years)


def round_after(issued_on: date, rule: Evaluation) -> date:
    """The last day of the next evaluation of a consortium graded under a notice of this day."""
    return date(issued_on.year + rule.cycle_years, 12, 31)


def next_round(consortium: Consortium, today: date) -> NextRound:
    """When the next evaluation is due; never a day in the past."""
    due = consortium.next_round_by
    if consortium.owes_round == DEFERRAL or due is None:
        return NextRound(None, overdue=False)
    if consortium.graded_under:  # earlier releases stored the notice's day, not the end of the year
        due = date(due.year, 12, 31)
    return NextRound(not_past(due, today), overdue=due < today)


def owed_after(parts: Iterable[Part]) -> tuple[str | None, int]:
    """The duty that earlier rounds leave, given the last round first: why the next notice obliges the consortium, and how many
    deferrals in a row were granted. Cancelled and running rounds are ignored."""
    owed, deferrals = None, 0
    for part in parts:
        if part.status == "deferred":
            owed, deferrals = owed or DEFERRAL, deferrals + 1
        elif part.status in ("absent", "withdrawn") and part.mandatory:
            return owed or ABSENCE, deferrals
        elif part.status in ("published", "absent", "withdrawn", "declined"):
            break
    return owed, deferrals
