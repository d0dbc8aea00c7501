"""What an Office file (OOXML) is: its relationships name its main part, and its content types say what that part is.

The main part is not always `word/document.xml` or `xl/workbook.xml`: Word online and WPS write `document2.xml` and
`workbook2.xml` (ECMA-376 part 2, sections 8 and 9).
"""

from __future__ import annotations

import posixpath
import zipfile
from typing import IO
from xml.etree import ElementTree

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
#: The relationship of a package to its main part, in transitional and in strict files.
_MAIN = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument",
    "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument",
)
#: Bytes that the two lists of a package may unpack to; real ones have some thousand.
_LONGEST_LIST = 1 << 20


def main_type(file: IO[bytes]) -> str | None:
    """The content type of the package's main part; None when the file is no readable Office package. Macro-enabled files and
    templates have other types than `WORD` and `EXCEL`."""
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as package:
            part = _main_part(_parsed(package, "_rels/.rels"))
            if part is None or part not in package.namelist():
                return None
            return _type_of(part, _parsed(package, "[Content_Types].xml"))
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError, OSError, ElementTree.ParseError):
        return None  # damaged, encrypted, or made to harm


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
