"""The answers about calls. These schemas document them; the gateway passes them on unchanged."""

from __future__ import annotations

from typing import TypedDict

from marshmallow import fields

from services.contracts.application.call_requests import CallContactDict, CriterionDict
from services.contracts.common import Answer


class CallAnswer(Answer):
    """A call. `status` is upcoming, open, closed or cancelled."""

    id = fields.String()
    title = fields.String()
    kind = fields.String()
    status = fields.String()
    opens_at = fields.AwareDateTime()
    closes_at = fields.AwareDateTime()
    policy = fields.String()
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")
    industry_bureaus = fields.List(fields.String())
    rubric = fields.List(fields.Dict())
    min_reviewers = fields.Integer()
    places = fields.Integer(allow_none=True)
    budget = fields.String(allow_none=True)
    attachments = fields.List(fields.String())
    text = fields.String(allow_none=True)
    contact = fields.Dict(allow_none=True, metadata={"description": "name, telephone, address, email"})
    days_left = fields.Integer(allow_none=True, metadata={"description": "days until the last day, 0 on it; null once closed"})
    cancelled_reason = fields.String(allow_none=True)
    etag = fields.String()


class CallAnswerDict(TypedDict):
    id: str
    title: str
    kind: str
    status: str
    opens_at: str
    closes_at: str
    policy: str
    fields: list[str]
    industry_bureaus: list[str]
    rubric: list[CriterionDict]
    min_reviewers: int
    places: int | None
    budget: str | None
    attachments: list[str]
    text: str | None
    contact: CallContactDict | None
    days_left: int | None
    cancelled_reason: str | None
    etag: str


class CallPaper(Answer):
    """A kind of document that an application must contain (`required`) or may contain. `citation`: the article that requires the
    document, null if the call itself requires it."""

    kind = fields.String(required=True)
    title = fields.String(required=True)
    citation = fields.String(required=True, allow_none=True)
    required = fields.Boolean(required=True)


class CallPaperDict(TypedDict):
    kind: str
    title: dict[str, str]
    citation: str | None
    required: bool


class CallFile(Answer):
    """A file of a call, served without login at /calls/{call}/files/{id}."""

    id = fields.String(required=True)
    filename = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    stored_at = fields.AwareDateTime(required=True, allow_none=True)


class CallFileDict(TypedDict):
    id: str
    filename: str
    media_type: str
    size: int
    sha256: str
    stored_at: str | None


class CallDetail(CallAnswer):
    """A call with its text, contact and files. `files` is null while the documents service is unavailable."""

    required_documents = fields.List(fields.Nested(CallPaper), required=True)
    files = fields.List(fields.Nested(CallFile), required=True, allow_none=True)


class CallWithDocuments(CallAnswerDict):
    """A call as the application service answers it; the gateway adds `files`."""

    required_documents: list[CallPaperDict]
