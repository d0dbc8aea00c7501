"""The bodies and queries of requests for support measures (A9)."""

from __future__ import annotations

from typing import TypedDict

from marshmallow import fields

from services.contracts.application.list_bounds import document_ids
from services.contracts.common import Body, Day, Money, Page, Uscc, code, text
from services.contracts.text_fields import exact


class PersonNamed(Body):
    """A person or a team, and their employer."""

    name = text(100, required=True)
    organisation = Uscc(required=True)


class PersonNamedDict(TypedDict):
    name: str
    organisation: str


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


class SupportRequestDict(TypedDict):
    measure: str
    amount: str | None
    person: PersonNamedDict | None
    unit: str | None
    round: str | None
    reason: str
    documents: list[str]


class SupportReplacement(Body):
    """The person nominated in place of another person who was nominated by mistake, and the reason."""

    person = fields.Nested(PersonNamed, required=True)
    reason = text(2000, required=True)
    documents = document_ids()


class SupportReplacementDict(TypedDict):
    person: PersonNamedDict
    reason: str
    documents: list[str]


class SupportWithdrawal(Body):
    reason = text(1000, required=True)


class EntitlementQuery(Body):
    """The query of entitlements. `on`: the day for which they are computed, which may be any day; today by default."""

    on = Day(load_default=None)


class SupportQuery(Page):
    measure = code(40, load_default=None)
