"""The events that the review service publishes, each through the exchange of the bureau that owns the case: one schema and one
example each."""

from __future__ import annotations

from functools import partial
from typing import Any

from marshmallow import fields

from services.contracts.acts import act_made
from services.contracts.common import Citation, EventData, EventType
from services.contracts.review.payloads import (
    CaseAssigned,
    CaseHandedOver,
    ConflictFound,
    DecisionListDrafted,
    DeploymentReported,
    PanelAppointed,
    ReviewCorrected,
    ReviewDecided,
    ReviewerDeclared,
    ReviewOpened,
    ReviewPassed,
    ReviewRecommended,
    ReviewRejected,
    ReviewReturned,
    ScoreSubmitted,
    ScoreVoided,
)
from services.contracts.review.review_request import ReviewedData


class Data(EventData):
    """The fields of every event about a case of review. `application` is present if the case is an application."""

    case = fields.String(required=True)
    application = fields.String()
    version = fields.Integer(required=True)
    article = Citation(required=True)


class OpenedData(Data):
    kind = fields.String(required=True)
    stage = fields.String(required=True)
    due_on = fields.Date(required=True)
    title = fields.String(required=True)
    round = fields.Integer(required=True)


class AssignedData(Data):
    account = fields.String(required=True)
    stage = fields.String(required=True)


class DifferenceData(EventData):
    """A chief signed something other than the officer's draft. The data list the fields that differ, and the reason."""

    members = fields.List(fields.String(), required=True)
    reason = fields.String(required=True)


class OpinionData(EventData):
    """A signed opinion. `differs` is present if it differs from the officer's draft.

    `main_task_bearing`: for a change, the leaving members that have a main task according to this opinion.
    """

    id = fields.String(required=True)
    outcome = fields.String()
    main_task_bearing = fields.List(fields.String(), allow_none=True)
    comment = fields.String(required=True)
    signed_by = fields.String(required=True)
    drafted_by = fields.String(required=True, allow_none=True)
    answers = fields.Dict(required=True)
    waivers = fields.List(fields.Dict(), required=True)
    differs = fields.Nested(DifferenceData)
    acting_for = fields.String(metadata={"description": "the chief in whose name an acting chief signed"})


class PassedData(Data):
    """A case passed a stage. `opinion` is missing if scores ended the stage.

    `due_on`: the day by which the present stage at this bureau must be finished, if the bureau still has the case. `next_stage`
    is null after the last stage and after an optional one (a site visit, which does not move the case). After the last stage of a
    case that a panel scored, `score` and `spread` (points of 100, as decimal strings) and the number of `scores` are present.
    """

    stage = fields.String(required=True)
    next_stage = fields.String(required=True, allow_none=True)
    due_on = fields.Date(allow_none=True)
    opinion = fields.Nested(OpinionData)
    score = fields.String()
    spread = fields.String()
    scores = fields.Integer()


class RecommendedData(ReviewedData, Data):
    """The recommender recommended a case. The event contains its opinion and all data of `application.submitted` that the
    province needs to open its own case."""

    outcome = fields.String(required=True)
    next_stage = fields.String(required=True)
    opinion = fields.Nested(OpinionData, required=True)
    lead = fields.Dict(required=True)


class RejectedData(Data):
    stage = fields.String(required=True)
    comment = fields.String(required=True)
    signed_by = fields.String(required=True)
    differs = fields.Nested(DifferenceData)
    acting_for = fields.String(metadata={"description": "the chief in whose name an acting chief signed"})


class ReturnedData(RejectedData):
    sections = fields.List(fields.Dict(), required=True)


class AppointedData(Data):
    """Reviewers of a case were appointed. The data always list all accounts that may read the case as reviewers.

    `awaited`: those whose scores are awaited. `declared`: those who declared that they have no interest; only these can read the
    documents.
    """

    awaited = fields.List(fields.String())
    declared = fields.List(fields.String())
    experts = fields.List(fields.String(), required=True)
    third_party = fields.String(required=True, allow_none=True)
    due_on = fields.Date(required=True)


