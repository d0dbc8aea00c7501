"""The events of calls: one schema and one example each."""

from __future__ import annotations

from functools import partial

from marshmallow import fields

from services.contracts.application.event_parts import (
    CALL,
    Data,
)
from services.contracts.application.payloads import CallEvent
from services.contracts.common import EventType


class CallData(Data):
    call = fields.String(required=True)
    title = fields.String(required=True)
    kind = fields.String(required=True)
    opens_at = fields.AwareDateTime(required=True)
    closes_at = fields.AwareDateTime(required=True)
    policy = fields.String(required=True)
    reason = fields.String()


_call = {
    "call": CALL,
    "title": "2026 年度创新联合体申报通知",
    "kind": "formation",
    "opens_at": "2026-03-01T00:00:00+00:00",
    "closes_at": "2026-04-30T15:59:59+00:00",
    "policy": "guangxi_trial@1",
    "article": "A6(1)",
}


_event = partial(EventType, "application")


EVENTS: dict[str, EventType] = {
    "call.opened": _event(CallData, _call, CallEvent),
    "call.extended": _event(CallData, _call, CallEvent),
    "call.cancelled": _event(CallData, _call | {"reason": "申报指南调整"}, CallEvent),
}
