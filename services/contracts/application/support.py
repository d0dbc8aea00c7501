"""Support measures: requests, answers and events (A9)."""

from __future__ import annotations

from functools import partial
from typing import Any

from marshmallow import fields

from services.contracts.application.list_bounds import document_ids
from services.contracts.case_view import actions
from services.contracts.common import (
    Answer,
    Body,
    Day,
    EventType,
    Money,
    Page,
    Uscc,
    code,
    one_of,
    page_of,
    text,
)
from services.contracts.consortium_reference import ConsortiumReferenceData
from services.contracts.review.review_request import ReviewRequestData
from services.contracts.text_fields import exact

STATUSES = ("requested", "granted", "declined", "recorded", "certified", "replaced", "withdrawn", "ended")


class PersonNamed(Body):
    """A person or a team who benefits from a measure, and their employer."""

    name = text(100, required=True)
    organisation = Uscc(required=True)


class SupportRequest(Body):
    """A request for a support measure. `round` is the id of the open call to which it belongs, exactly as the call gives it; the
    call must be of a kind that the measure names. `unit` is the beneficiary."""

    measure = code(40, required=True)
    amount = Money(load_default=None, allow_none=True)
    person = fields.Nested(PersonNamed, load_default=None, allow_none=True)
    unit = Uscc(load_default=None, allow_none=True)
    round = exact(200, load_default=None, allow_none=True)
    reason = text(8000, required=True)
    documents = document_ids()


class SupportReplacement(Body):
    """The person who is nominated in place of a person nominated by mistake, and the reason."""

    person = fields.Nested(PersonNamed, required=True)
    reason = text(2000, required=True)
    documents = document_ids()


class SupportWithdrawal(Body):
    reason = text(1000, required=True)


class EntitlementQuery(Body):
    """The day for which entitlements are computed. `on`: any day; today by default."""

    on = Day(load_default=None)


class SupportQuery(Page):
    measure = code(40, load_default=None)


class EntitlementItem(Answer):
    """A support measure and whether the consortium may use it. `why` gives the reasons with their citations; `limit`, `used` and
    `left` are present if the policy limits the number of uses. `verified_facts`: the beneficiary's own declarations that count
    only after a bureau has verified them."""

    measure = fields.String(required=True)
    title = fields.String(required=True)
    citation = fields.String(required=True)
    allowed = fields.Boolean(required=True)
    why = fields.List(fields.Dict(), required=True)
    limit = fields.Integer(required=True, allow_none=True)
    used = fields.Integer(required=True, allow_none=True)
    left = fields.Integer(required=True, allow_none=True)
    per_round = fields.Integer(required=True, allow_none=True)
    ceiling = fields.String(required=True, allow_none=True)
    handling = fields.String(required=True)
    verified_facts = fields.List(fields.String(metadata={"x-vocabulary": "organisation_fact"}))
    outside_project_limits = fields.Boolean(required=True)


class EntitlementsAnswer(Answer):
    consortium = fields.String(required=True)
    on = fields.Date(required=True)
    policy = fields.String(required=True)
    items = fields.List(fields.Nested(EntitlementItem), required=True)


class SupportAnswer(Answer):
    """A support request. `entitlement`: the entitlement on the day of the request, which does not change later; `certificate`:
    the proof for third parties. `replaces` and `replaced_by`: the nominations before and after this one, if the province replaced
    one that was made by mistake."""

    id = fields.String(required=True)
    consortium = fields.String(required=True)
    measure = fields.String(required=True)
    status = one_of(*STATUSES, of="support_status", required=True)
    round = fields.String(required=True, allow_none=True)
    amount = fields.String(required=True, allow_none=True)
    person = fields.Dict(required=True, allow_none=True)
    unit = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    documents = fields.List(fields.Dict(), required=True)
    policy = fields.String(required=True)
    entitlement = fields.Dict(required=True)
    requested_on = fields.Date(required=True)
    decision = fields.Dict(required=True, allow_none=True)
    certificate = fields.Dict(required=True, allow_none=True)
    ended_on = fields.Date(required=True, allow_none=True)
    replaces = fields.String(allow_none=True)
    replaced_by = fields.String(allow_none=True)
    etag = fields.String(required=True)
    actions = actions()


SupportPage = page_of(SupportAnswer)


# Events about support requests


class SupportData(ConsortiumReferenceData):
    support = fields.String(required=True)
    measure = fields.String(required=True)
    version = fields.Integer(required=True)
    article = fields.String()


class SupportRequestedData(ReviewRequestData, SupportData):
    """A support request is sent to the province. The event contains all data that the province needs to open its case.

    `money` is present if the request is for money; `rank_first` if it is ranked before the others of its call.
    """

    related_units = fields.List(fields.String())
    rank_first = fields.Boolean(required=True)
    money = fields.Dict(required=True, allow_none=True)
    report = fields.Dict(required=True)


class SupportEndedData(SupportData):
    reason = fields.String(required=True)
    amount = fields.String(allow_none=True)
    comment = fields.String()


class SupportRecordedData(SupportData):
    handling = fields.String(required=True)
    certificate = fields.Dict(required=True, allow_none=True)


class SupportReplacedData(SupportData):
    """The province replaced a nomination. `support` is the new nomination, `replaces` the mistaken one."""

    replaces = fields.String(required=True)
    round = fields.String(required=True)
    reason = fields.String(required=True)


class SupportHandedOverData(SupportData):
    """Another bureau became the recommender of the consortium that made the request."""

    from_bureau = fields.String(required=True)
    to_bureau = fields.String(required=True)
    handed_over = fields.Integer(required=True)


class SupportVoidData(SupportData):
    case = fields.String(required=True)
    reason = fields.String(required=True)


_support: dict[str, Any] = {
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
    ),
    "support.granted": _event(SupportEndedData, _support | {"reason": "择优支持。", "amount": "3000000.00"}),
    "support.declined": _event(SupportEndedData, _support | {"reason": "排名靠后。"}),
    "support.withdrawn": _event(SupportEndedData, _support | {"reason": "withdrawn", "comment": "方案调整。"}),
    "support.recorded": _event(
        SupportRecordedData, _support | {"measure": "young_talent", "handling": "recorded", "certificate": None}
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
    ),
    "support.handed_over": _event(
        SupportHandedOverData, _support | {"from_bureau": "450200", "to_bureau": "450300", "handed_over": 1}
    ),
    "support.opinion_void": _event(
        SupportVoidData, _support | {"case": "450000-01980000-0000-7000-8000-000000000005", "reason": "withdrawn"}
    ),
}
