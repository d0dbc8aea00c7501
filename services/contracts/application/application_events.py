"""The events of applications from their submission to the decision: one schema and one example each."""

from __future__ import annotations

from functools import partial

from marshmallow import fields

from services.contracts.application.application_payloads import (
    ApplicationCorrectionExtended,
    ApplicationDeclined,
    ApplicationHeld,
    ApplicationOpinionVoid,
    ApplicationPublicised,
    ApplicationRechecked,
    ApplicationRejected,
    ApplicationReturned,
    ApplicationStagePassed,
    ApplicationSubmitted,
    ApplicationWithdrawn,
)
from services.contracts.application.event_parts import (
    APPLICATION,
    CALL,
    LEAD,
    MEMBER,
    TITLE,
    UNITS,
    Data,
    LeadName,
)
from services.contracts.common import EventType
from services.contracts.payload import JsonObject
from services.contracts.review.review_request import ReviewRequestData


class SubmittedData(ReviewRequestData, Data):
    """An application is sent to a stage of review. The event contains all data that the stage's bureau needs to open its case.

    `stage` is the stage to open; the policy provides `pipeline` and the fields after it. `related_units` (the chief scientist's
    employer) count as units for conflicts of interest. `opened_by`: the accounts that opened a special case, which must not sign
    its decision.
    """

    application = fields.String(required=True)
    version = fields.Integer(required=True)
    lead = fields.Nested(LeadName, required=True)
    related_units = fields.List(fields.String())
    opened_by = fields.List(fields.String())
    changed = fields.List(fields.String())


class WithdrawnData(Data):
    application = fields.String(required=True)
    version = fields.Integer(required=True)
    reason = fields.String(required=True)
    name = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    lead = fields.Nested(LeadName)
    units = fields.List(fields.String())


class VoidData(Data):
    application = fields.String(required=True)
    case = fields.String(required=True)
    reason = fields.String(required=True)


class ProgressData(Data):
    """The fields of every event about a step of an application. They identify the application, its lead and its units, so that a
    consumer need not store earlier events."""

    application = fields.String(required=True)
    version = fields.Integer(required=True)
    title = fields.String(required=True)
    lead = fields.Nested(LeadName, required=True)
    units = fields.List(fields.String(), required=True)


class PassedData(ProgressData):
    stage = fields.String(required=True)
    next_stage = fields.String(required=True)


class ReturnedData(ProgressData):
    stage = fields.String(required=True)
    by = fields.String(required=True)
    comment = fields.String(required=True)
    sections = fields.List(fields.Dict(), required=True)
    correction_due = fields.AwareDateTime(required=True)


class CorrectionExtendedData(ProgressData):
    """The correction window of an application was extended. `by`: the bureau that returned the application and extends the
    window."""

    stage = fields.String(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)
    correction_due = fields.AwareDateTime(required=True)


class RejectedData(ProgressData):
    stage = fields.String(required=True)
    reason = fields.String(required=True)


class PublicisedData(ProgressData):
    """An application was approved and is in its publicity period. `list`: id, title and day of the decision list of which the
    decision is part, if it is part of one."""

    ends_on = fields.Date(required=True)
    waivers = fields.List(fields.Dict(), required=True)
    list = fields.Dict()


class DeclinedData(ProgressData):
    reason = fields.String(required=True)


class HeldData(ProgressData):
    """A recognition was held. `objection`: the upheld objection that returned the case to the decision, if there is one.

    `objections`: all objections that a new approval must name, each with its id, reason and answer.
    """

    findings = fields.List(fields.Dict(), required=True)
    objection = fields.String()
    objections = fields.List(fields.Dict())


class RecheckedData(ProgressData):
    """An application that waits for the decision was evaluated again, and other rules fail than those last reported to the
    province.

    `findings`: the findings on every rule that was evaluated again; they replace the earlier ones. `failing`: the titles of the
    rules that fail.
    """

    findings = fields.List(fields.Dict(), required=True)
    failing = fields.Dict(required=True)


_CASE = "450200-01980000-0000-7000-8000-000000000005"


_progress: JsonObject = {
    "application": APPLICATION,
    "version": 1,
    "title": TITLE,
    "lead": LEAD,
    "units": UNITS,
    "article": "A6(1)",
}


