"""The events of rounds of evaluation: one schema and one example each."""

from __future__ import annotations

from functools import partial
from typing import Any

from marshmallow import fields

from services.contracts.base import Citation, EventData, EventType


class Data(EventData):
    article = Citation()


class _Lead(Data):
    uscc = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)


class NoticedData(Data):
    evaluation = fields.String(required=True)
    title = fields.String(required=True)
    issued_on = fields.Date(required=True)
    opens_at = fields.AwareDateTime(required=True)
    closes_at = fields.AwareDateTime(required=True)
    policy = fields.String(required=True)
    invited = fields.Integer(required=True)


class ChangedData(Data):
    """The notice as it reads after a change; `extended`: its window ends later."""

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


class ConsortiumData(Data):
    """What is about one consortium names it so."""

    consortium = fields.String(required=True)
    number = fields.String(required=True)
    name = fields.String(required=True)
    lead = fields.Nested(_Lead, required=True)


class ParticipationData(ConsortiumData):
    participation = fields.String(required=True)
    evaluation = fields.String(required=True)
    title = fields.String(required=True)
    version = fields.Integer(required=True)


class InvitedData(ParticipationData):
    mandatory = fields.Boolean(required=True)
    opens_on = fields.Date(required=True)
    closes_on = fields.Date(required=True)


class ExtendedData(ParticipationData):
    """A participant without a report has until `closes_on`; `answer_by`: set where its request for a deferral waits."""

    mandatory = fields.Boolean(required=True)
    closes_on = fields.Date(required=True)
    answer_by = fields.Date(allow_none=True)


class ParticipationSubmittedData(ParticipationData):
    """All a bureau needs to open its case, as `application.submitted` says it, and the report itself."""

    round = fields.Integer(required=True)
    kind = fields.String(required=True)
    field = fields.String(required=True)
    units = fields.List(fields.String(), required=True)
    call = fields.Dict(required=True)
    policy = fields.String(required=True)
    stage = fields.String(required=True)
    pipeline = fields.List(fields.Dict(), required=True)
    questions = fields.List(fields.Dict(), required=True)
    waivable = fields.List(fields.String(), required=True)
    findings = fields.List(fields.Dict(), required=True)
    documents = fields.List(fields.Dict(), required=True)
    report = fields.Dict(required=True)
    period = fields.Dict(required=True)
    likenesses = fields.List(fields.Dict())
    handed_over = fields.Integer()


class StagePassedData(ParticipationData):
    stage = fields.String(required=True)
    next_stage = fields.String(required=True)


class RescoredData(ParticipationData):
    """A score was voided. `stage`: where the participation is now, `expert_review` or `grading`; `regraded`: a grade was given
    already and has to be given again."""

    stage = fields.String(required=True)
    regraded = fields.Boolean(required=True)


class ParticipationReturnedData(ParticipationData):
    stage = fields.String(required=True)
    by = fields.String(required=True)
    comment = fields.String(required=True)
    sections = fields.List(fields.Dict(), required=True)
    correction_due = fields.AwareDateTime(required=True)


class CorrectionExtendedData(ParticipationData):
    """`by`: the bureau that returned it and gives more time."""

    stage = fields.String(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)
    correction_due = fields.AwareDateTime(required=True)


class LeftData(ParticipationData):
    """`reason`: withdrawn, absent, lapsed, revoked, dissolved or cancelled (with the notice, which also voids an absence);
    `given_up`: it counts as giving the recognition up (A13)."""

    reason = fields.String(required=True)
    given_up = fields.Boolean(required=True)
    comment = fields.String(allow_none=True)


class DeferralData(ParticipationData):
    """`answer_by`: the last day of the window, by which a request is to be answered; a later answer counts too. `closes_on`:
    until when the report may be handed in, after a refusal. `in_a_row`: how many deferrals in a row this is."""

    reason = fields.String(required=True)
    outcome = fields.String()
    closes_on = fields.Date()
    answer_by = fields.Date()
    in_a_row = fields.Integer()


class AllowedData(ParticipationData):
    """The province lifted the refusal of an outcome whose number another outcome has too."""

    identifier = fields.String(required=True)
    reason = fields.String(required=True)


