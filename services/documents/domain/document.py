"""An uploaded document: its states, its versions and its name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from services.contracts.document_answers import DocumentAnswerDict, ReasonAnswerDict
from services.documents.domain.content import type_of
from services.input.file_names import shown_name
from services.kernel.errors import Conflict, FieldError, Invalid, NotFound, Text, TooLarge
from services.kernel.ids import new_id
from services.kernel.storage.base import MIN_PART_BYTES

#: The longest time between the start and the completion of an upload.
UPLOAD_LASTS = timedelta(days=1)
#: The name shown for a document whose name was deleted.
DISPOSED_NAME = "已销毁"
#: Kind of subject → the article that requires documents of such a subject.
ARTICLES = {"application": "A6(1)", "organisation": "A6(1)", "consortium": "A12", "call": "A6(1)"}


class AnnouncedPart(TypedDict):
    """One part of a file that is uploaded in parts, as it is stored."""

    size: int
    sha256: str


class DisposalReason(ReasonAnswerDict):
    """The reason for which a document was deleted, as its stub stores it: the policy's term, and what started it."""

    rule: str
    policy: str
    why: str | None
    ended_on: str | None
    due_on: str
    disposed_on: str


@dataclass
class Document:
    """A document. `state` is pending, clean, rejected, abandoned, damaged (its bytes are missing or changed) or disposed (its
    retention term is over; a stub records what it was and why it was deleted).

    A clean document `replaces` the document of which it is a new version: the last document of the same subject, kind and name,
    or the document that its owner named. The replaced document then has `replaced_by`. `version` counts the versions. Two
    documents have the same name if the name was entered identically, character by character; `name_key` distinguishes names that
    are displayed alike.
    """

    id: str
    subject: str
    kind: str
    filename: str
    size: int
    sha256: str
    created_at: datetime
    state: str = "pending"
    version: int | None = None
    reason: ReasonAnswerDict | None = None
    parts: list[AnnouncedPart] | None = None
    stored_at: datetime | None = None
    name_key: str | None = None
    replaces: str | None = None
    replaced_by: str | None = None

    @classmethod
    def announce(
        cls,
        subject: str,
        kind: str,
        filename: str,
        size: int,
        sha256: str,
        *,
        largest: int,
        at: datetime,
        parts: list[AnnouncedPart] | None = None,
        replaces: str | None = None,
    ) -> Document:
        """Create a document whose upload is announced, whole or in parts. `replaces`: the id of the document of
        which it is a new version. Raises Invalid for a name of a type that is not accepted and for parts that do not add up to
        the whole, TooLarge above `largest` bytes."""
        given, filename = filename, shown_name(filename)
        type_of(filename)
        if size > largest:
            raise TooLarge(
                "document_too_large",
                f"文件不能超过 {largest >> 20} MiB，请压缩或拆分后再上传。",
                f"A document may have at most {largest >> 20} MiB; compress or split it.",
                largest=largest,
            )
        if parts:
            _check_parts(parts, size)
        id = f"{subject.replace('/', '.', 1)}.{new_id()}"
        key = name_key(given, filename)
        return cls(id, subject, kind, filename, size, sha256.lower(), at, parts=parts, name_key=key, replaces=replaces)

    @property
    def incoming(self) -> str:
        """Return the key to which the client uploads the bytes."""
        return f"incoming/{self.id}"

    @property
    def incoming_parts(self) -> list[str]:
        """Return the keys to which the parts are uploaded; empty if the document is uploaded whole."""
        return [f"{self.incoming}.{number}" for number in range(1, len(self.parts or ()) + 1)]

    @property
    def key(self) -> str:
        """Return the final key of the bytes. No URL allows writing to this key."""
        return f"documents/{self.id}"

    @property
    def quarantine(self) -> str:
        """Return the key of infected bytes. No download URL leads to this key."""
        return f"quarantine/{self.id}"

    @property
    def article(self) -> str:
        return ARTICLES[self.subject.partition("/")[0]]

    @property
    def media_type(self) -> str:
        return type_of(self.filename).media_type

    def shown(self) -> DocumentAnswerDict:
        """Return the document in the form of the API's answer."""
        return {
            "id": self.id,
            "subject": self.subject,
            "kind": self.kind,
            "filename": self.filename,
            "media_type": self.media_type,
            "size": self.size,
            "sha256": self.sha256,
            "state": self.state,
            "version": self.version,
            "reason": self.reason,
            "replaces": self.replaces,
            "replaced_by": self.replaced_by,
            "created_at": self.created_at.isoformat(),
            "stored_at": self.stored_at.isoformat() if self.stored_at else None,
        }

    def require_replaceable(self, subject: str, kind: str) -> None:
        """Check that a new document of this subject and kind may be a new version of this document. Raises Invalid if this
        document has another subject or kind or is not verified, Conflict if it has a newer version already."""
        if (self.subject, self.kind) != (subject, kind):
            raise Invalid.field(
                "/replaces",
                "other_document",
                "新版本应与被替换的文件属于同一对象、同一种类。",
                "A new version has the subject and the kind of the document it replaces.",
            )
        if self.replaced_by:
            raise Conflict(
                "document_replaced",
                "该文件已有更新的版本，请替换最新的一份。",
                "This document has a newer version; replace that one.",
                status=self.state,
                replaced_by=self.replaced_by,
            )
        if self.state != "clean":
            raise Invalid.field(
                "/replaces",
                "document_not_clean",
                "被替换的文件尚未通过核验或已不存在。",
                "The document to be replaced has not been verified, or is gone.",
            )

    def accept(self, version: int, at: datetime, same_name: Document | None, named: Document | None) -> None:
        """Mark the document as verified. It becomes the new version of `same_name` (the last document of the same name) and of
        `named` (the document that its owner named), if these are given."""
        self.state, self.version, self.stored_at = "clean", version, at
        for replaced in filter(None, (same_name, named)):
            replaced.replaced_by = replaced.replaced_by or self.id
        if named is None and same_name is not None and same_name.replaced_by == self.id:
            self.replaces = same_name.id

    def reject(self, reason: ReasonAnswerDict) -> None:
        self.state, self.reason = "rejected", reason

    def abandon(self) -> None:
        self.state = "abandoned"

    def dispose(self, reason: DisposalReason) -> None:
        """Delete the document's name, which may contain personal data. Kind, size and hash stay as a stub. The caller deletes the
        bytes."""
        extension = self.filename.rpartition(".")[2]
        self.state, self.reason, self.filename, self.parts = "disposed", reason, f"{DISPOSED_NAME}.{extension}", None
        self.name_key = None


