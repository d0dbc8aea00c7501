"""Check the content of an uploaded file: whether the type that the file name declares is accepted, and whether the bytes are of
that type."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from services.contracts.document_answers import ReasonAnswerDict
from services.documents.domain import office_package
from services.kernel.errors import FieldError, Invalid, Text

if TYPE_CHECKING:
    from services.documents.domain.document import Document

#: How many bytes are inspected at the beginning and at the end of a file.
HEAD, TAIL = 8 << 10, 1 << 20
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason for which a document is refused."""

    code: str
    text: Text

    def to_dict(self) -> ReasonAnswerDict:
        return {"code": self.code, "message": self.text.to_dict()}


def infected(found: str) -> Reason:
    """Return the reason for refusing a document in which the scanner found malware."""
    return Reason(
        "infected",
        Text(
            f"文件中发现恶意代码（{found}），未予接收。请用杀毒软件清理后重新上传。",
            f"Malware was found in the file ({found}); it was not taken. Clean it and upload it again.",
        ),
    )


class Inspection:
    """Reads a document's bytes chunk by chunk and keeps the parts that identify its type. `opened` opens the whole file, for
    types that can only be identified by parts in its middle."""

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
        """Return the reason to refuse these bytes as the content of this document; None if there is no such reason."""
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
    """An accepted file type, with the function that recognises its content."""

    media_type: str
    fits: Callable[[Inspection], bool] = field(repr=False)


def _begins(*signatures: bytes) -> Callable[[Inspection], bool]:
    return lambda seen: seen.head.startswith(signatures)


def _zip_with(part: str) -> Callable[[Inspection], bool]:
    # Matches an entry in the directory of a ZIP file: its signature, 42 bytes, and the name of a part of the document.
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
        codecs.getincrementaldecoder(encoding)().decode(head)  # A character that is cut off at the end of the chunk is no error.
    except UnicodeDecodeError:
        return False
    return True


_OFFICE = "application/vnd.openxmlformats-officedocument"
#: Extension of a file name → the accepted type.
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
    """Return the type that a file name declares by its extension. Raises Invalid if the type is not accepted."""
    stem, _, extension = filename.rpartition(".")
    if stem and extension.lower() in TYPES:
        return TYPES[extension.lower()]
    listed = ", ".join(TYPES)
    text = Text(f"只接受以下类型的文件：{listed}。", f"Only files of these types are accepted: {listed}.")
    raise Invalid("type_not_accepted", text.zh, text.en, errors=(FieldError("/filename", "type_not_accepted", text),))