class ScoreData(Data):
    submitted = fields.Integer(required=True)
    of = fields.Integer(required=True)


class DeclaredData(Data):
    """A reviewer (`account`) declared to have no interest and promised confidentiality. From now on the reviewer can read the
    documents."""

    seat = fields.String(required=True)
    account = fields.String(required=True)


class VoidedData(Data):
    """A score no longer counts, because its reviewer (`account`) has an interest in the case.

    `submitted` scores remain, of `of` reviewers. `closed`: scoring had ended; then `score`, `spread` (points of 100, as decimal
    strings) and `scores` give the remaining result. `next_stage`: the present stage at the bureau, null if the case waits for
    another service's decision.
    """

    seat = fields.String(required=True)
    account = fields.String(required=True)
    reason = fields.String(required=True)
    title = fields.String(required=True)
    submitted = fields.Integer(required=True)
    of = fields.Integer(required=True)
    closed = fields.Boolean(required=True)
    next_stage = fields.String(required=True, allow_none=True)
    score = fields.String()
    spread = fields.String()
    scores = fields.Integer()


class ConflictFoundData(Data):
    """A reviewer of an undecided case was found to have an interest in one of its units.

    `reason` is employer, former_employer or declared_interest. `scored`: whether the reviewer has scored the case.
    """

    seat = fields.String(required=True)
    account = fields.String(required=True)
    reason = fields.String(required=True)
    unit = fields.String(required=True)
    scored = fields.Boolean(required=True)
    title = fields.String(required=True)


class DecidedData(Data):
    """A case was decided. `waivers` are all waivers in effect.

    `acknowledgements` name the conditions that reviewers answered "not met", each with the reason for approving nevertheless.
    `ahead` and `beyond_places` say where an approval departed from the ranking of the call. `objections` are the upheld
    objections that the decision takes into account.
    """

    outcome = fields.String(required=True)
    reason = fields.String(required=True)
    waivers = fields.List(fields.Dict(), required=True)
    signed_by = fields.String(required=True)
    amount = fields.String(allow_none=True)
    knowingly = fields.Boolean()
    acknowledgements = fields.List(fields.Dict())
    rank = fields.Integer(allow_none=True)
    places = fields.Integer(allow_none=True)
    ahead = fields.List(fields.String())
    beyond_places = fields.Boolean()
    objections = fields.List(fields.String())
    list = fields.Dict(metadata={"description": "id, title and day of the list that an approval was signed with"})
    differs = fields.Nested(DifferenceData)
    acting_for = fields.String(metadata={"description": "the chief in whose name an acting chief signed"})


class DecisionListData(EventData):
    """An officer drew up a list of decisions of a call, which a chief will sign together. `cases`: how many cases it contains."""

    list = fields.Dict(required=True)
    call = fields.String(required=True)
    title = fields.String(required=True)
    cases = fields.Integer(required=True)
    article = Citation(required=True)


class HandedOverData(Data):
    """A case continues at another bureau. At this bureau it has ended; its drafts are kept here."""

    stage = fields.String(required=True)
    title = fields.String(required=True)
    to_bureau = fields.String(required=True)


class CorrectedData(Data):
    opinion = fields.String(required=True)
    corrects = fields.String(required=True)
    correction = fields.Nested(OpinionData, required=True)


class DeploymentReportedData(EventData):
    """The release and the backlog of a deployment with a broker of its own, as it reports them to the province. `at` is the real
    time of the report."""

    version = fields.String(required=True)
    waiting = fields.Integer(required=True)
    lag_seconds = fields.Integer(required=True)
    unpublished = fields.Integer(required=True)
    publishing_lag_seconds = fields.Integer(required=True)
    parked = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)


