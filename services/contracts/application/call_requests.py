"""The bodies and queries of requests about calls."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, TypedDict

from marshmallow import ValidationError, fields

from services.contracts.application.list_bounds import at_most
from services.contracts.common import (
    Body,
    FieldMessage,
    Moment,
    Money,
    Page,
    code,
    one_of,
    text,
    whole,
)
from services.contracts.labels import codes_of
from services.contracts.text_fields import email, phone

CALL_KINDS = codes_of("call_kind")


class Number(fields.Field[Any]):
    """A JSON number above zero, at most 1,000,000, with at most four decimals. It is passed on as a number, not as text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | float:
        fits = not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)
        if not fits or not 0 < value <= 1_000_000 or Decimal(str(value)) != round(Decimal(str(value)), 4):
            raise ValidationError(
                FieldMessage(
                    "bad_number",
                    "请填写大于零、不超过 1000000 的数，最多四位小数。",
                    "Give a number above zero, at most 1,000,000, with at most four decimals.",
                )
            )
        return value  # type: ignore[no-any-return]


class Criterion(Body):
    criterion = text(100, required=True)
    weight = Number(required=True)
    max = Number(required=True)


class CriterionDict(TypedDict):
    criterion: str
    weight: int | float
    max: int | float


class CallContact(Body):
    """The contact for questions about a call."""

    name = text(60, one_line=True, required=True)
    telephone = phone(required=True)
    address = text(200, one_line=True, load_default=None, allow_none=True)
    email = email(load_default=None, allow_none=True)


class CallContactDict(TypedDict):
    name: str
    telephone: str
    address: str | None
    email: str | None


class Call(Body):
    """A new call. `policy` defaults to the version in force. An empty `fields` allows any field. `attachments` are the kinds of
    document required in addition to the policy's."""

    title = text(200, required=True)
    kind = one_of(*CALL_KINDS, of="call_kind", load_default="formation")
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)
    policy = code(80, load_default=None, allow_none=True)
    fields_ = fields.List(text(60), load_default=list, data_key="fields", attribute="fields", validate=at_most(100))
    industry_bureaus = fields.List(code(20), load_default=list, validate=at_most(50))
    rubric = fields.List(fields.Nested(Criterion), load_default=list, validate=at_most(50))
    min_reviewers = whole(1, 99, load_default=3)
    places = whole(1, 10_000, load_default=None, allow_none=True)
    budget = Money(load_default=None, allow_none=True)
    attachments = fields.List(code(60), load_default=list, validate=at_most(50))
    text = text(50_000, load_default=None, allow_none=True)
    contact = fields.Nested(CallContact, load_default=None, allow_none=True)


class CallDict(TypedDict):
    title: str
    kind: str
    opens_at: str
    closes_at: str
    policy: str | None
    fields: list[str]
    industry_bureaus: list[str]
    rubric: list[CriterionDict]
    min_reviewers: int
    places: int | None
    budget: str | None
    attachments: list[str]
    text: str | None
    contact: CallContactDict | None


class CallChange(Body):
    """A change of a call. `closes_at` can only move to a later time. Title, text and fields can change until the call opens,
    `contact` at any time."""

    title = text(200)
    contact = fields.Nested(CallContact, allow_none=True)
    fields_ = fields.List(text(60), data_key="fields", attribute="fields", validate=at_most(100))
    closes_at = Moment()
    text = text(50_000, allow_none=True)


class CallChangeDict(TypedDict, total=False):
    title: str
    contact: CallContactDict | None
    fields: list[str]
    closes_at: str
    text: str | None


class Cancellation(Body):
    reason = text(1000, required=True)


class CallQuery(Page):
    kind = one_of(*CALL_KINDS, of="call_kind", load_default=None)
    status = one_of("upcoming", "open", "closed", "cancelled", of="call_status", load_default=None)
