"""A document's bytes must be what its name says; anything else is refused."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from services.documents.domain.document import TYPES, Document, Inspection, type_of
from services.documents.domain.office_package import EXCEL, WORD
from services.kernel.errors import Invalid
from services.kernel.testing import FixedClock
from tests.unit.documents.files import DOCX, JPG, OFD, OLE, PDF, PNG, PROGRAM, XLSX, office, packed

RIGHT = {
    "pdf": PDF,
    "ofd": OFD,
    "docx": DOCX,
    "xlsx": XLSX,
    "doc": OLE,
    "xls": OLE,
    "png": PNG,
    "jpg": JPG,
    "jpeg": JPG,
    "zip": packed("a.txt"),
    "txt": "桂林市".encode(),
    "csv": "单位,人数\n甲,30\n".encode("gb18030"),
}
#: What each type must not be taken for: every other content, except where one is a case of the other.
SAME = {frozenset({"doc", "xls"}), frozenset({"jpg", "jpeg"}), frozenset({"txt", "csv"})}


def inspected(content: bytes, *, chunk: int = 1 << 20) -> Inspection:
    seen = Inspection()
    for start in range(0, len(content), chunk):
        seen.feed(content[start : start + chunk])
    return seen


def flaw(filename: str, content: bytes, announced: bytes | None = None) -> str | None:
    announced = content if announced is None else announced
    document = Document.announce(
        "application/1",
        "attachment",
        filename,
        len(announced),
        hashlib.sha256(announced).hexdigest(),
        largest=1 << 30,
        at=FixedClock().now(),
    )
    found = inspected(content).flaw(document)
    return found and found.code


def test_every_accepted_type_has_an_example_here() -> None:
    assert set(RIGHT) == set(TYPES)


@pytest.mark.parametrize("extension", sorted(RIGHT))
def test_a_file_that_is_what_it_says_is_taken(extension: str) -> None:
    assert flaw(f"附件.{extension}", RIGHT[extension]) is None
    assert flaw(f"附件.{extension.upper()}", RIGHT[extension]) is None


@pytest.mark.parametrize("extension", sorted(RIGHT))
def test_a_file_of_another_type_is_refused(extension: str) -> None:
    for other, content in RIGHT.items():
        allowed = other == extension or frozenset({other, extension}) in SAME
        if extension == "zip" and other in ("docx", "xlsx", "ofd"):
            allowed = True  # they are zip files
        assert flaw(f"附件.{extension}", content) == (None if allowed else "content_mismatch"), other


@pytest.mark.parametrize("extension", sorted(RIGHT))
def test_a_program_is_refused_under_every_name(extension: str) -> None:
    assert flaw(f"附件.{extension}", PROGRAM) == "content_mismatch"


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("协议.docx", office("word/document2.xml", WORD)),
        ("数据.xlsx", office("xl/workbook2.xml", EXCEL)),
        ("协议.docx", office("文/正文.xml", WORD)),
    ],
)
def test_an_office_file_is_known_by_its_relationships_whatever_its_main_part_is_called(filename: str, content: bytes) -> None:
    assert flaw(filename, content) is None


@pytest.mark.parametrize(
    "main",
    [
        "application/vnd.ms-word.document.macroEnabled.main+xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
        EXCEL,
    ],
)
def test_macros_templates_and_workbooks_are_no_word_document(main: str) -> None:
    assert flaw("协议.docx", office("word/document.xml", main)) == "content_mismatch"


def test_a_package_with_an_entity_bomb_is_no_office_file() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><Relationships>&a;</Relationships>")
        archive.writestr("[Content_Types].xml", " " * (2 << 20))
    assert flaw("协议.docx", file.getvalue()) == "content_mismatch"


def test_text_with_a_nul_far_behind_is_no_text() -> None:
    assert flaw("a.txt", b"a" * 20_000 + b"\x00") == "content_mismatch"


def test_a_character_cut_by_the_look_at_the_beginning_is_no_mistake() -> None:
    assert flaw("a.txt", ("a" + "桂" * 5000).encode()) is None


@pytest.mark.parametrize("content", [PDF + b" ", PDF[:-1], PDF[:-2] + b"x\n"])
def test_other_bytes_than_announced_are_refused(content: bytes) -> None:
    assert flaw("a.pdf", content, announced=PDF) == "checksum_mismatch"


def test_the_verdict_does_not_depend_on_how_the_bytes_arrive() -> None:
    assert (inspected(DOCX, chunk=7).sha256, inspected(DOCX, chunk=7).tail) == (inspected(DOCX).sha256, DOCX)


@pytest.mark.parametrize("filename", ["a.exe", "a", "a.pdf.exe", ".pdf", "a.html", "a.svg", "a.docm"])
def test_other_types_are_not_accepted(filename: str) -> None:
    with pytest.raises(Invalid) as refused:
        type_of(filename)
    assert refused.value.errors[0].pointer == "/filename"