_APPLICATION = "01980000-0000-7000-8000-000000000001"
_CITY_CASE = "450200-01980000-0000-7000-8000-000000000005"
_CASE = "450000-01980000-0000-7000-8000-000000000007"
_LEAD = {"uscc": "9145020098MA369042", "name": "柳州桂博一号科技股份有限公司"}
_city: dict[str, Any] = {"case": _CITY_CASE, "application": _APPLICATION, "version": 1, "article": "A6(1)"}
_province: dict[str, Any] = {"case": _CASE, "application": _APPLICATION, "version": 1, "article": "A6(2)"}
_stage = {"level": "province", "citation": "A6(2)", "four_eyes": False, "optional": False, "questions": []}
_opinion: dict[str, Any] = {
    "outcome": "pass",
    "main_task_bearing": None,
    "id": "01980000-0000-7000-8000-000000000011",
    "comment": "符合条件，同意推荐。",
    "signed_by": "liuzhou.chief",
    "drafted_by": "liuzhou.officer",
    "answers": {"Q1": {"met": True, "reason": "行业影响力强，常年组织学术交流。"}},
    "waivers": [],
}
_carried: dict[str, Any] = {
    "kind": "formation",
    "title": "广西糖业创新联合体",
    "field": "糖业",
    "lead": _LEAD,
    "units": [_LEAD["uscc"], "9145010035MA46841F"],
    "call": {
        "id": "01980000-0000-7000-8000-000000000003",
        "title": "2026 年度创新联合体申报通知",
        "rubric": [{"criterion": "技术先进性", "weight": 60, "max": 100}, {"criterion": "组织能力", "weight": 40, "max": 100}],
        "min_reviewers": 3,
        "places": 10,
    },
    "policy": "guangxi_trial@1",
    "pipeline": [
        {
            "name": "recommendation",
            "level": "recommender",
            "citation": "A6(1)",
            "four_eyes": True,
            "optional": False,
            "due_days": 15,
            "questions": ["Q1"],
            "outcomes": ["pass", "return", "reject"],
        },
        _stage | {"name": "formal_check", "four_eyes": True, "due_days": 10, "outcomes": ["pass", "return", "reject"]},
        _stage | {"name": "expert_review", "due_days": 20, "outcomes": ["pass"]},
        _stage | {"name": "decision", "due_days": 10, "outcomes": ["approve", "decline"]},
    ],
    "questions": [
        {
            "id": "Q1",
            "citation": "A5(2)1",
            "text": {"zh": "牵头单位是否具备较强的行业影响力？", "en": "Has the lead strong influence?"},
            "stages": ["recommendation"],
        }
    ],
    "waivable": ["C1", "L2", "L3", "L5", "L6", "M3", "I1"],
    "findings": [],
    "documents": [
        {
            "id": f"application.{_APPLICATION}.01980000-0000-7000-8000-000000000006",
            "kind": "agreement",
            "filename": "组建协议.pdf",
        }
    ],
}


_event = partial(EventType, "review")


