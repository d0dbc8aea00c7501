"""A document: its life, its name, and whether its bytes are what its name says."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO, Any

from services.documents.domain import office_package
from services.input.file_names import shown_name
from services.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Text, TooLarge
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.storage.base import MIN_PART_BYTES

#: The longest time between the start and the completion of an upload.
UPLOAD_LASTS = timedelta(days=1)
#: The name shown for a document whose name was deleted.
DISPOSED_NAME = "已销毁"
#: Bytes inspected at the beginning and at the end.
HEAD, TAIL = 8 << 10, 1 << 20
#: The article that requires a subject's documents.
ARTICLES = {"application": "A6(1)", "organisation": "A6(1)", "consortium": "A12", "call": "A6(1)"}
#: The service whose grant opens a subject's documents: its owner; for a consortium's documents and experts, the one that has
#: their panel.
GRANTORS = {
    "application": ("application",),
    "organisation": ("application",),
    "consortium": ("application", "evaluation"),
    "call": ("application",),
}

#: Kinds that only the province uploads, and only it and auditors read: the letter of a written objection names its author.
INSIDE = frozenset(("written_objection",))

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason for refusing a document."""

    code: str
    text: Text

    def to_dict(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.text.to_dict()}


def infected(found: str) -> Reason:
    """The reason for a document in which the scanner found malware."""
    return Reason(
        "infected",
        Text(
            f"文件中发现恶意代码（{found}），未予接收。请用杀毒软件清理后重新上传。",
            f"Malware was found in the file ({found}); it was not taken. Clean it and upload it again.",
        ),
    )


@dataclass
class Document:
    """`state` is pending, clean, rejected, abandoned, damaged (its bytes are gone or changed) or disposed (its term is over: what
    is left says what it was and why it is gone).

    A clean document `replaces` the one whose new version it is: that of the same subject, kind and name, or the one that its
    owner named; there the new one is `replaced_by`. `version` counts them. Two documents have the same name when their owner
    gave them the same one, character by character: `name_key` tells names apart that are shown alike."""

    id: str
    subject: str
    kind: str
    filename: str
    size: int
    sha256: str
    created_at: datetime
    state: str = "pending"
    version: int | None = None
    reason: dict[str, Any] | None = None
    parts: list[dict[str, Any]] | None = None
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
        parts: list[dict[str, Any]] | None = None,
        replaces: str | None = None,
    ) -> Document:
        """A document whose upload is announced, whole or in parts [{size, sha256}]. `replaces`: the id of the document of which
        it is a new version. Raises Invalid for a name of no accepted type and for parts that do not make the whole, TooLarge
        above `largest` bytes."""
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
        """The key to which the client uploads."""
        return f"incoming/{self.id}"

    @property
    def incoming_parts(self) -> list[str]:
        """The keys to which its parts are uploaded; empty for one that is uploaded whole."""
        return [f"{self.incoming}.{number}" for number in range(1, len(self.parts or ()) + 1)]

    @property
    def key(self) -> str:
        """The final key, which no URL can write to."""
        return f"documents/{self.id}"

    @property
    def quarantine(self) -> str:
        """The key of infected bytes, which no download reaches."""
        return f"quarantine/{self.id}"

    @property
    def article(self) -> str:
        return ARTICLES[self.subject.partition("/")[0]]

    @property
    def media_type(self) -> str:
        return type_of(self.filename).media_type

    def shown(self) -> dict[str, Any]:
        """The document as an API answer."""
        names = (
            "id",
            "subject",
            "kind",
            "filename",
            "media_type",
            "size",
            "sha256",
            "state",
            "version",
            "reason",
            "replaces",
            "replaced_by",
        )
        return {name: getattr(self, name) for name in names} | {
            "created_at": self.created_at.isoformat(),
            "stored_at": self.stored_at.isoformat() if self.stored_at else None,
        }

    def require_replaceable(self, subject: str, kind: str) -> None:
        """Check that a new document of a subject and kind may be its new version. Raises Invalid for another subject or kind and
        for a document that is not verified, Conflict for one that has a newer version."""
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
        """Verified: it becomes the new version of the document of `same_name` and of the `named` one, if any."""
        self.state, self.version, self.stored_at = "clean", version, at
        for replaced in filter(None, (same_name, named)):
            replaced.replaced_by = replaced.replaced_by or self.id
        if named is None and same_name is not None and same_name.replaced_by == self.id:
            self.replaces = same_name.id

    def reject(self, reason: dict[str, Any]) -> None:
        self.state, self.reason = "rejected", reason

    def abandon(self) -> None:
        self.state = "abandoned"

    def dispose(self, reason: dict[str, Any]) -> None:
        """Delete its name, which may contain personal data; its bytes are deleted too. Kind, size and hash stay."""
        extension = self.filename.rpartition(".")[2]
        self.state, self.reason, self.filename, self.parts = "disposed", reason, f"{DISPOSED_NAME}.{extension}", None
        self.name_key = None


