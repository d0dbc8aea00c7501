"""The JSON of objections as Python types; `objections.py` documents each member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NotRequired, TypedDict

from services.contracts.attachment import Attachment
from services.contracts.payload import Payload


class ObjectionOutcome(StrEnum):
    DISMISSED = "dismissed"
    UPHELD = "upheld"


@dataclass(frozen=True, kw_only=True)
class ObjectorPart(Payload):
    name: str
    contact: str | None


@dataclass(frozen=True, kw_only=True)
class WrittenObjectionPart(Payload):
    objector: ObjectorPart
    received_on: date
    document: str


class StoredObjector(TypedDict):
    """The objector of a written objection as it is stored. `erased` replaces the other members once the personal data is
    erased."""

    name: NotRequired[str]
    contact: NotRequired[str | None]
    erased: NotRequired[bool]


class PreparedAnswerDict(TypedDict):
    answer: str
    outcome: str
    objections: list[str]
    by: str
    at: str


class ObjectionAnswerDict(TypedDict):
    id: str
    application: NotRequired[str]
    participation: NotRequired[str]
    reason: str
    filed_at: str
    by: str | None
    organisation: str | None
    objector: StoredObjector | None
    received_on: str | None
    document: Attachment | None
    answer: str | None
    outcome: str | None
    answered_at: str | None
    resolved_at: str | None
    prepared: PreparedAnswerDict | None
    etag: str | None


class ObjectionsAnswerDict(TypedDict):
    items: list[ObjectionAnswerDict]
