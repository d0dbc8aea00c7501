"""The smallest files of each accepted type."""

from __future__ import annotations

import io
import zipfile

from services.documents.domain.office_package import EXCEL, WORD

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 504
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00"


def packed(*parts: str) -> bytes:
    """Return a zip file with `[Content_Types].xml` and these entries, uncompressed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for part in ("[Content_Types].xml", *parts):
            archive.writestr(part, "<x/>")
    return file.getvalue()


USUAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def office(main: str, content_type: str, *, relationships: str = USUAL) -> bytes:
    """Return an Office package whose relationships name `main` as its main part."""
    relation = f"{relationships}/officeDocument"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types><Override PartName="/{main}" ContentType="{content_type}"/></Types>')
        archive.writestr(
            "_rels/.rels", f'<Relationships><Relationship Id="r1" Type="{relation}" Target="{main}"/></Relationships>'
        )
        archive.writestr(main, "<x/>")
    return file.getvalue()


DOCX = office("word/document.xml", WORD)
XLSX = office("xl/workbook.xml", EXCEL)
OFD = packed("OFD.xml")
