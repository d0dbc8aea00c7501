"""The events that the review service publishes, each through the exchange of the bureau that owns the case: one schema and one
example each."""

from __future__ import annotations

from functools import partial

from services.contracts.acts import act_made
from services.contracts.common import EventType
from services.contracts.payload import JsonObject
from services.contracts.review.event_schemas import (
    AppointedData,
    AssignedData,
    ConflictFoundData,
    CorrectedData,
    DecidedData,
    DecisionListData,
    DeclaredData,
    DeploymentReportedData,
    HandedOverData,
    OpenedData,
    PassedData,
    RecommendedData,
    RejectedData,
    ReturnedData,
    ScoreData,
    VoidedData,
)
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

_APPLICATION = "01980000-0000-7000-8000-000000000001"
_CITY_CASE = "450200-01980000-0000-7000-8000-000000000005"
_CASE = "450000-01980000-0000-7000-8000-000000000007"
_LEAD = {"uscc": "9145020098MA369042", "name": "柳州桂博一号科技股份有限公司"}
_city: JsonObject = {"case": _CITY_CASE, "application": _APPLICATION, "version": 1, "article": "A6(1)"}
_province: JsonObject = {"case": _CASE, "application": _APPLICATION, "version": 1, "article": "A6(2)"}
_stage = {"level": "province", "citation": "A6(2)", "four_eyes": False, "optional": False, "questions": []}
_opinion: JsonObject = {
    "outcome": "pass",
    "main_task_bearing": None,
    "id": "01980000-0000-7000-8000-000000000011",
    "comment": "符合条件，同意推荐。",
    "signed_by": "liuzhou.chief",
    "drafted_by": "liuzhou.officer",
    "answers": {"Q1": {"met": True, "reason": "行业影响力强，常年组织学术交流。"}},
    "waivers": [],
}
_carried: JsonObject = {
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