def _check_parts(parts: list[dict[str, Any]], size: int) -> None:
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


@dataclass(frozen=True, slots=True)
class Grant:
    """The actions on a subject's documents that its owner allows an account; `ids` limits it to some documents, `kinds` an upload
    to some kinds; None means all."""

    subject: str
    action: str
    username: str
    ids: tuple[str, ...] | None
    kinds: tuple[str, ...] | None = None

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Grant:
        ids, kinds = data["ids"], data.get("kinds")
        some = (None if ids is None else tuple(ids), None if kinds is None else tuple(kinds))
        return cls(data["subject"], data["action"], data["username"], *some)

    def require(self, subject: str, action: str, username: str) -> None:
        """Raise Forbidden unless the grant is for this subject, action and account."""
        if (self.subject, self.action, self.username) != (subject, action, username):
            raise Forbidden("grant_refused", "授权不适用于该文件。", "The grant is not for this document.")

    def require_upload(self, kind: str, actor: Actor) -> None:
        """Raise Forbidden unless this account may upload this kind."""
        if kind in INSIDE and not (actor.official and actor.of_province):
            raise Forbidden("province_only", "此类文件由自治区科技厅上传。", "The province uploads documents of this kind.")
        if self.kinds is not None and kind not in self.kinds:
            raise Forbidden("kind_refused", "您不能为该对象上传此类文件。", "You cannot add documents of this kind here.")

    def covers(self, id: str) -> bool:
        return self.ids is None or id in self.ids


def readable(kind: str, actor: Actor) -> bool:
    """Whether the account may read documents of a kind whose subject it may read."""
    return kind not in INSIDE or actor.has("auditor") or (actor.official and actor.of_province)


def grantors(subject: str) -> tuple[str, ...]:
    """The services whose grant opens a subject's documents."""
    return GRANTORS[subject.partition("/")[0]]


def subject_of(document_id: str) -> str:
    """`application.<id>.<uuid>` belongs to `application/<id>`. Raises NotFound for a malformed document id."""
    kind, _, rest = document_id.partition(".")
    owner, _, own = rest.partition(".")
    if not (kind in ARTICLES and owner and own):
        raise no_document()
    return f"{kind}/{owner}"


def no_document() -> NotFound:
    return NotFound("no_such_document", "没有这份文件，或您无权查看。", "There is no such document, or it is not for you.")


def name_key(given: str, shown: str) -> str | None:
    """The digest of a name that is displayed in another spelling than it was given in; None for a name displayed as given.
    Documents from before this was stored have none, so a new version of theirs is found by its name."""
    return None if given == shown else hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()


# Content


