"""The names that belong to the codes and ids in a case. They are looked up if the request asks for them."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from marshmallow import fields

from services.contracts.application.application_responses import (
    DiffAnswer,
    DiffAnswerDict,
    TimelineAnswer,
    TimelineAnswerDict,
)
from services.contracts.common import Answer


class NamedUnit(Answer):
    uscc = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    leading = fields.Boolean(required=True)


class NamedUnitDict(TypedDict):
    uscc: str
    name: str | None
    leading: bool


class NamedSeat(Answer):
    """A seat of the panel with the names of its reviewer and the reviewer's employer."""

    id = fields.String(required=True)
    account = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    employer = fields.String(required=True, allow_none=True)
    employer_name = fields.String(required=True, allow_none=True)


class NamedSeatDict(TypedDict):
    id: str
    account: str
    name: str | None
    employer: str | None
    employer_name: str | None


class NamedDocument(Answer):
    """A document of the case, as the documents service describes it; its fields are null if that service cannot be asked now."""

    id = fields.String(required=True)
    kind = fields.String(required=True, allow_none=True)
    filename = fields.String(required=True, allow_none=True)
    media_type = fields.String(required=True, allow_none=True)
    size = fields.Integer(required=True, allow_none=True)
    state = fields.String(required=True, allow_none=True, metadata={"x-vocabulary": "document_state"})
    version = fields.Integer(required=True, allow_none=True)


class NamedDocumentDict(TypedDict):
    id: str
    kind: str | None
    filename: str | None
    media_type: str | None
    size: int | None
    state: str | None
    version: int | None


class Expanded(Answer):
    """The additional parts that `expand` requested, as far as the case has them and the reader may read them: the names of units
    and of the panel's seats, the files, the first 200 steps, and the changes since the version before."""

    units = fields.List(fields.Nested(NamedUnit))
    seats = fields.List(fields.Nested(NamedSeat))
    documents = fields.List(fields.Nested(NamedDocument))
    timeline = fields.List(fields.Nested(TimelineAnswer))
    diff = fields.Nested(DiffAnswer, allow_none=True)
    unavailable = fields.List(fields.String(), metadata={"description": "the parts whose service does not answer now"})


class ExpandedDict(TypedDict):
    units: NotRequired[list[NamedUnitDict]]
    seats: NotRequired[list[NamedSeatDict]]
    documents: NotRequired[list[NamedDocumentDict]]
    timeline: NotRequired[list[TimelineAnswerDict]]
    diff: NotRequired[DiffAnswerDict | None]
    unavailable: NotRequired[list[str]]
