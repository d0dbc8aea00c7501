"""The requests, answers and events of the documents service."""

from __future__ import annotations

from marshmallow import fields, validate

from services.contracts import document_payloads as payloads
from services.contracts.common import (
    Answer,
    Body,
    Citation,
    EventData,
    EventType,
    FieldMessage,
    Page,
    Text,
    code,
    page_of,
    whole,
)
from services.contracts.retention import EVENTS as RETENTION
from services.contracts.text_fields import exact, matching, one_of

STATES = ("pending", "clean", "rejected", "abandoned", "damaged", "disposed")


def _sha256() -> Text:
    return matching(
        "[0-9a-fA-F]{64}",
        "bad_sha256",
        "请填写文件 SHA-256 的 64 位十六进制值。",
        "Give the file's SHA-256 as 64 hexadecimal digits.",
        required=True,
    )


def subject_field() -> Text:
    """Return a field for the subject to which a document belongs."""
    return matching(
        "(application|organisation|consortium|call)/[0-9A-Za-z-]{1,64}",
        "bad_subject",
        "请填写文件所属的申请、单位、创新联合体或申报通知。",
        "Name the application, organisation, consortium or call that the document is about.",
        required=True,
    )


class PartUpload(Body):
    """One part of a large file that is uploaded in parts."""

    size = whole(1, 2**53 - 1, required=True, metadata={"description": "bytes; at least 5 MiB, the last part may have less"})
    sha256 = _sha256()


class DocumentUpload(Body):
    """The announcement of an upload. The file is sent whole, or in `parts` that are sent separately, so that an interrupted
    upload can continue."""

    filename = exact(
        255,
        required=True,
        metadata={
            "description": "as it is called on the owner's disk. The same name, kind and subject, character by character, "
            "is a new version; any other name is a document of its own."
        },
    )
    kind = matching(
        "[a-z][a-z0-9_]{0,39}(:[a-z][a-z0-9_]{0,39})?",
        "bad_kind",
        "请填写文件种类，例如创新联合体组建申请表、组建协议。",
        "Give the document's kind, such as the application form or the formation agreement.",
        required=True,
    )
    subject = subject_field()
    size = whole(1, 2**53 - 1, required=True, metadata={"description": "bytes"})
    sha256 = _sha256()
    replaces = code(
        150,
        load_default=None,
        allow_none=True,
        metadata={"description": "id of the document of this subject and kind whose new version this is, whatever its name"},
    )
    parts = fields.List(
        fields.Nested(PartUpload),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 1000, error=FieldMessage("list_length", "请填写 1 至 1000 块。", "Give 1 to 1000 parts.")),
    )


class DocumentsPage(Page):
    """The query of a list of documents."""

    subject = subject_field()


class UploadAnswer(Answer):
    """The request with which the client sends the bytes: method, URL and headers. The client must then complete the document."""

    method = fields.String(required=True)
    url = fields.String(required=True)
    headers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class PartAnswer(Answer):
    """One part of an upload: whether it has arrived and, if not, how the client sends it."""

    number = fields.Integer(required=True)
    size = fields.Integer(required=True)
    arrived = fields.Boolean(required=True)
    upload = fields.Nested(UploadAnswer, required=True, allow_none=True)


class PartsAnswer(Answer):
    items = fields.List(fields.Nested(PartAnswer), required=True)


class AnnouncedAnswer(Answer):
    """The answer to an announced upload. It says how to send the bytes: the whole file by `upload`, or each of `parts`."""

    id = fields.String(required=True)
    upload = fields.Nested(UploadAnswer, required=True, allow_none=True)
    parts = fields.List(fields.Nested(PartAnswer), required=True, allow_none=True)


class ReasonAnswer(Answer):
    """The reason why a document was rejected or deleted."""

    code = fields.String(required=True)
    message = fields.String(required=True)


