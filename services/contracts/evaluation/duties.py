"""Annual reports, coordination items and inspections: requests, answers and events."""

from __future__ import annotations

from functools import partial
from typing import Any

from marshmallow import fields, validate

from services.contracts.case_view import actions
from services.contracts.common import (
    Answer,
    Body,
    Citation,
    Day,
    EventData,
    EventType,
    FieldMessage,
    Flag,
    Page,
    code,
    one_of,
    page_of,
    text,
    whole,
    year,
)
from services.contracts.review.review_request import ReviewRequestData

REPORT_STATUSES = ("due", "overdue", "submitted", "returned", "accepted", "ended")
ITEM_STATUSES = ("open", "answered", "closed", "withdrawn")
RESULTS = ("good", "fair", "weak")


def _at_most(count: int) -> validate.Length:
    return validate.Length(max=count, error=FieldMessage("too_many", f"最多 {count} 项。", f"At most {count} entries."))


def _documents() -> fields.List[str]:
    return fields.List(code(120), load_default=list, validate=_at_most(500))


# Annual reports

AnnualSections = Body.from_dict(
    {
        name: text(20_000, shortest=0, allow_none=True, load_default=None)
        for name in ("systems", "core_technology", "transfer", "application", "problems", "next_year")
    },
    name="AnnualSections",
)


class IndicatorReported(Body):
    """The value reached for one indicator of a goal. Goal and indicator are identified by their position in the application,
    counted from 0."""

    goal = whole(0, 1000, required=True)
    indicator = whole(0, 1000, required=True)
    actual = text(200, required=True)


class MatterAsked(Body):
    matter = text(4000, required=True)
    asked_of = code(20, required=True)


class AnnualReport(Body):
    """The annual report of one year; a draft may be incomplete. `coordination`: the matters in which the lead asks the
    authorities for help."""

    sections = fields.Nested(AnnualSections, load_default=dict)
    indicators = fields.List(fields.Nested(IndicatorReported), load_default=list, validate=_at_most(1000))
    coordination = fields.List(fields.Nested(MatterAsked), load_default=list, validate=_at_most(100))
    documents = _documents()


class Reopening(Body):
    reason = text(4000, required=True)


class AnnualReportItem(Answer):
    """An annual report that a consortium owes for one year. `overdue`: its due day has passed and no report was submitted.
    `late`: the first submission was after that day. `ended`: the consortium no longer exists, so it owes the report no longer."""

    consortium = fields.String(required=True)
    year = fields.Integer(required=True)
    status = one_of(*REPORT_STATUSES, of="report_status", required=True)
    late = fields.Boolean(required=True)
    due_on = fields.Date(required=True)
    policy = fields.String(required=True)
    version = fields.Integer(required=True)
    opened_at = fields.AwareDateTime(required=True)
    submitted_at = fields.AwareDateTime(required=True, allow_none=True)
    accepted_at = fields.AwareDateTime(required=True, allow_none=True)
    etag = fields.String(required=True)


class AnnualReportAnswer(AnnualReportItem):
    report = fields.Dict(required=True, allow_none=True)
    documents = fields.List(fields.Dict(), required=True)
    correction = fields.Dict(required=True, allow_none=True)
    versions = fields.List(fields.Dict())
    goals = fields.List(fields.Dict())
    actions = actions()


AnnualReportPage = page_of(AnnualReportItem)

# Coordination items


class MatterRaised(Body):
    consortium = code(36, required=True)
    matter = text(4000, required=True)
    asked_of = code(20, required=True)
    due_on = Day(load_default=None, allow_none=True)


class MatterAnswered(Body):
    text = text(8000, required=True)


class MatterClosed(Body):
    result = text(8000, required=True)


class MatterQuery(Page):
    status = one_of(*ITEM_STATUSES, of="coordination_status", load_default=None)
    asked_of = code(20, load_default=None)
    consortium = code(36, load_default=None)