_finding = {
    "rule": "M3",
    "group": "M",
    "citation": "A5(3)5",
    "severity": "in_principle",
    "status": "fail",
    "observed": {"highest": 4, "over": [{"uscc": MEMBER["uscc"], "name": MEMBER["name"], "consortia": 4}]},
    "required": {"at_most": 3},
    "margin": "-1",
    "message": {"zh": "组成单位参与的创新联合体超过 3 个。", "en": "A unit takes part in more than 3 consortia."},
    "reason": None,
    "title": {"zh": "参与数量", "en": "Number of consortia that a unit takes part in"},
    "remedy": {"zh": "请调整组成单位。", "en": "Change the units."},
    "at": "/members/0",
}


_submitted = _progress | {
    "round": 1,
    "kind": "formation",
    "field": "糖业",
    "related_units": [MEMBER["uscc"]],
    "call": {
        "id": CALL,
        "title": "2026 年度创新联合体申报通知",
        "rubric": [{"criterion": "技术先进性", "weight": 60, "max": 100}, {"criterion": "组织能力", "weight": 40, "max": 100}],
        "min_reviewers": 3,
        "places": 10,
    },
    "policy": "guangxi_trial@1",
    "stage": "recommendation",
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
        {
            "name": "decision",
            "level": "province",
            "citation": "A6(2)",
            "four_eyes": False,
            "optional": False,
            "due_days": 10,
            "questions": [],
            "outcomes": ["approve", "decline"],
        },
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
    "findings": [_finding],
    "documents": [
        {
            "id": f"application.{APPLICATION}.01980000-0000-7000-8000-000000000006",
            "kind": "agreement",
            "filename": "组建协议.pdf",
        }
    ],
}


_event = partial(EventType, "application")


EVENTS: dict[str, EventType] = {
    "application.submitted": _event(SubmittedData, _submitted, ApplicationSubmitted),
    "application.resubmitted": _event(
        SubmittedData, _submitted | {"version": 2, "round": 2, "changed": ["members"]}, ApplicationSubmitted
    ),
    "application.withdrawn": _event(WithdrawnData, _progress | {"reason": "withdrawn", "name": TITLE}, ApplicationWithdrawn),
    "application.opinion_void": _event(
        VoidData, {"application": APPLICATION, "case": _CASE, "reason": "withdrawn"}, ApplicationOpinionVoid
    ),
    "application.stage_passed": _event(
        PassedData, _progress | {"stage": "recommendation", "next_stage": "formal_check"}, ApplicationStagePassed
    ),
    "application.returned": _event(
        ReturnedData,
        _progress
        | {
            "stage": "recommendation",
            "by": "450200",
            "comment": "请补充章程。",
            "sections": [{"section": "operating_systems", "comment": "缺少决策机构章程"}],
            "correction_due": "2026-03-20T15:59:59.999999+00:00",
        },
        ApplicationReturned,
    ),
    "application.correction_extended": _event(
        CorrectionExtendedData,
        _progress
        | {
            "stage": "recommendation",
            "by": "450200",
            "reason": "章程须经理事会审议。",
            "correction_due": "2026-03-30T15:59:59.999999+00:00",
        },
        ApplicationCorrectionExtended,
    ),
    "application.rejected": _event(
        RejectedData, _progress | {"stage": "recommendation", "reason": "不符合布局方向"}, ApplicationRejected
    ),
    "application.publicised": _event(
        PublicisedData,
        _progress
        | {"ends_on": "2026-06-08", "waivers": [{"rule": "L2", "reason": "产业急需", "by": "450000"}], "article": "A6(2)"},
        ApplicationPublicised,
    ),
    "application.declined": _event(DeclinedData, _progress | {"reason": "排名靠后", "article": "A6(2)"}, ApplicationDeclined),
    "application.rechecked": _event(
        RecheckedData,
        _progress | {"findings": [_finding], "failing": {"zh": "科研诚信", "en": "research integrity"}, "article": "A14(4)"},
        ApplicationRechecked,
    ),
    "application.held": _event(HeldData, _progress | {"findings": [_finding], "article": "A5(3)5"}, ApplicationHeld),
}
