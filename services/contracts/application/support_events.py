"""The events of support requests: one schema and one example each (A9)."""

from __future__ import annotations

from functools import partial

from marshmallow import fields

from services.contracts.application.register_payloads import (
    SupportEnded,
    SupportHandedOver,
    SupportOpinionVoid,
    SupportRecorded,
    SupportReplaced,
    SupportRequested,
)
from services.contracts.common import EventType
from services.contracts.consortium_reference import ConsortiumReferenceData
from services.contracts.payload import JsonObject
from services.contracts.review.event_schemas import DifferenceData
from services.contracts.review.review_request import ReviewRequestData


class SupportData(ConsortiumReferenceData):
    support = fields.String(required=True)
    measure = fields.String(required=True)
    version = fields.Integer(required=True)
    article = fields.String()


class SupportRequestedData(ReviewRequestData, SupportData):
    """A support measure was requested. The event contains all data that the province needs to open its case. `money` is null
    unless the measure asks for an amount; `rank_first`: whether the request ranks before others of its call."""

    related_units = fields.List(fields.String())
    rank_first = fields.Boolean(required=True)
    money = fields.Dict(required=True, allow_none=True)
    report = fields.Dict(required=True)


class SupportEndedData(SupportData):
    """A support request was granted, declined or withdrawn. `differs`: how the signed decision differs from the officer's
    draft."""

    reason = fields.String(required=True)
    amount = fields.String(allow_none=True)
    comment = fields.String()
    differs = fields.Nested(DifferenceData)


class SupportRecordedData(SupportData):
    handling = fields.String(required=True)
    certificate = fields.Dict(required=True, allow_none=True)


class SupportReplacedData(SupportData):
    """The province replaced a nomination that was made by mistake: `support` is the new nomination, `replaces` the mistaken
    one."""

    replaces = fields.String(required=True)
    round = fields.String(required=True)
    reason = fields.String(required=True)


class SupportHandedOverData(SupportData):
    """The consortium has a new recommender. `why` and `reason` as in `consortium.handed_over`."""

    from_bureau = fields.String(required=True)
    to_bureau = fields.String(required=True)
    handed_over = fields.Integer(required=True)
    why = fields.String()
    reason = fields.String(allow_none=True)


class SupportVoidData(SupportData):
    case = fields.String(required=True)
    reason = fields.String(required=True)


_support: JsonObject = {
    "support": "01980000-0000-7000-8000-000000000051",
    "consortium": "01980000-0000-7000-8000-000000000002",
    "number": "GXCX-2026-0001",
    "name": "广西糖业创新联合体",
    "lead": {"uscc": "9145020098MA369042", "name": "柳州桂博一号科技股份有限公司"},
    "measure": "special_project_new",
    "version": 1,
    "article": "A9(1)1",
}


_event = partial(EventType, "application")


EVENTS: dict[str, EventType] = {
    "support.requested": _event(
        SupportRequestedData,
        _support
        | {
            "round": 1,
            "kind": "support_request",
            "title": "广西糖业创新联合体 · 平台能力建设专项（新认定）",
            "field": "糖业",
            "units": ["9145020098MA369042", "9145010035MA46841F"],
            "related_units": [],
            "call": None,
            "policy": "guangxi_trial@1",
            "stage": "decision",
            "pipeline": [
                {
                    "name": "decision",
                    "level": "province",
                    "citation": "A9",
                    "four_eyes": False,
                    "optional": False,
                    "due_days": 20,
                    "questions": [],
                    "outcomes": ["approve", "decline"],
                }
            ],
            "questions": [],
            "waivable": [],
            "findings": [],
            "documents": [],
            "rank_first": False,
            "money": {"asked": "3000000.00", "ceiling": "5000000.00"},
            "report": {"reason": "建设中试平台。", "amount": "3000000.00"},
        },
        SupportRequested,
    ),
    "support.granted": _event(SupportEndedData, _support | {"reason": "择优支持。", "amount": "3000000.00"}, SupportEnded),
    "support.declined": _event(SupportEndedData, _support | {"reason": "排名靠后。"}, SupportEnded),
    "support.withdrawn": _event(SupportEndedData, _support | {"reason": "withdrawn", "comment": "方案调整。"}, SupportEnded),
    "support.recorded": _event(
        SupportRecordedData,
        _support | {"measure": "young_talent", "handling": "recorded", "certificate": None},
        SupportRecorded,
    ),
    "support.replaced": _event(
        SupportReplacedData,
        _support
        | {
            "measure": "young_talent",
            "replaces": "01980000-0000-7000-8000-000000000052",
            "round": "01980000-0000-7000-8000-000000000053",
            "reason": "人选填写有误，经牵头单位申请更换。",
            "article": "A9(3)2",
        },
        SupportReplaced,
    ),
    "support.handed_over": _event(
        SupportHandedOverData,
        _support | {"from_bureau": "450200", "to_bureau": "450300", "handed_over": 1},
        SupportHandedOver,
    ),
    "support.opinion_void": _event(
        SupportVoidData,
        _support | {"case": "450000-01980000-0000-7000-8000-000000000005", "reason": "withdrawn"},
        SupportOpinionVoid,
    ),
}
