"""The events that ask members to confirm an application, and their answers: one schema and one example each."""

from __future__ import annotations

from functools import partial

from marshmallow import fields

from services.contracts.application.event_parts import (
    APPLICATION,
    LEAD,
    MEMBER,
    TITLE,
    Data,
    LeadName,
)
from services.contracts.application.payloads import MemberEvent
from services.contracts.common import EventType


class MemberData(Data):
    """The fields of every event about a member of an application. `confirm_by`: the end of the correction window, if the member
    is asked to confirm during a correction."""

    application = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    lead = fields.Nested(LeadName, required=True)
    organisation = fields.Dict(required=True)
    agreement_version = fields.String(required=True)
    confirm_by = fields.AwareDateTime(allow_none=True)
    reason = fields.String(allow_none=True)


_DIGEST = "4f1c0a9be2d7486f9a35c1d0b7e8426a"


_member = {
    "application": APPLICATION,
    "name": TITLE,
    "lead": LEAD,
    "organisation": MEMBER,
    "agreement_version": _DIGEST,
    "article": "A5(3)1",
}


_event = partial(EventType, "application")


EVENTS: dict[str, EventType] = {
    "member.invited": _event(MemberData, _member, MemberEvent),
    "member.confirmed": _event(MemberData, _member, MemberEvent),
    "member.declined": _event(MemberData, _member | {"reason": "研究方向不符"}, MemberEvent),
    "member.reconfirmation_needed": _event(MemberData, _member | {"confirm_by": "2026-03-20T15:59:59.999999+00:00"}, MemberEvent),
    "member.removed": _event(MemberData, _member, MemberEvent),
    "member.reminded": _event(MemberData, _member | {"confirm_by": None}, MemberEvent),
}
