"""The duty to take part in an evaluation, and the day by which the next one is due (A13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.evaluation.domain.consortium import Consortium, ConsortiumStatus
from services.evaluation.domain.participation import ParticipationStatus
from services.policy import Evaluation, add_years, not_past

#: The reasons for which the next notice obliges a consortium to take part whatever its last grade: a granted deferral, or an
#: absence.
DEFERRAL, ABSENCE = "deferral", "absence"


@dataclass(frozen=True, slots=True)
class NextRound:
    """The time by which a consortium must be evaluated next. `by`: the last day for the evaluation; None if the consortium must
    take part in the next round, whatever its date. `overdue`: the last day has passed; `by` is then the end of this year."""

    by: date | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Part:
    """How a consortium's participation in one round ended."""

    status: str
    mandatory: bool
    issued_on: date


def is_obliged(consortium: Consortium, issued_on: date, rule: Evaluation) -> bool:
    """Return whether a notice issued on this day obliges the consortium to take part. A notice does so if the consortium has
    operated for the policy's number of years and has no grade within the cycle, counted in calendar years between the notices. It
    also does so after a granted deferral, and after an absence that did not end the recognition (A13)."""
    if consortium.owes_round:
        return True
    under = consortium.graded_under
    graded_lately = under is not None and issued_on.year < under.year + rule.cycle_years
    return has_operated(consortium, issued_on, rule) and not graded_lately


def is_invited(consortium: Consortium, issued_on: date, rule: Evaluation, *, allow_younger: bool) -> bool:
    """Return whether a notice invites the consortium: the consortium must take part, or it has not operated long enough to be
    obliged and the notice allows younger consortia. A consortium under rectification is not invited, because its acceptance comes
    first."""
    if consortium.status != ConsortiumStatus.ACTIVE or consortium.recognised_on > issued_on:
        return False
    is_younger = not has_operated(consortium, issued_on, rule)
    return is_obliged(consortium, issued_on, rule) or (allow_younger and is_younger)


def has_operated(consortium: Consortium, issued_on: date, rule: Evaluation) -> bool:
    """Return whether the consortium has operated for the policy's number of years by this day. If that number is three, a
    consortium recognised on 2024-02-29 has operated long enough on 2027-02-28."""
    return add_years(consortium.recognised_on, rule.operation_years) <= issued_on


def first_round_by(recognised_on: date, rule: Evaluation) -> date:
    """Return the day by which a consortium without a grade must be evaluated first: the day on which it completes the policy's
    years of operation."""
    return add_years(recognised_on, rule.operation_years)


def round_after(issued_on: date, rule: Evaluation) -> date:
    """Return the last day on which a consortium can be evaluated again in time, if its last grade was given under a notice issued
    on `issued_on`."""
    return date(issued_on.year + rule.cycle_years, 12, 31)


def next_round(consortium: Consortium, today: date) -> NextRound:
    """Return by when the consortium must be evaluated next, which is never a day in the past."""
    due = consortium.next_round_by
    if consortium.owes_round == DEFERRAL or due is None:
        return NextRound(None, overdue=False)
    if consortium.graded_under:  # Earlier releases stored the day and month of the notice instead of the end of the year.
        due = date(due.year, 12, 31)
    return NextRound(not_past(due, today), overdue=due < today)


def duty_after(parts: Iterable[Part]) -> tuple[str | None, int]:
    """Return the duty that follows from earlier rounds: why the next notice obliges the consortium (None if only its last grade
    matters), and how many deferrals in a row were granted. `parts` starts with the last round. Cancelled and running rounds are
    ignored."""
    owed, deferrals = None, 0
    for part in parts:
        if part.status == ParticipationStatus.DEFERRED:
            owed, deferrals = owed or DEFERRAL, deferrals + 1
        elif part.status in (ParticipationStatus.ABSENT, ParticipationStatus.WITHDRAWN) and part.mandatory:
            return owed or ABSENCE, deferrals
        elif part.status in (
            ParticipationStatus.PUBLISHED,
            ParticipationStatus.ABSENT,
            ParticipationStatus.WITHDRAWN,
            ParticipationStatus.DECLINED,
        ):
            break
    return owed, deferrals
