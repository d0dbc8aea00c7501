"""The events of participations in evaluation rounds: one schema and one example each."""

from __future__ import annotations

from functools import partial

from marshmallow import fields

from services.contracts.common import EventType
from services.contracts.evaluation.payloads import (
    DeferralEvent,
    ParticipationCorrectionExtended,
    ParticipationExtended,
    ParticipationHandedOver,
    ParticipationInvited,
    ParticipationLeft,
    ParticipationOpinionVoid,
    ParticipationOutcomeAllowed,
    ParticipationRescored,
    ParticipationReturned,
    ParticipationStagePassed,
    ParticipationSubmitted,
)
from services.contracts.evaluation.subjects import EVALUATION, JOINED, UNITS, ParticipationData
from services.contracts.review.review_request import ReviewRequestData


class InvitedData(ParticipationData):
    mandatory = fields.Boolean(required=True)
    opens_on = fields.Date(required=True)
    closes_on = fields.Date(required=True)


class ExtendedData(ParticipationData):
    """The window of an evaluation round was extended. A participant without a report may submit it until `closes_on`; `answer_by`
    is set if its request for a deferral waits for an answer."""

    mandatory = fields.Boolean(required=True)
    closes_on = fields.Date(required=True)
    answer_by = fields.Date(allow_none=True)


class ParticipationSubmittedData(ReviewRequestData, ParticipationData):
    """A participant submitted its report. The event contains all data that a bureau needs to open its case, as
    `application.submitted` does, and the report itself. `related_units` (the chief scientist's employer) count as units for
    conflicts of interest."""

    related_units = fields.List(fields.String())
    call = fields.Dict(required=True)
    report = fields.Dict(required=True)
    period = fields.Dict(required=True)
    likenesses = fields.List(fields.Dict())
    handed_over = fields.Integer()


class StagePassedData(ParticipationData):
    stage = fields.String(required=True)
    next_stage = fields.String(required=True)


class RescoredData(ParticipationData):
    """A score of a participation was voided.

    `stage`: the present stage of the participation, `expert_review` or `grading`. `regraded`: a grade had been given and must be
    given again.
    """

    stage = fields.String(required=True)
    regraded = fields.Boolean(required=True)


class ParticipationReturnedData(ParticipationData):
    stage = fields.String(required=True)
    by = fields.String(required=True)
    comment = fields.String(required=True)
    sections = fields.List(fields.Dict(), required=True)
    correction_due = fields.AwareDateTime(required=True)


class CorrectionExtendedData(ParticipationData):
    """The correction window of a participant's report was extended. `by`: the bureau that returned the report and extends the
    window."""

    stage = fields.String(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)
    correction_due = fields.AwareDateTime(required=True)


class LeftData(ParticipationData):
    """A participation ended without a grade. `given_up`: the end counts as giving up the recognition (A13).

    `reason`: withdrawn, absent, lapsed, revoked, dissolved or cancelled. A notice that is cancelled ends all its participations,
    and also voids an absence.
    """

    reason = fields.String(required=True)
    given_up = fields.Boolean(required=True)
    comment = fields.String(allow_none=True)


class DeferralData(ParticipationData):
    """A participant requested a deferral, or the request was answered.

    `answer_by`: the last day of the window, by which the request must be answered; a later answer is valid too. `closes_on`:
    after a refusal, the last day to submit the report. `in_a_row`: the number of consecutive deferrals, including this one.
    """

    reason = fields.String(required=True)
    outcome = fields.String()
    closes_on = fields.Date()
    answer_by = fields.Date()
    in_a_row = fields.Integer()


class AllowedData(ParticipationData):
    """The province allowed an outcome that had been refused because another outcome has the same number."""

    identifier = fields.String(required=True)
    reason = fields.String(required=True)


class ParticipationHandedOverData(ParticipationData):
    """Another bureau became the consortium's recommender; it handles the participation from now on."""

    from_bureau = fields.String(required=True)
    to_bureau = fields.String(required=True)
    handed_over = fields.Integer(required=True)


class ParticipationVoidData(ParticipationData):
    """An opinion on a participation arrived too late and is void. `what` is `score_void` if it was not an opinion, but the
    voiding of the score given from the seat `seat`."""

    case = fields.String(required=True)
    what = fields.String()
    seat = fields.String()
    reason = fields.String(required=True)


_stage = {"level": "province", "citation": "A13", "four_eyes": False, "optional": False, "due_days": 20, "questions": []}
_event = partial(EventType, "evaluation")


