"""The events that the application service publishes: one schema and one example each."""

from __future__ import annotations

from functools import partial
from typing import Any

from marshmallow import fields

from services.contracts.common import EventData, EventType
from services.contracts.review.review_request import ReviewRequestData


class Data(EventData):
    article = fields.String()


class LeadName(Data):
    uscc = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)


class CallData(Data):
    call = fields.String(required=True)
    title = fields.String(required=True)
    kind = fields.String(required=True)
    opens_at = fields.AwareDateTime(required=True)
    closes_at = fields.AwareDateTime(required=True)
    policy = fields.String(required=True)
    reason = fields.String()


class MemberData(Data):
    """`confirm_by`: the end of a correction, if the member is asked during one."""

    application = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    lead = fields.Nested(LeadName, required=True)
    organisation = fields.Dict(required=True)
    agreement_version = fields.String(required=True)
    confirm_by = fields.AwareDateTime(allow_none=True)
    reason = fields.String(allow_none=True)


class SubmittedData(ReviewRequestData, Data):
    """All data that a bureau needs to open its case.

    `stage` is the stage to open; `pipeline` and the members after it come from the policy. `related_units` (the chief scientist's
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
    lead = fields.Nested(LeadName)
    units = fields.List(fields.String())


class VoidData(Data):
    application = fields.String(required=True)
    case = fields.String(required=True)
    reason = fields.String(required=True)


class ProgressData(Data):
    """The data that every event about a step of a case contains. It identifies the case, its lead and its units, so that a
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
    """`by`: the bureau that returned the application and extends the correction."""

    stage = fields.String(required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)
    correction_due = fields.AwareDateTime(required=True)


class RejectedData(ProgressData):
    stage = fields.String(required=True)
    reason = fields.String(required=True)


class PublicisedData(ProgressData):
    """`list`: id, title and day of the list of decisions with which it is made public, if it is part of one."""

    ends_on = fields.Date(required=True)
    waivers = fields.List(fields.Dict(), required=True)
    list = fields.Dict()


class DeclinedData(ProgressData):
    reason = fields.String(required=True)


class HeldData(ProgressData):
    """`objection`: the upheld objection that sent the case back, if there is one.

    `objections`: all objections that an approval must name, each with its id, reason and answer.
    """

    findings = fields.List(fields.Dict(), required=True)
    objection = fields.String()
    objections = fields.List(fields.Dict())


class RecheckedData(ProgressData):
    """Before the decision, other rules fail than those last reported to the province.

    `findings`: those of every rule that was evaluated again; they replace the former ones. `failing`: the titles of the rules
    that fail.
    """

    findings = fields.List(fields.Dict(), required=True)
    failing = fields.Dict(required=True)


class ObjectionData(Data):
    """`by`: the account that objected; null for a written objection, which the province recorded."""

    application = fields.String(required=True)
    objection = fields.String(required=True)
    title = fields.String(required=True)
    by = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)
    outcome = fields.String(allow_none=True)
    answer_by = fields.Date()


class GradeBefore(EventData):
    """A grade of an evaluation before the consortium was imported; `issued_on`: the day of that evaluation's notice."""

    grade = fields.String(required=True)
    issued_on = fields.Date(required=True)
    published_on = fields.Date(required=True)


class DeferralBefore(EventData):
    """A deferral granted before the consortium was imported; `issued_on`: the day of the notice that it is about."""

    issued_on = fields.Date(required=True)
    reason = fields.String(required=True)


class OutcomeBefore(EventData):
    """An outcome that an evaluation before the import used."""

    kind = fields.String(required=True)
    identifier = fields.String(required=True)
    title = fields.String(required=True)
    issuer = fields.String(allow_none=True)


class History(EventData):
    """The history of an imported consortium (A16)."""

    grades = fields.List(fields.Nested(GradeBefore), required=True)
    deferrals = fields.List(fields.Nested(DeferralBefore))
    outcomes = fields.List(fields.Nested(OutcomeBefore), required=True)


class RecognisedData(Data):
    """A consortium enters the register, recognised on the platform or imported; `history` belongs to an imported one."""

    consortium = fields.String(required=True)
    number = fields.String(required=True)
    name = fields.String(required=True)
    field = fields.String(required=True)
    application = fields.String(required=True, allow_none=True)
    recognised_on = fields.Date(required=True)
    lead = fields.Nested(LeadName, required=True)
    units = fields.List(fields.Dict(), required=True)
    recommender = fields.String(required=True)
    policy = fields.String(required=True)
    next_round_by = fields.Date()
    imported = fields.Boolean(required=True)
    goals = fields.List(fields.Dict())
    history = fields.Nested(History)


class RevokedData(Data):
    """A recognition has ended; entitlements and places end with it (A14)."""

    consortium = fields.String(required=True)
    number = fields.String(required=True)
    name = fields.String(required=True)
    lead = fields.Nested(LeadName, required=True)
    units = fields.List(fields.String(), required=True)
    grounds = fields.List(fields.String(), required=True)
    revoked_on = fields.Date(required=True)


_APPLICATION = "01980000-0000-7000-8000-000000000001"
_CONSORTIUM = "01980000-0000-7000-8000-000000000002"
_CALL = "01980000-0000-7000-8000-000000000003"
_OBJECTION = "01980000-0000-7000-8000-000000000004"
_CASE = "450200-01980000-0000-7000-8000-000000000005"
_LEAD = {"uscc": "9145020098MA369042", "name": "柳州桂博一号科技股份有限公司"}
_MEMBER = {"uscc": "9145010035MA46841F", "name": "南宁澜瑞六号科技股份有限公司", "registered": True}
_TITLE = "广西糖业创新联合体"
_UNITS = [_LEAD["uscc"], _MEMBER["uscc"]]
_DIGEST = "4f1c0a9be2d7486f9a35c1d0b7e8426a"

