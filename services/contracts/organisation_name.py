"""An organisation as events and answers name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from services.contracts.payload import Payload


class OrganisationName(TypedDict):
    """An organisation's code and name. Both are null if no organisation is named; the name is null if no account registered the
    organisation."""

    uscc: str | None
    name: str | None


class PublicUnit(OrganisationName):
    """A unit of a consortium; the lead has no tier."""

    tier: str | None


@dataclass(frozen=True, kw_only=True)
class LeadReference(Payload):
    """The lead of an application or a consortium in an event. `name` is None if no account registered it. No producer sends
    `article`, which exists because the released schema has it."""

    uscc: str
    name: str | None
    article: str | None = None
