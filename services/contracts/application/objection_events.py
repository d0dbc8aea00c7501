"""The events of objections to a recognition: one schema and one example each."""

from __future__ import annotations

from functools import partial

from marshmallow import fields

from services.contracts.application.event_parts import (
    APPLICATION,
    TITLE,
    Data,
)
from services.contracts.application.payloads import ObjectionEvent
from services.contracts.common import EventType


class ObjectionData(Data):
    """The fields of every event about an objection. `by`: the account that objected; null for a written objection, which the
    province recorded."""

    application = fields.String(required=True)
    objection = fields.String(required=True)
    title = fields.String(required=True)
    by = fields.String(allow_none=True)
    answer = fields.String(allow_none=True)
    outcome = fields.String(allow_none=True)
    answer_by = fields.Date()


_OBJECTION = "01980000-0000-7000-8000-000000000004"


_event = partial(EventType, "application")


EVENTS: dict[str, EventType] = {
    "objection.filed": _event(
        ObjectionData,
        {"application": APPLICATION, "objection": _OBJECTION, "title": TITLE, "by": "zhang", "answer_by": "2026-06-08"},
        ObjectionEvent,
    ),
    "objection.answer_prepared": _event(
        ObjectionData,
        {"application": APPLICATION, "objection": _OBJECTION, "title": TITLE, "outcome": "upheld"},
        ObjectionEvent,
    ),
    "objection.answered": _event(
        ObjectionData,
        {
            "application": APPLICATION,
            "objection": _OBJECTION,
            "title": TITLE,
            "by": "zhang",
            "answer": "经核查，异议不成立。",
            "outcome": "dismissed",
        },
        ObjectionEvent,
    ),
}
