"""Move a case from its present stage to the next stage (A6)."""

from __future__ import annotations

from datetime import date
from typing import NotRequired, TypedDict

from sqlalchemy.orm import Session

from services.contracts.payload import JsonObject
from services.contracts.review.payloads import ReviewPassed
from services.kernel.clock import Clock
from services.policy import add_working_days
from services.review import repository
from services.review.commands.publish_case_event import publish_case_event
from services.review.domain.case import Case, CaseStatus, Round, Stage
from services.review.domain.opinion import Opinion, OpinionOutcome
from services.review.domain.scoring import aggregate, rounded_for_display


def due_on(clock: Clock, stage: Stage) -> str:
    """Return the last day of a stage that begins today, as ISO text."""
    return add_working_days(clock.today(), stage.due_days).isoformat()


def leave_stage(session: Session, clock: Clock, case: Case, round: Round, opinion: Opinion | None = None) -> None:
    """Leave the present stage. If this bureau handles the next stage, the case enters that stage. If the province handles it, the
    case is passed, and `review.recommended` hands the subject to the province. After the last stage the case is passed, and
    `review.passed` reports the result of the scores to the service that asked for the review."""
    before = case.state()
    stage, following = round.stage(case.stage), round.after(case.stage)
    signed_opinion = opinion.to_signed() if opinion else None
    if following is None:
        case.settle(CaseStatus.PASSED)
        last = ReviewPassed(stage=stage.name, next_stage=None, opinion=signed_opinion, **scored(session, case, round))
        publish_case_event(session, case, "review.passed", stage.citation, last, before=before)
    elif following.level == stage.level:
        case.enter(following, due_on(clock, following))
        due = date.fromisoformat(case.due_on)
        passed = ReviewPassed(stage=stage.name, next_stage=following.name, opinion=signed_opinion, due_on=due)
        publish_case_event(session, case, "review.passed", stage.citation, passed, before=before)
    else:
        case.settle(CaseStatus.PASSED)
        handed_on: JsonObject = {
            **round.material,
            "stage": stage.name,
            "next_stage": following.name,
            **({"opinion": signed_opinion.to_dict()} if signed_opinion else {}),
            "outcome": opinion.outcome if opinion else OpinionOutcome.PASS,
        }
        publish_case_event(session, case, "review.recommended", stage.citation, handed_on, before=before)


class ScoreMembers(TypedDict):
    """The members that `review.passed` contains about the experts' scores."""

    score: NotRequired[str]
    spread: NotRequired[str]
    scores: NotRequired[int]


def scored(session: Session, case: Case, round: Round) -> ScoreMembers:
    """Return the result of the scores that count, in points of 100; empty if there are none."""
    totals = repository.totals(session, [case.id]).get(case.id)
    if not totals:
        return {}
    result = aggregate(totals, round.aggregation)
    return {
        "score": str(rounded_for_display(result.value)),
        "spread": str(rounded_for_display(result.spread)),
        "scores": len(totals),
    }