_call = {
    "call": _CALL,
    "title": "2026 年度创新联合体申报通知",
    "kind": "formation",
    "opens_at": "2026-03-01T00:00:00+00:00",
    "closes_at": "2026-04-30T15:59:59+00:00",
    "policy": "guangxi_trial@1",
    "article": "A6(1)",
}
_member = {
    "application": _APPLICATION,
    "name": _TITLE,
    "lead": _LEAD,
    "organisation": _MEMBER,
    "agreement_version": _DIGEST,
    "article": "A5(3)1",
}
_progress: dict[str, Any] = {
    "application": _APPLICATION,
    "version": 1,
    "title": _TITLE,
    "lead": _LEAD,
    "units": _UNITS,
    "article": "A6(1)",
}
_finding = {
    "rule": "M3",
    "group": "M",
    "citation": "A5(3)5",
    "severity": "in_principle",
    "status": "fail",
    "observed": {"highest": 4, "over": [{"uscc": _MEMBER["uscc"], "name": _MEMBER["name"], "consortia": 4}]},
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
    "related_units": [_MEMBER["uscc"]],
    "call": {
        "id": _CALL,
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
            "id": f"application.{_APPLICATION}.01980000-0000-7000-8000-000000000006",
            "kind": "agreement",
            "filename": "组建协议.pdf",
        }
    ],
}


_event = partial(EventType, "application")


EVENTS: dict[str, EventType] = {
    "call.opened": _event(CallData, _call),
    "call.extended": _event(CallData, _call),
    "call.cancelled": _event(CallData, _call | {"reason": "申报指南调整"}),
    "member.invited": _event(MemberData, _member),
    "member.confirmed": _event(MemberData, _member),
    "member.declined": _event(MemberData, _member | {"reason": "研究方向不符"}),
    "member.reconfirmation_needed": _event(MemberData, _member | {"confirm_by": "2026-03-20T15:59:59.999999+00:00"}),
    "member.removed": _event(MemberData, _member),
    "member.reminded": _event(MemberData, _member | {"confirm_by": None}),
    "application.submitted": _event(SubmittedData, _submitted),
    "application.resubmitted": _event(SubmittedData, _submitted | {"version": 2, "round": 2, "changed": ["members"]}),
    "application.withdrawn": _event(WithdrawnData, _progress | {"reason": "withdrawn", "name": _TITLE}),
    "application.opinion_void": _event(VoidData, {"application": _APPLICATION, "case": _CASE, "reason": "withdrawn"}),
    "application.stage_passed": _event(PassedData, _progress | {"stage": "recommendation", "next_stage": "formal_check"}),
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
    ),
    "application.rejected": _event(RejectedData, _progress | {"stage": "recommendation", "reason": "不符合布局方向"}),
    "application.publicised": _event(
        PublicisedData,
        _progress
        | {"ends_on": "2026-06-08", "waivers": [{"rule": "L2", "reason": "产业急需", "by": "450000"}], "article": "A6(2)"},
    ),
    "application.declined": _event(DeclinedData, _progress | {"reason": "排名靠后", "article": "A6(2)"}),
    "application.rechecked": _event(
        RecheckedData,
        _progress | {"findings": [_finding], "failing": {"zh": "科研诚信", "en": "research integrity"}, "article": "A14(4)"},
    ),
    "application.held": _event(HeldData, _progress | {"findings": [_finding], "article": "A5(3)5"}),
    "objection.filed": _event(
        ObjectionData,
        {"application": _APPLICATION, "objection": _OBJECTION, "title": _TITLE, "by": "zhang", "answer_by": "2026-06-08"},
    ),
    "objection.answer_prepared": _event(
        ObjectionData,
        {"application": _APPLICATION, "objection": _OBJECTION, "title": _TITLE, "outcome": "upheld"},
    ),
    "objection.answered": _event(
        ObjectionData,
        {
            "application": _APPLICATION,
            "objection": _OBJECTION,
            "title": _TITLE,
            "by": "zhang",
            "answer": "经核查，异议不成立。",
            "outcome": "dismissed",
        },
    ),
    "consortium.recognised": _event(
        RecognisedData,
        {
            "consortium": _CONSORTIUM,
            "number": "GXCX-2026-0001",
            "name": _TITLE,
            "field": "糖业",
            "application": _APPLICATION,
            "recognised_on": "2026-06-09",
            "lead": _LEAD,
            "units": [_LEAD | {"tier": None}, {"uscc": _MEMBER["uscc"], "name": _MEMBER["name"], "tier": "core"}],
            "recommender": "450200",
            "policy": "guangxi_trial@1",
            "next_round_by": "2029-06-09",
            "imported": False,
            "goals": [
                {
                    "kind": "core_technology",
                    "statement": "突破甘蔗良种繁育技术。",
                    "indicators": [{"name": "新品种", "target": "3", "unit": "个", "due": "2027-12-31"}],
                }
            ],
            "article": "A6(2)",
        },
    ),
    "consortium.revoked": _event(
        RevokedData,
        {
            "consortium": _CONSORTIUM,
            "number": "GXCX-2026-0001",
            "name": _TITLE,
            "lead": _LEAD,
            "units": _UNITS,
            "grounds": ["A14(2)"],
            "revoked_on": "2026-12-17",
            "article": "A14(2)",
        },
    ),
}
