"""The events of annual reports, coordination items and inspections: one schema and one example each."""

from __future__ import annotations

from functools import partial

from marshmallow import fields

from services.contracts.common import Citation, EventData, EventType
from services.contracts.evaluation.payloads import (
    CoordinationEvent,
    FollowUpDue,
    InspectionRecorded,
    ReportEnded,
    ReportEvent,
    ReportHandedOver,
    ReportOpinionVoid,
    ReportReminded,
    ReportReopened,
    ReportReturned,
    ReportSubmitted,
)
from services.contracts.payload import JsonObject
from services.contracts.review.review_request import ReviewRequestData


class _Data(EventData):
    consortium = fields.String(required=True)
    number = fields.String()
    name = fields.String(required=True)
    lead = fields.Dict(required=True)
    article = Citation()


class ReportData(_Data):
    year = fields.Integer(required=True)
    due_on = fields.Date(required=True)
    version = fields.Integer()


class ReportRemindedData(ReportData):
    """A reminder of an annual report was sent. The event has `days_left` until the due date, or `days_overdue` since then."""

    days_left = fields.Integer()
    days_overdue = fields.Integer()


class ReportSubmittedData(ReviewRequestData, ReportData):
    """An annual report was submitted. The event contains all data that the recommender needs to open its case, as
    `application.submitted` does, and the report itself."""

    report = fields.Dict(required=True)
    late = fields.Boolean(required=True)
    handed_over = fields.Integer()


class ReportReturnedData(ReportData):
    stage = fields.String(required=True)
    by = fields.String(required=True)
    comment = fields.String(required=True)
    sections = fields.List(fields.Dict(), required=True)


class ReportEndedData(ReportData):
    """The consortium no longer exists, so it owes the annual report no longer. `reason`: revoked or dissolved."""

    reason = fields.String(required=True)


class ReportReopenedData(ReportData):
    comment = fields.String(required=True)


class ReportHandedOverData(ReportData):
    """Another bureau became the consortium's recommender; it reads the annual report from now on."""

    from_bureau = fields.String(required=True)
    to_bureau = fields.String(required=True)
    handed_over = fields.Integer(required=True)


class ReportVoidData(ReportData):
    case = fields.String(required=True)
    reason = fields.String(required=True)


class MatterData(_Data):
    item = fields.String(required=True)
    matter = fields.String(required=True)
    asked_of = fields.String(required=True)
    status = fields.String(required=True)
    due_on = fields.Date(allow_none=True)
    answer = fields.String()
    result = fields.String(allow_none=True)
    by = fields.String(allow_none=True)


class InspectedData(_Data):
    inspection = fields.String(required=True)
    year = fields.Integer()
    inspected_on = fields.Date(required=True)
    result = fields.String(required=True)
    late = fields.Boolean()
    under_guidance = fields.Boolean(required=True)
    follow_up_on = fields.Date(required=True, allow_none=True)


class FollowUpData(_Data):
    inspection = fields.String(required=True)
    follow_up_on = fields.Date(required=True)


_ID = "01980000-0000-7000-8000-000000000002"
_of: JsonObject = {
    "consortium": _ID,
    "number": "GXCX-2026-0001",
    "name": "广西糖业创新联合体",
    "lead": {"uscc": "9145020098MA369042", "name": "柳州桂博一号科技股份有限公司"},
    "article": "A12",
}
_report = _of | {"year": 2026, "due_on": "2026-12-31", "version": 1}
_matter = _of | {
    "item": "01980000-0000-7000-8000-000000000031",
    "matter": "协调中试基地用地指标。",
    "asked_of": "450200",
    "status": "open",
}
_inspected = _of | {"inspection": "01980000-0000-7000-8000-000000000032", "follow_up_on": "2027-03-01", "article": "A11"}


_event = partial(EventType, "evaluation")


EVENTS: dict[str, EventType] = {
    "report.due": _event(
        ReportData, {name: value for name, value in _report.items() if name not in ("number", "version")}, ReportEvent
    ),
    "report.reminded": _event(ReportRemindedData, _report | {"version": 0, "days_left": 30}, ReportReminded),
    "report.overdue": _event(ReportData, _report | {"version": 0}, ReportEvent),
    "report.submitted": _event(
        ReportSubmittedData,
        _report
        | {
            "round": 1,
            "kind": "annual_report",
            "title": "广西糖业创新联合体 2026 年度报告",
            "field": "糖业",
            "units": ["9145020098MA369042", "9145010035MA46841F"],
            "call": None,
            "policy": "guangxi_trial@1",
            "stage": "acceptance",
            "pipeline": [
                {
                    "name": "acceptance",
                    "level": "recommender",
                    "citation": "A12",
                    "four_eyes": False,
                    "optional": False,
                    "due_days": 20,
                    "questions": [],
                    "outcomes": ["pass", "return"],
                }
            ],
            "questions": [],
            "waivable": [],
            "findings": [],
            "documents": [],
            "report": {
                "sections": {"systems": "健全。", "problems": "用地紧张。", "next_year": "建成中试线。"},
                "indicators": [{"goal": 0, "indicator": 0, "actual": "2"}],
                "coordination": [{"matter": "协调中试基地用地指标。", "asked_of": "450200"}],
                "documents": [],
            },
            "late": False,
        },
        ReportSubmitted,
    ),
    "report.handed_over": _event(
        ReportHandedOverData, _report | {"from_bureau": "450200", "to_bureau": "450300", "handed_over": 1}, ReportHandedOver
    ),
    "report.returned": _event(
        ReportReturnedData,
        _report
        | {
            "stage": "acceptance",
            "by": "450200",
            "comment": "请补充成果转化情况。",
            "sections": [{"section": "transfer", "comment": "缺少数据"}],
        },
        ReportReturned,
    ),
    "report.accepted": _event(ReportData, _report, ReportEvent),
    "report.reopened": _event(ReportReopenedData, _report | {"comment": "数据与统计调查不一致。"}, ReportReopened),
    "report.ended": _event(ReportEndedData, _report | {"reason": "revoked"}, ReportEnded),
    "report.opinion_void": _event(
        ReportVoidData,
        _report | {"case": "450200-01980000-0000-7000-8000-000000000005", "reason": "superseded_version"},
        ReportOpinionVoid,
    ),
    "coordination.opened": _event(MatterData, _matter | {"due_on": "2027-03-31"}, CoordinationEvent),
    "coordination.answered": _event(
        MatterData, _matter | {"status": "answered", "answer": "已列入年度计划。", "by": "450200"}, CoordinationEvent
    ),
    "coordination.closed": _event(
        MatterData, _matter | {"status": "closed", "result": "已落实。", "by": "450200"}, CoordinationEvent
    ),
    "inspection.recorded": _event(
        InspectedData,
        _inspected | {"inspected_on": "2026-11-20", "year": 2026, "result": "weak", "late": False, "under_guidance": True},
        InspectionRecorded,
    ),
    "inspection.follow_up_due": _event(FollowUpData, _inspected, FollowUpDue),
}