class Inspection:
    """Reads a document's bytes chunk by chunk and keeps the parts that identify its type. `opened` opens the whole file, for
    types that are identified by their middle."""

    def __init__(self, opened: Callable[[], IO[bytes]]) -> None:
        self.opened = opened
        self.size = 0
        self.head = b""
        self.tail = b""
        self.nul = False
        self._digest = hashlib.sha256()

    def feed(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._digest.update(chunk)
        self.head += chunk[: HEAD - len(self.head)]
        self.tail = (self.tail + chunk)[-TAIL:]
        self.nul = self.nul or b"\x00" in chunk

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def flaw(self, document: Document) -> Reason | None:
        """The reason to refuse these bytes for this document; None if there is none."""
        if (self.size, self.sha256) != (document.size, document.sha256):
            return Reason(
                "checksum_mismatch",
                Text(
                    "收到的文件与登记的大小或 SHA-256 不符，请重新上传原文件。",
                    "The bytes are not those that were announced (size or SHA-256); upload the file again.",
                ),
            )
        if not type_of(document.filename).fits(self):
            extension = document.filename.rpartition(".")[2]
            return Reason(
                "content_mismatch",
                Text(
                    f"文件内容不是有效的 .{extension} 文件（加密的文件也不接受），请用正确的格式另存后重新上传。",
                    f"The content is no valid .{extension} file (encrypted ones are not accepted either); "
                    "save it in that format and upload it again.",
                ),
            )
        return None


@dataclass(frozen=True, slots=True)
class Type:
    """An accepted file type, and how its content is recognised."""

    media_type: str
    fits: Callable[[Inspection], bool] = field(repr=False)


def _begins(*signatures: bytes) -> Callable[[Inspection], bool]:
    return lambda seen: seen.head.startswith(signatures)


def _zip_with(part: str) -> Callable[[Inspection], bool]:
    # An entry of a zip's central directory: its signature, 42 bytes, the name of a part.
    entry = re.compile(rb"PK\x01\x02.{42}" + re.escape(part).encode(), re.DOTALL)
    return lambda seen: seen.head.startswith(b"PK\x03\x04") and entry.search(seen.tail) is not None


def _office(main: str) -> Callable[[Inspection], bool]:
    return lambda seen: seen.head.startswith(b"PK\x03\x04") and _main_type(seen) == main


def _main_type(seen: Inspection) -> str | None:
    with seen.opened() as package:
        return office_package.main_type(package)


def _is_pdf(seen: Inspection) -> bool:
    return b"%PDF-" in seen.head[:1024]


def _is_text(seen: Inspection) -> bool:
    return not seen.nul and not seen.head.startswith(b"%PDF-") and any(_decodes(seen.head, code) for code in ("utf-8", "gb18030"))


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)  # a character cut off at the end of the chunk is no error
    except UnicodeDecodeError:
        return False
    return True


_OFFICE = "application/vnd.openxmlformats-officedocument"
#: Every accepted type, by the file name's extension.
TYPES = {
    "pdf": Type("application/pdf", _is_pdf),
    "ofd": Type("application/ofd", _zip_with("OFD.xml")),
    "docx": Type(f"{_OFFICE}.wordprocessingml.document", _office(office_package.WORD)),
    "xlsx": Type(f"{_OFFICE}.spreadsheetml.sheet", _office(office_package.EXCEL)),
    "doc": Type("application/msword", _begins(_OLE)),
    "xls": Type("application/vnd.ms-excel", _begins(_OLE)),
    "png": Type("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "jpg": Type("image/jpeg", _begins(b"\xff\xd8\xff")),
    "jpeg": Type("image/jpeg", _begins(b"\xff\xd8\xff")),
    "zip": Type("application/zip", _begins(b"PK\x03\x04")),
    "txt": Type("text/plain", _is_text),
    "csv": Type("text/csv", _is_text),
}


def type_of(filename: str) -> Type:
    """The type that a name declares. Raises Invalid if it is not accepted."""
    stem, _, extension = filename.rpartition(".")
    if stem and extension.lower() in TYPES:
        return TYPES[extension.lower()]
    listed = ", ".join(TYPES)
    text = Text(f"只接受以下类型的文件：{listed}。", f"Only files of these types are accepted: {listed}.")
    raise Invalid("type_not_accepted", text.zh, text.en, errors=(FieldError("/filename", "type_not_accepted", text),))
