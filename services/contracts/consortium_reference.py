"""The reference by which events name a consortium of the register: a dataclass that the producer fills in, and its schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from services.contracts.common import EventData


@dataclass(frozen=True, slots=True)
class ConsortiumReference:
    """Identifies a consortium. `lead` is the credit code of its lead; `lead_name` is None if the lead has no account on the
    platform."""

    consortium: str
    number: str
    name: str
    lead: str
    lead_name: str | None

    def to_dict(self) -> dict[str, Any]:
        return {
            "consortium": self.consortium,
            "number": self.number,
            "name": self.name,
            "lead": {"uscc": self.lead, "name": self.lead_name},
        }


class ConsortiumReferenceData(EventData):
    """The schema of `ConsortiumReference`; events about a consortium extend it."""

    consortium = fields.String(required=True)
    number = fields.String(required=True)
    name = fields.String(required=True)
    lead: fields.Field[Any] = fields.Dict(required=True)
