"""The events about organisations: their own data, integrity records and successions; one schema and one example each."""

from __future__ import annotations

from functools import partial

from marshmallow import fields

from services.contracts.application.event_parts import (
    UNIT,
    Data,
)
from services.contracts.application.payloads import (
    FactsEvent,
    FactsVerified,
    IntegrityEvent,
    OrganisationSucceeded,
    VerificationRefused,
)
from services.contracts.common import EventData, EventType
from services.contracts.payload import JsonObject


class VerificationData(EventData):
    """The fields of every event about verified facts: a bureau verified or refused them, or they lost their verification because
    the organisation edited them."""

    uscc = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    region = fields.String(required=True, allow_none=True)
    facts = fields.List(fields.String(), required=True)
    article = fields.String()


class VerifiedData(VerificationData):
    """A bureau verified facts of an organisation. `bureau`: the bureau that saw the evidence; `documents`: the organisation's own
    documents that it saw."""

    bureau = fields.String(required=True)
    documents = fields.List(fields.String())


class VerificationRefusedData(VerifiedData):
    """A bureau refused to verify facts, because the evidence does not prove them; the event gives the reason."""

    reason = fields.String(required=True)


class RecordData(Data):
    """An integrity record was entered or repaired. For a repair, `kind` is shortened or withdrawn, and `documents` are those that
    justify the repair."""

    record = fields.String(required=True)
    uscc = fields.String(required=True)
    penalty_until = fields.Date(required=True, allow_none=True)
    kind = fields.String()
    documents = fields.List(fields.String())


class SucceededData(Data):
    predecessor = fields.String(required=True)
    successor = fields.String(required=True)
    kind = fields.String(required=True)
    effective_on = fields.Date(required=True)
    consortia = fields.List(fields.String(), required=True)


_organisation: JsonObject = {
    "uscc": "9145010035MA46841F",
    "name": "南宁澜瑞六号科技股份有限公司",
    "region": "450100",
    "facts": ["public_institution", "platforms"],
    "article": "A9(3)",
}


_record = {
    "record": "01980000-0000-7000-8000-000000000045",
    "uscc": UNIT["uscc"],
    "penalty_until": "2026-12-31",
    "article": "A14(4)",
}


_event = partial(EventType, "application")


EVENTS: dict[str, EventType] = {
    "organisation.verified": _event(
        VerifiedData,
        _organisation
        | {
            "bureau": "450100",
            "documents": ["organisation.9145010035MA46841F.019e0d6e-7a10-7cc0-8000-0000000000d1"],
        },
        FactsVerified,
    ),
    "organisation.verification_refused": _event(
        VerificationRefusedData,
        _organisation | {"bureau": "450100", "documents": [], "reason": "法人证书已过期。"},
        VerificationRefused,
    ),
    "organisation.verification_ended": _event(VerificationData, _organisation, FactsEvent),
    "integrity.recorded": _event(RecordData, _record, IntegrityEvent),
    "integrity.repaired": _event(RecordData, _record | {"kind": "shortened"}, IntegrityEvent),
    "organisation.succeeded": _event(
        SucceededData,
        {
            "predecessor": UNIT["uscc"],
            "successor": "9145010035MA46842E",
            "kind": "merged",
            "effective_on": "2026-11-01",
            "consortia": ["01980000-0000-7000-8000-000000000002"],
            "article": "A12",
        },
        OrganisationSucceeded,
    ),
}