EVENTS: dict[str, EventType] = {
    "participation.invited": _event(
        InvitedData,
        JOINED | {"version": 0, "mandatory": True, "opens_on": "2026-09-01", "closes_on": "2026-10-31"},
        ParticipationInvited,
    ),
    "participation.submitted": _event(
        ParticipationSubmittedData,
        JOINED
        | UNITS
        | {
            "title": "广西糖业创新联合体 · 2026 年度创新联合体绩效评估",
            "round": 1,
            "kind": "participation",
            "field": "糖业",
            "related_units": [],
            "call": {
                "id": EVALUATION,
                "title": "2026 年度创新联合体绩效评估",
                "rubric": [{"criterion": "成果", "weight": 100, "max": 100}],
                "min_reviewers": 3,
                "places": None,
            },
            "policy": "guangxi_trial@1",
            "stage": "recommendation",
            "pipeline": [
                _stage | {"name": "recommendation", "level": "recommender", "four_eyes": True, "outcomes": ["pass", "return"]},
                _stage | {"name": "expert_review", "outcomes": ["pass"]},
                _stage | {"name": "site_visit", "optional": True, "outcomes": ["pass"]},
            ],
            "questions": [],
            "waivable": [],
            "findings": [],
            "documents": [
                {
                    "id": "consortium.01980000-0000-7000-8000-000000000002.01980000-0000-7000-8000-000000000026",
                    "kind": "attachment",
                    "filename": "项目执行情况.pdf",
                }
            ],
            "report": {
                "sections": {
                    "project_execution": "按期完成。",
                    "budget": "执行率 96%。",
                    "management": "健全。",
                    "cooperation": "良好。",
                },
                "outcomes": [
                    {"kind": "patent", "identifier": "ZL202310123456.7", "title": "一种甘蔗收割装置", "achieved_on": "2025-03-01"}
                ],
            },
            "period": {"from": "2023-09-01", "to": "2026-08-31"},
            "likenesses": [
                {
                    "outcome": 0,
                    "by": "title",
                    "kind": "patent",
                    "identifier": "ZL202210765432.1",
                    "title": "一种甘蔗收割装置",
                    "issuer": None,
                    "consortium": {
                        "id": "01980000-0000-7000-8000-000000000027",
                        "number": "GXCX-2022-0003",
                        "name": "广西农机创新联合体",
                    },
                    "evaluation": {"id": "01980000-0000-7000-8000-000000000028", "title": "2025 年度创新联合体绩效评估"},
                }
            ],
        },
        ParticipationSubmitted,
    ),
    "participation.extended": _event(
        ExtendedData,
        JOINED | {"version": 0, "mandatory": True, "closes_on": "2026-11-15", "answer_by": "2026-11-15"},
        ParticipationExtended,
    ),
    "participation.outcome_allowed": _event(
        AllowedData,
        JOINED | {"identifier": "HT-2025-018", "reason": "两份合同，编号相同，签约方不同。"},
        ParticipationOutcomeAllowed,
    ),
    "participation.stage_passed": _event(
        StagePassedData, JOINED | {"stage": "recommendation", "next_stage": "material_check"}, ParticipationStagePassed
    ),
    "participation.returned": _event(
        ParticipationReturnedData,
        JOINED
        | {
            "stage": "material_check",
            "by": "450000",
            "comment": "请补充预算执行说明。",
            "sections": [{"section": "budget", "comment": "缺少决算"}],
            "correction_due": "2026-11-20T15:59:59.999999+00:00",
        },
        ParticipationReturned,
    ),
    "participation.correction_extended": _event(
        CorrectionExtendedData,
        JOINED
        | {
            "stage": "material_check",
            "by": "450000",
            "reason": "决算审计尚未完成。",
            "correction_due": "2026-11-30T15:59:59.999999+00:00",
        },
        ParticipationCorrectionExtended,
    ),
    "participation.handed_over": _event(
        ParticipationHandedOverData,
        JOINED | {"from_bureau": "450200", "to_bureau": "450300", "handed_over": 1},
        ParticipationHandedOver,
    ),
    "participation.withdrawn": _event(
        LeftData, JOINED | {"reason": "withdrawn", "given_up": True, "comment": "内部重组。"}, ParticipationLeft
    ),
    "participation.absent": _event(LeftData, JOINED | {"version": 0, "reason": "absent", "given_up": True}, ParticipationLeft),
    "participation.deferral_requested": _event(
        DeferralData,
        JOINED
        | {
            "version": 0,
            "reason": "厂区搬迁，材料无法按期整理。",
            "closes_on": "2026-10-31",
            "answer_by": "2026-10-31",
            "in_a_row": 1,
        },
        DeferralEvent,
    ),
    "participation.deferral_answered": _event(
        DeferralData,
        JOINED | {"version": 0, "reason": "情况属实，同意参加下一轮评估。", "outcome": "granted", "in_a_row": 1},
        DeferralEvent,
    ),
    "participation.rescored": _event(RescoredData, JOINED | {"stage": "grading", "regraded": True}, ParticipationRescored),
    "participation.opinion_void": _event(
        ParticipationVoidData,
        JOINED | {"case": "450200-01980000-0000-7000-8000-000000000005", "reason": "withdrawn"},
        ParticipationOpinionVoid,
    ),
}
