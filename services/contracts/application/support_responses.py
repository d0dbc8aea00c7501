"""The answers about support measures (A9)."""

from __future__ import annotations

from typing import NotRequired, TypedDict, final

from marshmallow import fields

from services.contracts.application.support_requests import PersonNamedDict
from services.contracts.case_view import ActionAnswerDict, actions
from services.contracts.common import Answer, one_of, page_of

STATUSES = ("requested", "granted", "declined", "recorded", "certified", "replaced", "withdrawn", "ended")


class EntitlementItem(Answer):
    """A support measure, and whether the consortium may use it. `why` gives the reason, with the citation, why the measure may be
    used or not; `limit`, `used` and `left` are present if the policy limits the number of uses. `verified_facts`: the
    beneficiary's own declarations that count only after a bureau has verified them."""

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


class EntitlementReason(TypedDict):
    citation: str
    message: dict[str, str]


class EntitlementItemDict(TypedDict):
    measure: str
    title: dict[str, str]
    citation: str
    allowed: bool
    why: list[EntitlementReason]
    limit: int | None
    used: int | None
    left: int | None
    per_round: int | None
    ceiling: str | None
    handling: str
    verified_facts: list[str]
    outside_project_limits: bool


class EntitlementsAnswer(Answer):
    consortium = fields.String(required=True)
    on = fields.Date(required=True)
    policy = fields.String(required=True)
    items = fields.List(fields.Nested(EntitlementItem), required=True)


class EntitlementsAnswerDict(TypedDict):
    consortium: str
    on: str
    policy: str
    items: list[EntitlementItemDict]


class SupportAnswer(Answer):
    """A support request. `entitlement`: the consortium's entitlement on the day of the request, which does not change later;
    `certificate`: the proof for third parties. `replaces` and `replaced_by`: the nominations before and after this one, if the
    province replaced a nomination that was made by mistake."""

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


@final
class NoEntitlement(TypedDict):
    """The stored entitlement of a use from before the platform, which is an empty object."""


class SupportDecision(TypedDict):
    """The decision on a request: approve, decline or, for a nomination, replaced."""

    outcome: str
    reason: str
    on: str


class CertifiedFact(TypedDict):
    fact: str
    bureau: str
    on: str


class SupportCertificate(TypedDict):
    """The certificate for third parties."""

    number: str
    measure: str
    title: dict[str, str]
    citation: str
    consortium: CertifiedConsortium
    person: PersonNamedDict | None
    verified: list[CertifiedFact]
    issued_on: str


class CertifiedConsortium(TypedDict):
    number: str
    name: str


class SupportAnswerDict(TypedDict):
    id: str
    consortium: str
    measure: str
    status: str
    round: str | None
    amount: str | None
    person: PersonNamedDict | None
    unit: str | None
    reason: str
    documents: list[dict[str, str]]
    policy: str
    entitlement: EntitlementItemDict | NoEntitlement
    requested_on: str
    decision: SupportDecision | None
    certificate: SupportCertificate | None
    ended_on: str | None
    replaces: str | None
    replaced_by: str | None
    etag: str
    actions: NotRequired[list[ActionAnswerDict]]


SupportPage = page_of(SupportAnswer)
