"""The data of events about documents, as dataclasses; `documents.py` and `retention.py` document each member."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from services.contracts.payload import Payload


@dataclass(frozen=True, kw_only=True)
class DocumentReference(Payload):
    """The members of every event about an uploaded document."""

    subject: str
    kind: str
    filename: str
    document: str


@dataclass(frozen=True, kw_only=True)
class ReplacedDocument(Payload):
    document: str
    filename: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class DocumentStored(DocumentReference):
    size: int
    sha256: str
    version: int
    replaced: list[ReplacedDocument] | None = None
    article: str | None = field(init=False, default=None)


@dataclass(frozen=True, kw_only=True)
class RejectionText(Payload):
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class RejectionReason(Payload):
    code: str
    message: RejectionText


@dataclass(frozen=True, kw_only=True)
class DocumentRejected(DocumentReference):
    reason: RejectionReason
    article: str | None = field(init=False, default=None)


@dataclass(frozen=True, kw_only=True)
class DocumentDamaged(DocumentReference):
    finding: str
    article: str | None = field(init=False, default=None)


@dataclass(frozen=True, kw_only=True)
class DocumentGenerated(Payload):
    kind: str
    sha256: str
    size: int
    filename: str
    version: str
    subject: str
    article: str | None = None


@dataclass(frozen=True, kw_only=True)
class HoldChanged(Payload):
    hold: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class RecordClosed(Payload):
    subject: str
    title: str | None
    why: str
    rule: str | None
    policy: str
    ended_on: date
    due_on: date | None


@dataclass(frozen=True, kw_only=True)
class DraftHolder(Payload):
    """The organisation that stored the documents of a draft."""

    uscc: str


@dataclass(frozen=True, kw_only=True)
class RecordDue(Payload):
    subject: str
    due_on: date
    lead: DraftHolder


@dataclass(frozen=True, kw_only=True)
class DisposedDocument(Payload):
    document: str
    kind: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class RecordDisposed(Payload):
    subject: str
    title: str | None
    documents: list[DisposedDocument]
    rule: str | None
    policy: str
    why: str
    ended_on: date
    due_on: date | None
    disposed_on: date
