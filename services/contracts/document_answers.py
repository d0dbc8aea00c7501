"""The JSON of the documents service's answers. `documents.py` and `retention.py` have the schemas of the answers that the API
shows."""

from __future__ import annotations

from typing import TypedDict


class UploadAnswerDict(TypedDict):
    method: str
    url: str
    headers: dict[str, str]


class PartAnswerDict(TypedDict):
    number: int
    size: int
    arrived: bool
    upload: UploadAnswerDict | None


class AnnouncedAnswerDict(TypedDict):
    id: str
    upload: UploadAnswerDict | None
    parts: list[PartAnswerDict] | None


class ReasonAnswerDict(TypedDict):
    """The reason why a document was rejected or deleted, in both languages, as it is stored. The reason of a deletion has further
    members."""

    code: str
    message: dict[str, str]


class DocumentAnswerDict(TypedDict):
    id: str
    subject: str
    kind: str
    filename: str
    media_type: str
    size: int
    sha256: str
    state: str
    version: int | None
    reason: ReasonAnswerDict | None
    replaces: str | None
    replaced_by: str | None
    created_at: str
    stored_at: str | None


class StatedDocument(TypedDict):
    """A verified document in the signed statement for the service that owns its subject. `state`: clean or superseded."""

    id: str
    subject: str
    kind: str
    filename: str
    size: int
    sha256: str
    state: str


class DocumentsStatement(TypedDict):
    """A signed statement of a list of `StatedDocument`."""

    statement: str


class DocumentAddress(TypedDict):
    """A URL that serves a document's bytes for a few minutes."""

    url: str


class DocumentSource(TypedDict):
    """The place of a document's bytes in the object store (`key`), with its size and name. `at`: the instant of the query."""

    id: str
    key: str
    size: int
    filename: str
    media_type: str
    at: str


class BundledDocument(TypedDict):
    """A clean document with the key of its bytes in the store, for an archive of a subject's documents. `newest`: whether it is
    the newest of its name."""

    id: str
    kind: str
    filename: str
    version: int | None
    sha256: str
    size: int
    key: str
    newest: bool
    stored_at: str | None


class GeneratedDocument(TypedDict):
    """A generated document; both members are null if the request only assigned its number."""

    url: str | None
    sha256: str | None


class GeneratedHash(TypedDict):
    """The hash of a generated document."""

    sha256: str
    made_at: str


class HoldAnswerDict(TypedDict):
    id: str
    subject: str
    document: str | None
    reason: str
    placed_by: str
    lifted_by: str | None
    lift_reason: str | None
    placed_at: str
    lifted_at: str | None


class RecordState(TypedDict):
    """The fields of a case file of which the audit log stores a digest."""

    subject: str
    file: str
    kind: str
    policy: str | None
    why: str | None
    rule: str | None
    disposed: int
    ended_on: str | None
    due_on: str | None
    disposed_on: str | None


class RecordAnswerDict(RecordState):
    title: str | None
    held: bool
    documents: int