class DocumentAnswer(Answer):
    """A document. `filename` is for people; `id` identifies the document. `replaces` is the older version of the same document,
    `replaced_by` the newer one; `version` counts them. A replaced document can still be read."""

    id = fields.String(required=True)
    subject = fields.String(required=True)
    kind = fields.String(required=True)
    filename = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES), metadata={"x-vocabulary": "document_state"})
    version = fields.Integer(required=True, allow_none=True)
    reason = fields.Nested(ReasonAnswer, required=True, allow_none=True)
    replaces = fields.String(allow_none=True)
    replaced_by = fields.String(allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    stored_at = fields.AwareDateTime(required=True, allow_none=True)


DocumentPage = page_of(DocumentAnswer)

DISPOSITIONS = ("attachment", "inline")


class ContentQuery(Body):
    """How a document's content is returned: shown by the browser or saved."""

    disposition = one_of(
        *DISPOSITIONS,
        of="disposition",
        load_default="attachment",
        metadata={
            "description": "`inline`: for a browser that shows PDF, PNG and JPEG itself; other types are saved all the same"
        },
    )


class PagesAnswer(Answer):
    """How much of a document can be read as images. `pages`: the number of pages available as images, counted from page 1;
    `total`: the number of pages of the document, null if unknown; `reason`: why not all pages are available. Such a document can
    be read by downloading it."""

    id = fields.String(required=True)
    filename = fields.String(required=True)
    media_type = fields.String(required=True)
    pages = fields.Integer(required=True)
    total = fields.Integer(required=True, allow_none=True)
    reason = fields.Nested(ReasonAnswer, required=True, allow_none=True)


class _About(EventData):
    document = fields.String(required=True)
    subject = fields.String(required=True)
    kind = fields.String(required=True)
    filename = fields.String(required=True)
    article = Citation()


class _Replaced(EventData):
    document = fields.String(required=True)
    filename = fields.String(required=True)
    sha256 = fields.String(required=True)


class DocumentStored(_About):
    """A document was verified and stored. `replaced`: the older versions that it replaces."""

    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    version = fields.Integer(required=True)
    replaced = fields.List(fields.Nested(_Replaced))


class _Message(Answer):
    zh = fields.String(required=True)
    en = fields.String(required=True)


class _Reason(Answer):
    code = fields.String(required=True)
    message = fields.Nested(_Message, required=True)


class DocumentRejected(_About):
    reason = fields.Nested(_Reason, required=True)


class DocumentDamaged(_About):
    """The document's bytes are missing, or differ from those that were stored."""

    finding = fields.String(required=True, validate=validate.OneOf(("missing", "changed")), metadata={"x-vocabulary": "damage"})


class PaperGenerated(EventData):
    """A document was generated. Every later download returns the same file."""

    subject = fields.String(required=True)
    kind = fields.String(required=True)
    version = fields.String(required=True)
    filename = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    article = Citation()


_EXAMPLE = {
    "document": "application.019e0d6e-7a10-7cc0-8000-0000000000a1.019e0d6e-7a10-7cc0-8000-0000000000d1",
    "subject": "application/019e0d6e-7a10-7cc0-8000-0000000000a1",
    "kind": "agreement",
    "filename": "组建协议.pdf",
    "article": "A6(1)",
}
EVENTS: dict[str, EventType] = RETENTION | {
    "document.damaged": EventType("documents", DocumentDamaged, _EXAMPLE | {"finding": "changed"}, payloads.DocumentDamaged),
    "document.generated": EventType(
        "documents",
        PaperGenerated,
        {
            "subject": "consortium/019e0d6e-7a10-7cc0-8000-0000000000c1",
            "kind": "certificate",
            "version": "3.0f1e2d3c4b5a",
            "filename": "认定证书.pdf",
            "size": 60321,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "article": "A6(2)",
        },
        payloads.DocumentGenerated,
    ),
    "document.stored": EventType(
        "documents",
        DocumentStored,
        _EXAMPLE
        | {
            "size": 48213,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "version": 2,
            "replaced": [
                {
                    "document": "application.019e0d6e-7a10-7cc0-8000-0000000000a1.019e0d6e-7a10-7cc0-8000-0000000000d0",
                    "filename": "组建协议.pdf",
                    "sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
                }
            ],
        },
        payloads.DocumentStored,
    ),
    "document.rejected": EventType(
        "documents",
        DocumentRejected,
        _EXAMPLE
        | {
            "reason": {
                "code": "content_mismatch",
                "message": {"zh": "文件内容不是有效的 .pdf 文件。", "en": "The content is no valid .pdf file."},
            }
        },
        payloads.DocumentRejected,
    ),
}