EVENTS: dict[str, EventType] = act_made("review", "opinion", "01980000-0000-7000-8000-000000000009", "450200") | {
    "review.opened": _event(
        OpenedData,
        _city
        | {"kind": "formation", "stage": "recommendation", "due_on": "2026-03-23", "title": "广西糖业创新联合体", "round": 1},
        ReviewOpened,
    ),
    "review.assigned": _event(
        AssignedData,
        _city | {"account": "liuzhou.officer", "stage": "recommendation"},
        CaseAssigned,
    ),
    "review.deployment_reported": _event(
        DeploymentReportedData,
        {"version": "0.1.0", "waiting": 0, "lag_seconds": 0, "unpublished": 1, "publishing_lag_seconds": 2, "parked": 0}
        | {"at": "2026-03-02T01:00:00+00:00"},
        DeploymentReported,
    ),
    "review.recommended": _event(
        RecommendedData,
        _city
        | _carried
        | {"stage": "recommendation", "outcome": "pass", "next_stage": "formal_check", "round": 1, "opinion": _opinion},
        ReviewRecommended,
    ),
    "review.returned": _event(
        ReturnedData,
        _city
        | {
            "stage": "recommendation",
            "comment": "请补充章程。",
            "sections": [{"section": "operating_systems", "comment": "缺少决策机构章程"}],
            "signed_by": "liuzhou.chief",
        },
        ReviewReturned,
    ),
    "review.handed_over": _event(
        HandedOverData,
        _city | {"stage": "recommendation", "title": "广西糖业创新联合体", "to_bureau": "450300"},
        CaseHandedOver,
    ),
    "review.rejected": _event(
        RejectedData,
        _city | {"stage": "recommendation", "comment": "不符合布局方向。", "signed_by": "liuzhou.chief"},
        ReviewRejected,
    ),
    "review.passed": _event(
        PassedData,
        _province
        | {
            "stage": "formal_check",
            "next_stage": "expert_review",
            "due_on": "2026-05-08",
            "opinion": _opinion
            | {
                "id": "01980000-0000-7000-8000-000000000012",
                "signed_by": "province.chief",
                "drafted_by": "province.officer",
                "answers": {},
                "waivers": [{"rule": "L2", "reason": "产业急需"}],
            },
        },
        ReviewPassed,
    ),
    "panel.appointed": _event(
        AppointedData,
        _province
        | {
            "experts": ["expert.1", "expert.2", "expert.3"],
            "third_party": None,
            "awaited": ["expert.1", "expert.2", "expert.3"],
            "declared": ["expert.1"],
            "due_on": "2026-05-08",
        },
        PanelAppointed,
    ),
    "reviewer.declared": _event(
        DeclaredData,
        _province | {"seat": "0197c0de-0000-7000-8000-000000000009", "account": "expert.2"},
        ReviewerDeclared,
    ),
    "score.submitted": _event(
        ScoreData,
        _province | {"submitted": 2, "of": 3},
        ScoreSubmitted,
    ),
    "score.voided": _event(
        VoidedData,
        _province
        | {
            "seat": "01980000-0000-7000-8000-000000000014",
            "account": "expert.1",
            "reason": "评分后受聘于牵头单位。",
            "title": "广西糖业创新联合体",
            "submitted": 2,
            "of": 2,
            "closed": True,
            "next_stage": "decision",
            "score": "86.5",
            "spread": "3.0",
            "scores": 2,
        },
        ScoreVoided,
    ),
    "reviewer.conflict_found": _event(
        ConflictFoundData,
        _province
        | {
            "seat": "01980000-0000-7000-8000-000000000014",
            "account": "expert.1",
            "reason": "employer",
            "unit": _LEAD["uscc"],
            "scored": True,
            "title": "广西糖业创新联合体",
        },
        ConflictFound,
    ),
    "review.decided": _event(
        DecidedData,
        _province
        | {
            "outcome": "approve",
            "reason": "评审排名第一，符合布局需要。",
            "waivers": [{"rule": "L2", "reason": "产业急需", "by": "province.chief"}],
            "signed_by": "province.chief",
            "amount": None,
            "rank": 1,
            "places": 10,
            "ahead": [],
            "beyond_places": False,
        },
        ReviewDecided,
    ),
    "decision_list.drafted": _event(
        DecisionListData,
        {
            "list": {"id": "01980000-0000-7000-8000-000000000041", "title": "2026 年第一批拟认定名单", "on": None},
            "call": "01980000-0000-7000-8000-000000000001",
            "title": "2026 年第一批拟认定名单",
            "cases": 12,
            "article": "A6(2)",
        },
        DecisionListDrafted,
    ),
    "review.corrected": _event(
        CorrectedData,
        _city
        | {
            "opinion": "01980000-0000-7000-8000-000000000013",
            "corrects": _opinion["id"],
            "correction": _opinion | {"id": "01980000-0000-7000-8000-000000000013", "comment": "更正：营收应为 12 亿元。"},
        },
        ReviewCorrected,
    ),
}
