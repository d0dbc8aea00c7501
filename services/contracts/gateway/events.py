"""The events that the gateway's identity process publishes: one schema and one example each."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.common import Citation, EventData, EventType
from services.contracts.gateway import payloads


class ExpertFacts(EventData):
    """The facts about an expert that reveal conflicts of interest."""

    employer = fields.String(required=True)
    former_employers = fields.List(fields.String(), required=True)
    fields_ = fields.List(fields.String(), required=True, data_key="fields", attribute="fields")
    declared_interests = fields.List(fields.String(), required=True)


class AccountData(EventData):
    username = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    bureau = fields.String(required=True, allow_none=True)
    organisation = fields.String(required=True, allow_none=True)
    active = fields.Boolean(required=True)
    expert = fields.Nested(ExpertFacts, required=True, allow_none=True)
    term_until = fields.Date(allow_none=True, metadata={"description": "the last day of a reviewer's term, where there is one"})


class ReviewerTermEnding(EventData):
    """A reviewer's term ends soon: the province may renew it."""

    username = fields.String(required=True)
    kind = fields.String(required=True)
    until = fields.Date(required=True)


class ActingChiefEnded(EventData):
    """An acting chief's appointment ended: `account` no longer signs in the name of `acts_for`."""

    appointment = fields.String(required=True)
    account = fields.String(required=True)
    acts_for = fields.String(required=True)
    bureau = fields.String(required=True)
    reason = fields.String(required=True)


class ActingChiefAppointed(ActingChiefEnded):
    """An acting chief was appointed: `account` signs in the name of `acts_for` from the first day to the end of the last day."""

    from_ = fields.Date(required=True, data_key="from", attribute="from")
    until = fields.Date(required=True)


class ContactChanged(EventData):
    """An account's addresses for notifications changed. The event is for the notification service only and never goes to other
    systems."""

    username = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.String(), required=True)
    bureau = fields.String(required=True, allow_none=True)
    organisation = fields.String(required=True, allow_none=True)
    active = fields.Boolean(required=True)
    until = fields.Date(allow_none=True)


class CodeSent(EventData):
    """A code was issued by which an account proves that an e-mail address or phone number is its own. Only the notification
    service receives the event; it sends the code and deletes it."""

    username = fields.String(required=True)
    channel = fields.String(required=True)
    to = fields.String(required=True)
    code = fields.String(required=True)
    until = fields.AwareDateTime(required=True)
    language = fields.String(required=True)


class ResetRequested(EventData):
    """A person who forgot a password asked for a new one. The notification service signs the link for this `reset` and sends it.
    The event contains no secret."""

    username = fields.String(required=True)
    reset = fields.String(required=True)
    until = fields.AwareDateTime(required=True)
    language = fields.String(required=True)


class PasswordReset(EventData):
    """A forgotten password was replaced, and all logins of the account ended."""

    username = fields.String(required=True)


class AccountErased(EventData):
    """The account's personal data were erased: every service and system that keeps data of this account must erase them too."""

    username = fields.String(required=True)


class RegistrationData(EventData):
    """The data in every event of a registration."""

    registration = fields.String(required=True)
    uscc = fields.String(required=True)
    name = fields.String(required=True)
    region = fields.String(required=True)
    kind = fields.String(required=True)
    article = Citation()


class RegistrationRequested(RegistrationData):
    bureau = fields.String(required=True)


class RegistrationApproved(RegistrationData):
    username = fields.String(required=True)


class RegistrationRefused(RegistrationRequested):
    reason = fields.String(required=True)


_APPOINTMENT = {
    "appointment": "0197c0de-0000-7000-8000-000000000002",
    "account": "liuzhou.officer",
    "acts_for": "liuzhou.chief",
    "bureau": "450200",
    "reason": "负责人外出学习。",
}

_REGISTRATION = {
    "registration": "0197c0de-0000-7000-8000-000000000001",
    "uscc": "91450200MA5KAAAA09",
    "name": "柳州示例智能装备有限公司",
    "region": "450203",
    "kind": "enterprise",
}

EVENTS: dict[str, EventType] = {
    "account.changed": EventType(
        "gateway",
        AccountData,
        {
            "username": "expert-1",
            "roles": ["expert"],
            "bureau": None,
            "organisation": None,
            "active": True,
            "expert": {
                "employer": "12450000MB0AAAA01Q",
                "former_employers": [],
                "fields": ["智能制造"],
                "declared_interests": [],
            },
            "term_until": None,
        },
        payloads.AccountChanged,
    ),
    "reviewer.term_ending": EventType(
        "gateway",
        ReviewerTermEnding,
        {"username": "expert-1", "kind": "expert", "until": "2027-06-30"},
        payloads.ReviewerTermEnding,
    ),
    "acting_chief.appointed": EventType(
        "gateway",
        ActingChiefAppointed,
        _APPOINTMENT | {"from": "2026-07-01", "until": "2026-07-15"},
        payloads.ActingChiefAppointed,
    ),
    "acting_chief.ended": EventType(
        "gateway", ActingChiefEnded, _APPOINTMENT | {"reason": "负责人提前返回。"}, payloads.ActingChiefEnded
    ),
    "account.contact_changed": EventType(
        "gateway",
        ContactChanged,
        {
            "username": "liuzhou-demo",
            "email": "liuzhou@example.cn",
            "phone": "0772-0000000",
            "roles": ["applicant"],
            "bureau": None,
            "organisation": "91450200MA5KAAAA09",
            "active": True,
            "until": None,
        },
        payloads.ContactChanged,
    ),
    "account.erased": EventType("gateway", AccountErased, {"username": "liuzhou-demo"}, payloads.AccountErased),
    "contact.code_sent": EventType(
        "gateway",
        CodeSent,
        {
            "username": "liuzhou-demo",
            "channel": "email",
            "to": "liuzhou@example.cn",
            "code": "04815162",
            "until": "2026-03-02T02:30:00+00:00",
            "language": "zh",
        },
        payloads.CodeSent,
    ),
    "password.reset_requested": EventType(
        "gateway",
        ResetRequested,
        {
            "username": "liuzhou-demo",
            "reset": "0197c0de-0000-7000-8000-000000000002",
            "until": "2026-03-02T02:30:00+00:00",
            "language": "zh",
        },
        payloads.ResetRequested,
    ),
    "password.reset": EventType("gateway", PasswordReset, {"username": "liuzhou-demo"}, payloads.PasswordReset),
    "registration.requested": EventType(
        "gateway", RegistrationRequested, _REGISTRATION | {"bureau": "450200"}, payloads.RegistrationRequested
    ),
    "registration.approved": EventType(
        "gateway", RegistrationApproved, _REGISTRATION | {"username": "liuzhou-demo"}, payloads.RegistrationApproved
    ),
    "registration.refused": EventType(
        "gateway",
        RegistrationRefused,
        _REGISTRATION | {"bureau": "450200", "reason": "营业执照与名称不符。"},
        payloads.RegistrationRefused,
    ),
}