class MatterAnswer(Answer):
    """A matter in which a consortium asks the authorities for help. `year`: the year of the annual report that names it;
    `asked_of`: the bureau that must answer it."""

    id = fields.String(required=True)
    consortium = fields.String(required=True)
    recommender = fields.String(required=True)
    year = fields.Integer(required=True, allow_none=True)
    matter = fields.String(required=True)
    asked_of = fields.String(required=True)
    status = one_of(*ITEM_STATUSES, of="coordination_status", required=True)
    raised_at = fields.AwareDateTime(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    answers = fields.List(fields.Dict(), required=True)
    result = fields.String(required=True, allow_none=True)
    closed_on = fields.Date(required=True, allow_none=True)
    etag = fields.String(required=True)
    actions = actions()


MatterPage = page_of(MatterAnswer)

# Inspections


class InspectionRecord(Body):
    """The result of an inspection by the recommender. `under_guidance`: whether the consortium is under closer guidance from now
    on, with the day of the next inspection; required if the result is weak."""

    consortium = code(36, required=True)
    inspected_on = Day(required=True)
    result = one_of(*RESULTS, of="inspection_result", required=True)
    findings = text(20_000, required=True)
    under_guidance = Flag(load_default=False)
    follow_up_on = Day(load_default=None, allow_none=True)
    documents = _documents()


class InspectionQuery(Page):
    consortium = code(36, load_default=None)
    year = year(load_default=None)
    result = one_of(*RESULTS, of="inspection_result", load_default=None)


class BoardQuery(Page):
    """The filter of the inspection board. `inspected` false selects the consortia that are not inspected yet."""

    year = year(load_default=None)
    bureau = code(20, load_default=None)
    inspected = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=None)


class InspectionAnswer(Answer):
    """An inspection. `late`: it was filed after the end of its year."""

    id = fields.String(required=True)
    consortium = fields.String(required=True)
    recommender = fields.String(required=True)
    year = fields.Integer(required=True)
    inspected_on = fields.Date(required=True)
    result = one_of(*RESULTS, of="inspection_result", required=True)
    findings = fields.String(required=True)
    late = fields.Boolean()
    under_guidance = fields.Boolean(required=True)
    follow_up_on = fields.Date(required=True, allow_none=True)
    documents = fields.List(fields.Dict(), required=True)
    bureau = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)


class BoardLine(Answer):
    """One consortium on the inspection board of a year. `inspection` is its last inspection of that year."""

    consortium = fields.Dict(required=True)
    lead = fields.Dict(required=True)
    recommender = fields.String(required=True)
    year = fields.Integer(required=True)
    inspected = fields.Boolean(required=True)
    inspection = fields.Nested(InspectionAnswer, required=True, allow_none=True)
    under_guidance = fields.Boolean(required=True)
    follow_up_overdue = fields.Boolean(required=True)


InspectionPage = page_of(InspectionAnswer)
BoardPage = page_of(BoardLine)


class OversightAnswer(Answer):
    """An overview for the bureau that asks: its waiting and late tasks, and the state of its consortia."""

    consortia = fields.Dict(required=True)
    reports = fields.Dict(required=True)
    coordination = fields.Dict(required=True)
    participations = fields.Dict(required=True)
    rectifications = fields.Dict(required=True)
    revocations = fields.Dict(required=True)


# Events about annual reports


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
_of: dict[str, Any] = {
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
    "report.due": _event(ReportData, {name: value for name, value in _report.items() if name not in ("number", "version")}),
    "report.reminded": _event(ReportRemindedData, _report | {"version": 0, "days_left": 30}),
    "report.overdue": _event(ReportData, _report | {"version": 0}),
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
    ),
    "report.handed_over": _event(
        ReportHandedOverData, _report | {"from_bureau": "450200", "to_bureau": "450300", "handed_over": 1}
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
    ),
    "report.accepted": _event(ReportData, _report),
    "report.reopened": _event(ReportReopenedData, _report | {"comment": "数据与统计调查不一致。"}),
    "report.ended": _event(ReportEndedData, _report | {"reason": "revoked"}),
    "report.opinion_void": _event(
        ReportVoidData, _report | {"case": "450200-01980000-0000-7000-8000-000000000005", "reason": "superseded_version"}
    ),
    "coordination.opened": _event(MatterData, _matter | {"due_on": "2027-03-31"}),
    "coordination.answered": _event(MatterData, _matter | {"status": "answered", "answer": "已列入年度计划。", "by": "450200"}),
    "coordination.closed": _event(MatterData, _matter | {"status": "closed", "result": "已落实。", "by": "450200"}),
    "inspection.recorded": _event(
        InspectedData,
        _inspected | {"inspected_on": "2026-11-20", "year": 2026, "result": "weak", "late": False, "under_guidance": True},
    ),
    "inspection.follow_up_due": _event(FollowUpData, _inspected),
}
