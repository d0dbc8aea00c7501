"""A document's bytes must match the type of its name; any other content is refused."""

from __future__ import annotations

import hashlib
import io
import random
import zipfile
from pathlib import Path

import pytest

from services.documents.domain.content import TYPES, Inspection, type_of
from services.documents.domain.document import Document
from services.documents.domain.office_package import EXCEL, WORD
from services.kernel.errors import Invalid
from services.kernel.testing import FixedClock
from tests.unit.documents.files import DOCX, JPG, OFD, OLE, PDF, PNG, PROGRAM, XLSX, office, packed

#: The folder of real files that people sent. It does not exist beside every checkout.
CASES = Path(__file__).parents[4] / "shared" / "cases" / "files"
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
#: Pairs of types whose contents cannot be distinguished. For other pairs, a file with one type's name and the other type's
#: content is refused.
SAME = {frozenset({"doc", "xls"}), frozenset({"jpg", "jpeg"}), frozenset({"txt", "csv"})}


def inspected(content: bytes, *, chunk: int = 1 << 20) -> Inspection:
    seen = Inspection(lambda: io.BytesIO(content))
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
            allowed = True  # These types are zip files.
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


def test_a_strict_package_is_an_office_file() -> None:
    strict = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    assert flaw("协议.docx", office("word/document.xml", WORD, relationships=strict)) is None
    assert flaw("协议.docx", office("word/document.xml", WORD, relationships="http://example.org")) == "content_mismatch"


def test_a_package_whose_directory_is_a_flood_is_no_office_file() -> None:
    file = io.BytesIO(DOCX)
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(20_000):
            archive.writestr(f"word/media/{number:06}", b"")
    assert flaw("协议.docx", file.getvalue()) == "content_mismatch"


@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_package_is_refused_and_never_a_defect(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(200):
        damaged = bytearray(DOCX)
        for _ in range(dice.randrange(1, 6)):
            damaged[dice.randrange(4, len(damaged))] = dice.randrange(256)
        assert flaw("协议.docx", bytes(damaged)) in (None, "content_mismatch")
        cut = DOCX[: dice.randrange(4, len(DOCX))]
        assert flaw("协议.docx", cut) == "content_mismatch"


@pytest.mark.skipif(not CASES.is_dir(), reason="the shared cases are not beside this checkout")
@pytest.mark.parametrize("name", ["agreement-word-online.docx", "figures-workbook2.xlsx"])
def test_the_files_of_online_offices_are_taken(name: str) -> None:
    assert flaw(name, (CASES / name).read_bytes()) is None


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
