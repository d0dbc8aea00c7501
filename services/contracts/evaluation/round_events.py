"""The events of evaluation rounds and their grades: one schema and one example each."""

from __future__ import annotations

from functools import partial

from marshmallow import fields

from services.contracts.common import EventType
from services.contracts.evaluation.payloads import (
    EvaluationCancelled,
    EvaluationChanged,
    EvaluationDue,
    EvaluationGraded,
    EvaluationNoticed,
    EvaluationPublicised,
    EvaluationPublished,
    GradeObjected,
    GradePublicised,
    ObjectionAnswered,
    ObjectionAnswerPrepared,
)
from services.contracts.evaluation.subjects import CONSORTIUM, EVALUATION, JOINED, UNITS, ConsortiumData, Data, ParticipationData


class NoticedData(Data):
    evaluation = fields.String(required=True)
    title = fields.String(required=True)
    issued_on = fields.Date(required=True)
    opens_at = fields.AwareDateTime(required=True)
    closes_at = fields.AwareDateTime(required=True)
    policy = fields.String(required=True)
    invited = fields.Integer(required=True)


class ChangedData(Data):
    """A notice of evaluation was changed; the event contains the new state. `extended`: whether its window ends later than
    before."""

    evaluation = fields.String(required=True)
    title = fields.String(required=True)
    closes_at = fields.AwareDateTime(required=True)
    extended = fields.Boolean(required=True)


class CancelledData(Data):
    evaluation = fields.String(required=True)
    title = fields.String(required=True)
    reason = fields.String(required=True)


class PublicisedData(Data):
    evaluation = fields.String(required=True)
    title = fields.String(required=True)
    ends_on = fields.Date(required=True)
    graded = fields.Integer(required=True)


class GradePublicisedData(ParticipationData):
    """A grade was made public. It takes effect after `ends_on`, unless an objection waits for an answer."""

    grade = fields.String(required=True)
    ends_on = fields.Date(required=True)


class ObjectedData(ParticipationData):
    """An objection to a public grade was filed. The grade takes effect only after the objection is answered.

    `by`: the account that objected; null for a written objection.
    """

    objection = fields.String(required=True)
    by = fields.String(allow_none=True)
    answer_by = fields.Date(required=True)


class AnswerPreparedData(ParticipationData):
    """An answer to objections was prepared and waits for the signature of another chief."""

    objection = fields.String(required=True)
    by = fields.String(allow_none=True)
    outcome = fields.String(required=True)


class ObjectionAnsweredData(ParticipationData):
    """An objection was answered. `outcome`: dismissed, or upheld, after which the grade must be given again.

    `by`: the account that objected; null for a written objection.
    """

    objection = fields.String(required=True)
    by = fields.String(required=True, allow_none=True)
    answer = fields.String(required=True)
    outcome = fields.String(required=True)


class DueData(ConsortiumData):
    """The day by which a consortium must be evaluated next has changed. If the event names no day, the consortium is evaluated in
    the next round, whenever that is.

    `overdue`: the consortium should have been evaluated already.
    """

    next_round_by = fields.Date(required=True, allow_none=True)
    overdue = fields.Boolean(required=True)


class GradedData(ConsortiumData):
    participation = fields.String(required=True)
    evaluation = fields.String(required=True)
    title = fields.String(required=True)
    grade = fields.String(required=True)
    score = fields.String(required=True, allow_none=True)
    reason = fields.String(allow_none=True)
    objection = fields.String(allow_none=True)
    objections = fields.List(fields.String())


class PublishedData(GradedData):
    """A grade takes effect from `published_on`. `issued_on`: the day of its round's notice."""

    commended = fields.Boolean(required=True)
    published_on = fields.Date(required=True)
    next_round_by = fields.Date(required=True)
    issued_on = fields.Date()
    units = fields.List(fields.String(), required=True)


_graded = {name: value for name, value in JOINED.items() if name != "version"} | {"grade": "good", "score": "85", "reason": None}
_event = partial(EventType, "evaluation")


EVENTS: dict[str, EventType] = {
    "evaluation.noticed": _event(
        NoticedData,
        {
            "evaluation": EVALUATION,
            "title": "2026 年度创新联合体绩效评估",
            "issued_on": "2026-09-01",
            "opens_at": "2026-08-31T16:00:00+00:00",
            "closes_at": "2026-10-31T15:59:59+00:00",
            "policy": "guangxi_trial@1",
            "invited": 8,
            "article": "A13",
        },
        EvaluationNoticed,
    ),
    "evaluation.changed": _event(
        ChangedData,
        {
            "evaluation": EVALUATION,
            "title": "2026 年度创新联合体绩效评估",
            "closes_at": "2026-11-15T15:59:59+00:00",
            "extended": True,
            "article": "A13",
        },
        EvaluationChanged,
    ),
    "evaluation.cancelled": _event(
        CancelledData,
        {
            "evaluation": EVALUATION,
            "title": "2026 年度创新联合体绩效评估",
            "reason": "评估指标调整，另行通知。",
            "article": "A13",
        },
        EvaluationCancelled,
    ),
    "evaluation.due": _event(DueData, CONSORTIUM | {"next_round_by": "2026-12-31", "overdue": True}, EvaluationDue),
    "evaluation.graded": _event(GradedData, _graded, EvaluationGraded),
    "evaluation.publicised": _event(
        PublicisedData,
        {
            "evaluation": EVALUATION,
            "title": "2026 年度创新联合体绩效评估",
            "ends_on": "2026-12-01",
            "graded": 8,
            "article": "A13",
        },
        EvaluationPublicised,
    ),
    "evaluation.published": _event(
        PublishedData,
        _graded
        | UNITS
        | {"commended": False, "published_on": "2026-12-01", "next_round_by": "2029-12-31", "issued_on": "2026-09-01"},
        EvaluationPublished,
    ),
    "grade.publicised": _event(GradePublicisedData, JOINED | {"grade": "good", "ends_on": "2026-12-01"}, GradePublicised),
    "grade.objected": _event(
        ObjectedData,
        JOINED | {"objection": "01980000-0000-7000-8000-000000000029", "answer_by": "2026-12-01"},
        GradeObjected,
    ),
    "grade.objection_answer_prepared": _event(
        AnswerPreparedData,
        JOINED | {"objection": "01980000-0000-7000-8000-000000000029", "by": "applicant-91450200", "outcome": "upheld"},
        ObjectionAnswerPrepared,
    ),
    "grade.objection_answered": _event(
        ObjectionAnsweredData,
        JOINED
        | {
            "objection": "01980000-0000-7000-8000-000000000029",
            "by": "applicant-91450200",
            "answer": "经核实，所反映问题不属实。",
            "outcome": "dismissed",
        },
        ObjectionAnswered,
    ),
}