class GradePublicisedData(ParticipationData):
    """A grade is public; it takes effect after `ends_on` unless an objection waits."""

    grade = fields.String(required=True)
    ends_on = fields.Date(required=True)


class ObjectedData(ParticipationData):
    """An objection to a public grade, which takes effect only when it is answered. `by`: the account that objected; null for a
    written one."""

    objection = fields.String(required=True)
    by = fields.String(allow_none=True)
    answer_by = fields.Date(required=True)


class AnswerPreparedData(ParticipationData):
    """An answer waits for the signature of another chief."""

    objection = fields.String(required=True)
    by = fields.String(allow_none=True)
    outcome = fields.String(required=True)


class ObjectionAnsweredData(ParticipationData):
    """`outcome`: dismissed, or upheld, and then the grade is given again; `by`: the account that objected, null for a written
    objection."""

    objection = fields.String(required=True)
    by = fields.String(required=True, allow_none=True)
    answer = fields.String(required=True)
    outcome = fields.String(required=True)


class DueData(ConsortiumData):
    """By when a consortium is evaluated next; without a day where it is the next round, whenever that is. `overdue`: it should
    have been by now."""

    next_round_by = fields.Date(required=True, allow_none=True)
    overdue = fields.Boolean(required=True)


class ParticipationHandedOverData(ParticipationData):
    """The consortium has another recommender, which has the participation before it from now on."""

    from_bureau = fields.String(required=True)
    to_bureau = fields.String(required=True)
    handed_over = fields.Integer(required=True)


class ParticipationVoidData(ParticipationData):
    """`what`: `score_void` where the voiding of a score came too late, of the seat `seat`, and not an opinion."""

    case = fields.String(required=True)
    what = fields.String()
    seat = fields.String()
    reason = fields.String(required=True)


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
    """A grade that holds from `published_on` on; `issued_on`: the day of its notice."""

    commended = fields.Boolean(required=True)
    published_on = fields.Date(required=True)
    next_round_by = fields.Date(required=True)
    issued_on = fields.Date()
    units = fields.List(fields.String(), required=True)


_EVALUATION = "01980000-0000-7000-8000-000000000021"
PARTICIPATION = "01980000-0000-7000-8000-000000000022"
_LEAD = {"uscc": "9145020098MA369042", "name": "柳州桂博一号科技股份有限公司"}
_MEMBER = "9145010035MA46841F"
CONSORTIUM: dict[str, Any] = {
    "consortium": "01980000-0000-7000-8000-000000000002",
    "number": "GXCX-2023-0001",
    "name": "广西糖业创新联合体",
    "lead": _LEAD,
    "article": "A13",
}
_part = CONSORTIUM | {
    "participation": PARTICIPATION,
    "evaluation": _EVALUATION,
    "title": "2026 年度创新联合体绩效评估",
    "version": 1,
}
_graded = {name: value for name, value in _part.items() if name != "version"} | {"grade": "good", "score": "85", "reason": None}
UNITS = {"units": [_LEAD["uscc"], _MEMBER]}
_stage = {"level": "province", "citation": "A13", "four_eyes": False, "optional": False, "due_days": 20, "questions": []}


_event = partial(EventType, "evaluation")


