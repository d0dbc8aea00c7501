"""The smallest files of each accepted type."""

from __future__ import annotations

import io
import zipfile

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 504
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00"


def packed(*parts: str) -> bytes:
    """A zip file with these parts, stored one after another."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for part in ("[Content_Types].xml", *parts):
            archive.writestr(part, "<x/>")
    return file.getvalue()


DOCX = packed("word/document.xml")
XLSX = packed("xl/workbook.xml")
OFD = packed("OFD.xml")
