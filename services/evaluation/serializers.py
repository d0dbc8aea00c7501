"""Serialize rounds, participations, rectifications and revocation cases for API answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypedDict, cast, overload

from services.contracts.evaluation.answers import (
    ConsortiumName,
    EvaluationAnswerDict,
    LeadName,
    ParticipantAnswerDict,
    ParticipantItemDict,
    RectificationAnswerDict,
    RevocationAnswerDict,
    RoundWarningDict,
)
from services.contracts.evaluation.stored import Correction, ExpertsResult
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.evaluation_duty import next_round
from services.evaluation.domain.participation import Participation, ParticipationStatus
from services.evaluation.domain.rectification import Rectification
from services.evaluation.domain.revocation import Revocation
from services.evaluation.domain.round import Round
from services.kernel.preconditions import version_tag


@overload
def moment(instant: datetime) -> str: ...
@overload
def moment(instant: None) -> None: ...
@overload
def moment(instant: datetime | None) -> str | None: ...
def moment(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


@overload
def day(date: date) -> str: ...
@overload
def day(date: None) -> None: ...
@overload
def day(date: date | None) -> str | None: ...
def day(date: date | None) -> str | None:
    return date.isoformat() if date else None


def round_answer(round: Round, counts: Mapping[str, int]) -> EvaluationAnswerDict:
    """Serialize an evaluation round with its notice and the number of participations of each status."""
    return {
        "id": round.id,
        "title": round.title,
        "status": round.status,
        "issued_on": day(round.issued_on),
        "window": {"opens_at": moment(round.opens_at), "closes_at": moment(round.closes_at)},
        "period": {"from": day(round.period_from), "to": day(round.period_to)},
        "policy": round.policy,
        "rubric": round.rubric,
        "bands": round.bands,
        "caps": round.caps,
        "caps_at_least_one": round.caps_at_least_one,
        "allow_younger": round.allow_younger,
        "min_reviewers": round.min_reviewers,
        "participants": dict(counts),
        "publicity_ends": moment(round.publicity_ends),
        "published_on": day(round.published_on),
        "amendments": round.amendments,
        "cancellation": round.cancellation,
        "contact": round.contact,
        "etag": version_tag(round.id, round.revision, round.state()),
    }


def warning(code: str, pointer: str | None, zh: str, en: str) -> RoundWarningDict:
    """Return a warning about input that is allowed but should be checked. The gateway chooses the language."""
    return {"code": code, "pointer": pointer, "message": {"zh": zh, "en": en}}


def participation_answer(
    participation: Participation, round: Round, consortium: Consortium, today: date, *, judged: bool = False
) -> ParticipantItemDict:
    """Serialize a participation as a row of a list. `judged`: include the grade and score even before they are public."""
    graded, due = participation.public or judged, next_round(consortium, today)
    return {
        "id": participation.id,
        "evaluation": round.id,
        "title": round.title,
        "consortium": {"id": consortium.id, "number": consortium.number, "name": consortium.name},
        "lead": {"uscc": consortium.lead, "name": consortium.lead_name},
        "recommender": participation.recommender,
        "mandatory": participation.mandatory,
        "status": participation.status
        if graded or participation.status != ParticipationStatus.GRADED
        else ParticipationStatus.SUBMITTED,
        "stage": participation.stage,
        "version": participation.version,
        "grade": participation.grade if graded else None,
        "score": participation.grade_score if graded else None,
        "next_round_by": day(due.by),
        "next_round_overdue": due.overdue,
        "publicity_ends": moment(participation.publicity_ends),
        "reason": participation.reason,
        "submitted_at": moment(participation.submitted_at),
        "updated_at": moment(participation.updated_at),
        "etag": version_tag(participation.id, participation.revision, participation.state()),
    }


def whole_participation_answer(
    participation: Participation, round: Round, consortium: Consortium, today: date, *, judged: bool = False
) -> ParticipantAnswerDict:
    """Serialize a participation with its report. `judged` as in `participation_answer`."""
    graded, returned = participation.public or judged, participation.returned
    experts: ExpertsResult = {"score": participation.score, "spread": participation.spread, "scores": participation.scores}
    correction = cast(Correction, {**returned, "due_at": moment(participation.correction_due)}) if returned else None
    answer = {
        **participation_answer(participation, round, consortium, today, judged=judged),
        "report": participation.content or None,
        "documents": participation.papers,
        "correction": correction,
        "deferral": participation.deferral,
        "hand_in_until": moment(participation.hand_in_until),
        "experts": experts if graded else None,
        "site_visit": participation.site_visit if graded else None,
        "grade_reason": participation.grade_reason if graded else None,
        "warnings": [],
    }
    return cast(ParticipantAnswerDict, answer)


def rectification_answer(case: Rectification, consortium: Consortium) -> RectificationAnswerDict:
    consortium_row = _consortium_members(consortium)
    return {
        "consortium": consortium_row["consortium"],
        "lead": consortium_row["lead"],
        "recommender": consortium_row["recommender"],
        "id": case.id,
        "evaluation": case.evaluation,
        "policy": case.policy,
        "status": case.status,
        "opened_on": day(case.opened_on),
        "due_on": day(case.due_on),
        "report": case.report,
        "acceptance_from": day(case.acceptance_from),
        "acceptance": case.acceptance,
        "closed_on": day(case.closed_on),
        "etag": version_tag(case.id, case.revision, case.state()),
    }


def revocation_answer(case: Revocation, consortium: Consortium) -> RevocationAnswerDict:
    consortium_row = _consortium_members(consortium)
    return {
        "consortium": consortium_row["consortium"],
        "lead": consortium_row["lead"],
        "recommender": consortium_row["recommender"],
        "id": case.id,
        "origin": case.origin,
        "status": case.status,
        "policy": case.policy,
        "grounds": case.grounds,
        "facts": case.facts,
        "reason": case.reason,
        "documents": case.papers,
        "proposed_on": day(case.proposed_on),
        "opened_on": day(case.opened_on),
        "statement_due": moment(case.statement_due),
        "statements": case.statements,
        "decision": case.decision,
        "etag": version_tag(case.id, case.revision, case.state()),
    }


class _Of(TypedDict):
    consortium: ConsortiumName
    lead: LeadName
    recommender: str


def _consortium_members(consortium: Consortium) -> _Of:
    return {
        "consortium": {"id": consortium.id, "number": consortium.number, "name": consortium.name},
        "lead": {"uscc": consortium.lead, "name": consortium.lead_name},
        "recommender": consortium.recommender,
    }
