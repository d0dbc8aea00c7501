"""Find the main part of an Office file (OOXML). The file's relationships name the part, and its content types state the part's
type.

The main part is not always `word/document.xml` or `xl/workbook.xml`: Word online and WPS write `document2.xml` and
`workbook2.xml` (ECMA-376 part 2, sections 8 and 9).
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from typing import IO
from xml.etree import ElementTree

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
#: The types of the relationship that leads from an Office file to its main part, in transitional and in strict files.
_MAIN = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument",
    "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument",
)
#: The most bytes that are read of the file's list of relationships and of its list of content types, after decompression, and of
#: its ZIP directory. Those of a real Office file have a few thousand bytes.
_LONGEST_LIST = 1 << 20
#: The last record of a ZIP file's directory: its length without a comment, and the length of the longest comment, in bytes.
_END, _COMMENT = 22, 0xFFFF
#: Errors that the ZIP and XML readers raise for a damaged or malicious package.
_UNREADABLE = (
    zipfile.BadZipFile,
    ElementTree.ParseError,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    NotImplementedError,  # the part is compressed with a method that Python does not support
    OSError,
    RuntimeError,  # the part is encrypted
    ValueError,
)


def main_type(file: IO[bytes]) -> str | None:
    """Return the content type of the Office file's main part; None if the file is not a readable Office file. Macro-enabled files
    and templates have types other than `WORD` and `EXCEL`."""
    try:
        _require_small_directory(file)
        with zipfile.ZipFile(file) as package:
            part = _main_part(_parsed(package, "_rels/.rels"))
            if part is None or part not in package.namelist():
                return None
            return _type_of(part, _parsed(package, "[Content_Types].xml"))
    except _UNREADABLE:
        return None


def _require_small_directory(file: IO[bytes]) -> None:
    """Raise ValueError for a ZIP directory that is larger than that of any Office file, or in 64-bit form. Python reads the whole
    directory before anything else can be checked, so a huge one would exhaust the memory."""
    size = file.seek(0, 2)
    file.seek(max(size - _END - _COMMENT, 0))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    if at < 0 or len(tail) - at < _END or length > _LONGEST_LIST or tail[max(at - 20, 0) : at].startswith(b"PK\x06\x07"):
        raise ValueError("no directory of an Office package")
    file.seek(0)


def _parsed(package: zipfile.ZipFile, name: str) -> ElementTree.Element:
    with package.open(name) as part:
        content = part.read(_LONGEST_LIST + 1)
    if len(content) > _LONGEST_LIST or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("no list of an Office package")
    return ElementTree.fromstring(content)


def _main_part(relationships: ElementTree.Element) -> str | None:
    for relationship in relationships:
        if relationship.get("Type") in _MAIN and relationship.get("TargetMode") != "External":
            return posixpath.normpath(relationship.get("Target", "").lstrip("/"))
    return None


def _type_of(part: str, types: ElementTree.Element) -> str | None:
    for override in types:
        if override.get("PartName", "").lstrip("/").lower() == part.lower():
            return override.get("ContentType")
    extension = part.rpartition(".")[2].lower()
    return next((entry.get("ContentType") for entry in types if entry.get("Extension", "").lower() == extension), None)