EVENTS: dict[str, EventType] = {
    "evaluation.noticed": _event(
        NoticedData,
        {
            "evaluation": _EVALUATION,
            "title": "2026 年度创新联合体绩效评估",
            "issued_on": "2026-09-01",
            "opens_at": "2026-08-31T16:00:00+00:00",
            "closes_at": "2026-10-31T15:59:59+00:00",
            "policy": "guangxi_trial@1",
            "invited": 8,
            "article": "A13",
        },
    ),
    "evaluation.changed": _event(
        ChangedData,
        {
            "evaluation": _EVALUATION,
            "title": "2026 年度创新联合体绩效评估",
            "closes_at": "2026-11-15T15:59:59+00:00",
            "extended": True,
            "article": "A13",
        },
    ),
    "evaluation.cancelled": _event(
        CancelledData,
        {
            "evaluation": _EVALUATION,
            "title": "2026 年度创新联合体绩效评估",
            "reason": "评估指标调整，另行通知。",
            "article": "A13",
        },
    ),
    "evaluation.due": _event(DueData, CONSORTIUM | {"next_round_by": "2026-12-31", "overdue": True}),
    "evaluation.graded": _event(GradedData, _graded),
    "evaluation.publicised": _event(
        PublicisedData,
        {
            "evaluation": _EVALUATION,
            "title": "2026 年度创新联合体绩效评估",
            "ends_on": "2026-12-01",
            "graded": 8,
            "article": "A13",
        },
    ),
    "evaluation.published": _event(
        PublishedData,
        _graded
        | UNITS
        | {"commended": False, "published_on": "2026-12-01", "next_round_by": "2029-12-31", "issued_on": "2026-09-01"},
    ),
    "participation.invited": _event(
        InvitedData, _part | {"version": 0, "mandatory": True, "opens_on": "2026-09-01", "closes_on": "2026-10-31"}
    ),
    "participation.submitted": _event(
        ParticipationSubmittedData,
        _part
        | UNITS
        | {
            "title": "广西糖业创新联合体 · 2026 年度创新联合体绩效评估",
            "round": 1,
            "kind": "participation",
            "field": "糖业",
            "call": {
                "id": _EVALUATION,
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
    ),
    "participation.extended": _event(
        ExtendedData, _part | {"version": 0, "mandatory": True, "closes_on": "2026-11-15", "answer_by": "2026-11-15"}
    ),
    "participation.outcome_allowed": _event(
        AllowedData, _part | {"identifier": "HT-2025-018", "reason": "两份合同，编号相同，签约方不同。"}
    ),
    "participation.stage_passed": _event(StagePassedData, _part | {"stage": "recommendation", "next_stage": "material_check"}),
    "participation.returned": _event(
        ParticipationReturnedData,
        _part
        | {
            "stage": "material_check",
            "by": "450000",
            "comment": "请补充预算执行说明。",
            "sections": [{"section": "budget", "comment": "缺少决算"}],
            "correction_due": "2026-11-20T15:59:59.999999+00:00",
        },
    ),
    "participation.correction_extended": _event(
        CorrectionExtendedData,
        _part
        | {
            "stage": "material_check",
            "by": "450000",
            "reason": "决算审计尚未完成。",
            "correction_due": "2026-11-30T15:59:59.999999+00:00",
        },
    ),
    "participation.handed_over": _event(
        ParticipationHandedOverData, _part | {"from_bureau": "450200", "to_bureau": "450300", "handed_over": 1}
    ),
    "participation.withdrawn": _event(LeftData, _part | {"reason": "withdrawn", "given_up": True, "comment": "内部重组。"}),
    "participation.absent": _event(LeftData, _part | {"version": 0, "reason": "absent", "given_up": True}),
    "participation.deferral_requested": _event(
        DeferralData,
        _part
        | {
            "version": 0,
            "reason": "厂区搬迁，材料无法按期整理。",
            "closes_on": "2026-10-31",
            "answer_by": "2026-10-31",
            "in_a_row": 1,
        },
    ),
    "participation.deferral_answered": _event(
        DeferralData, _part | {"version": 0, "reason": "情况属实，同意参加下一轮评估。", "outcome": "granted", "in_a_row": 1}
    ),
    "participation.rescored": _event(RescoredData, _part | {"stage": "grading", "regraded": True}),
    "participation.opinion_void": _event(
        ParticipationVoidData, _part | {"case": "450200-01980000-0000-7000-8000-000000000005", "reason": "withdrawn"}
    ),
    "grade.publicised": _event(GradePublicisedData, _part | {"grade": "good", "ends_on": "2026-12-01"}),
    "grade.objected": _event(
        ObjectedData, _part | {"objection": "01980000-0000-7000-8000-000000000029", "answer_by": "2026-12-01"}
    ),
    "grade.objection_answer_prepared": _event(
        AnswerPreparedData,
        _part | {"objection": "01980000-0000-7000-8000-000000000029", "by": "applicant-91450200", "outcome": "upheld"},
    ),
    "grade.objection_answered": _event(
        ObjectionAnsweredData,
        _part
        | {
            "objection": "01980000-0000-7000-8000-000000000029",
            "by": "applicant-91450200",
            "answer": "经核实，所反映问题不属实。",
            "outcome": "dismissed",
        },
    ),
}
