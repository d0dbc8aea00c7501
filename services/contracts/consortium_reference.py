"""The reference by which events name a consortium of the register: the members of the payload, and their schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypedDict

from marshmallow import fields

from services.contracts.common import EventData
from services.contracts.organisation_name import LeadReference
from services.contracts.payload import Payload


class ConsortiumReference(TypedDict):
    """The members that identify a consortium. An event gets them by `event.with_header(**reference)`."""

    consortium: str
    number: str
    name: str
    lead: LeadReference


@dataclass(frozen=True, kw_only=True)
class Cited(Payload):
    """The header of an event: the citation (`article`) that allows the step. `record_change` sets it."""

    article: str | None = field(init=False, default=None)


@dataclass(frozen=True, kw_only=True)
class ConsortiumEvent(Cited):
    """The header of an event about a consortium of the register."""

    consortium: str = field(init=False)
    number: str = field(init=False)
    name: str = field(init=False)
    lead: LeadReference = field(init=False)


class ConsortiumReferenceData(EventData):
    """The schema of `ConsortiumReference`; events about a consortium extend it."""

    consortium = fields.String(required=True)
    number = fields.String(required=True)
    name = fields.String(required=True)
    lead: fields.Field[Any] = fields.Dict(required=True)