def _check_parts(parts: list[AnnouncedPart], size: int) -> None:
    small = [number for number, part in enumerate(parts[:-1]) if part["size"] < MIN_PART_BYTES]
    if small:
        text = Text(
            f"除最后一块外，每块至少 {MIN_PART_BYTES >> 20} MiB。",
            f"Every part but the last has at least {MIN_PART_BYTES >> 20} MiB.",
        )
        raise Invalid("part_too_small", text.zh, text.en, errors=(FieldError(f"/parts/{small[0]}/size", "part_too_small", text),))
    if sum(part["size"] for part in parts) != size:
        raise Invalid.field(
            "/parts", "parts_differ", "各块大小之和应等于文件大小。", "The parts' sizes do not add up to the file's."
        )


def subject_of(document_id: str) -> str:
    """Return the subject to which a document id belongs: `application.<id>.<uuid>` belongs to `application/<id>`. Raises NotFound
    for a malformed id."""
    kind, _, rest = document_id.partition(".")
    owner, _, own = rest.partition(".")
    if not (kind in ARTICLES and owner and own):
        raise no_document()
    return f"{kind}/{owner}"


def no_document() -> NotFound:
    return NotFound("no_such_document", "没有这份文件，或您无权查看。", "There is no such document, or it is not for you.")


def name_key(given: str, shown: str) -> str | None:
    """Return the digest of a file name as it was given, if it differs from the displayed name; None if the two are equal. A
    document that was stored before digests were introduced has no digest, so its new versions are found by the displayed name."""
    return None if given == shown else hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()
