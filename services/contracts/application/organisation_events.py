"""The events about organisations' own data: one schema and one example each."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from services.contracts.common import EventData, EventType


class VerificationData(EventData):
    """Facts of an organisation were verified, or lost their verification because the organisation edited them."""

    uscc = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    region = fields.String(required=True, allow_none=True)
    facts = fields.List(fields.String(), required=True)
    article = fields.String()


class VerifiedData(VerificationData):
    """`bureau`: the bureau that saw the evidence; `documents`: the organisation's own documents that it saw."""

    bureau = fields.String(required=True)
    documents = fields.List(fields.String())


class VerificationRefusedData(VerifiedData):
    """Facts that the evidence does not show, and why."""

    reason = fields.String(required=True)


_organisation: dict[str, Any] = {
    "uscc": "9145010035MA46841F",
    "name": "南宁澜瑞六号科技股份有限公司",
    "region": "450100",
    "facts": ["public_institution", "platforms"],
    "article": "A9(3)",
}

EVENTS: dict[str, EventType] = {
    "organisation.verified": EventType(
        "application",
        VerifiedData,
        _organisation
        | {
            "bureau": "450100",
            "documents": ["organisation.9145010035MA46841F.019e0d6e-7a10-7cc0-8000-0000000000d1"],
        },
    ),
    "organisation.verification_refused": EventType(
        "application",
        VerificationRefusedData,
        _organisation | {"bureau": "450100", "documents": [], "reason": "法人证书已过期。"},
    ),
    "organisation.verification_ended": EventType("application", VerificationData, _organisation),
}
