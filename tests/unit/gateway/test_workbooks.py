"""An application filled in offline: what is right is taken as it is, what is wrong is named by its cell."""

from __future__ import annotations

import datetime
import io
import random
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from gateway.workbooks import BASIC, FIELDS, GOALS, KINDS, MEMBERS, TIERS, application_of, template
from services.contracts.application import GOALS as GOAL_KINDS
from services.contracts.application import SYSTEMS
from services.contracts.application import TIERS as TIER_CODES
from services.kernel.errors import Invalid

USCC = "91450200MA5KAAAA09"


def filled(**cells: Any) -> bytes:
    """The template with these cells: `basic_B2="…"` is B2 of the first sheet."""
    book = load_workbook(io.BytesIO(template()))
    sheets = {"basic": BASIC, "members": MEMBERS, "goals": GOALS}
    for name, value in cells.items():
        sheet, _, cell = name.partition("_")
        book[sheets[sheet]][cell] = value
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def mistakes(content: bytes) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        application_of(content, None)
    return {error.pointer: error.code for error in refused.value.errors}


def test_what_was_filled_in_is_the_application() -> None:
    content = filled(
        basic_B2="糖业创新联合体",
        basic_B6=USCC,
        basic_B8="张三",
        basic_B11="理事会",
        members_A2=USCC,
        members_B2="核心层",
        members_C2="总体",
        goals_A2="人才培养",
        goals_B2="培养工程师",
        goals_C2="人数",
        goals_D2=100,
        goals_E2="人",
        goals_F2=datetime.datetime(2027, 12, 31),
        goals_C3="课程",
        goals_D3="5",
        goals_F3="2027/6/1",
    )
    assert application_of(content, "c1") == {
        "channel": "call",
        "basis": None,
        "call_id": "c1",
        "name": "糖业创新联合体",
        "lead": USCC,
        "chief_scientist": {"name": "张三", "employer": None, "title": None},
        "operating_systems": {name: "理事会" if name == "decision_body" else None for name in SYSTEMS},
        "members": [{"organisation": USCC, "tier": "core", "role": "总体"}],
        "goals": [
            {
                "kind": "talent",
                "statement": "培养工程师",
                "indicators": [
                    {"name": "人数", "target": "100", "unit": "人", "due": "2027-12-31"},
                    {"name": "课程", "target": "5", "unit": None, "due": "2027-06-01"},
                ],
            }
        ],
    }


def test_an_empty_template_is_an_empty_draft() -> None:
    assert application_of(template(), None) == {"channel": "call", "basis": None}


def test_every_mistake_is_named_by_its_cell() -> None:
    content = filled(
        basic_B6="not a code",
        members_A2="123",
        members_B2="顶层",
        members_C3="没有代码",
        goals_C2="孤立的指标",
        goals_A3="科学普及",
        goals_F3="明年底",
        goals_C3="开放日",
        goals_D3="4",
    )
    assert mistakes(content) == {
        f"{BASIC}!B6": "bad_uscc",
        f"{MEMBERS}!A2": "bad_uscc",
        f"{MEMBERS}!B2": "not_a_choice",
        f"{MEMBERS}!A3": "required",
        f"{GOALS}!A2": "goal_missing",
        f"{GOALS}!B3": "required",
        f"{GOALS}!F3": "not_date",
    }


def test_a_formula_is_no_answer() -> None:
    assert mistakes(filled(basic_B2='=HYPERLINK("http://x","y")')) == {f"{BASIC}!B2": "formula"}


@pytest.mark.parametrize("kind", ["array", "dataTable", "shared"])
def test_a_formula_of_any_kind_is_no_answer(kind: str) -> None:
    content = with_cell(f'><f t="{kind}" ref="B2" si="0">SUM(A1)</f><v>1</v>')
    assert mistakes(content) == {f"{BASIC}!B2": "formula"}


@pytest.mark.parametrize(
    "cell",
    [
        ' t="s"><v>99999</v>',
        ' t="s"><v>abc</v>',
        "><v>abc</v>",
        "><v>NaN</v>",
        ' t="b"><v>x</v>',
        ' t="d"><v>x</v>',
        f"><v>{'9' * 5000}</v>",
    ],
)
def test_a_cell_that_cannot_be_read_makes_no_workbook(cell: str) -> None:
    with pytest.raises(Invalid, match="malformed_workbook"):
        application_of(with_cell(cell), None)


@pytest.mark.parametrize(("place", "value"), [(8, 1), (10, 99)], ids=["encrypted", "packed in an unknown way"])
def test_an_archive_that_cannot_be_unpacked_is_no_workbook(place: int, value: int) -> None:
    content, listed = bytearray(template()), 0
    while (listed := content.find(b"PK\x01\x02", listed)) >= 0:
        content[listed + place] = value
        listed += 4
    with pytest.raises(Invalid, match="malformed_workbook"):
        application_of(bytes(content), None)


def test_whatever_was_damaged_is_told_and_never_a_defect() -> None:
    original, dice = filled(basic_B2="甲", members_A2=USCC, members_B2="核心层", goals_A2="人才培养"), random.Random(20261125)
    parts = _parts(original)
    for _ in range(100):
        name = dice.choice(sorted(parts))
        damaged = bytearray(parts[name])
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(damaged))
            damaged[at : at + dice.randrange(1, 9)] = bytes(dice.choice(b'<>/"0129aZ=&') for _ in range(dice.randrange(4)))
        with suppress(Invalid):
            application_of(_packed(parts | {name: bytes(damaged)}), None)


def with_cell(cell: str) -> bytes:
    """The template whose B2 is written by hand: `cell` is what follows its name."""
    row = f'<row r="2"><c r="A2" t="inlineStr"><is><t>{FIELDS[0][0]}</t></is></c><c r="B2"{cell}</c></row>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{main}"><sheetData>{row}</sheetData></worksheet>'
    return _packed(_parts(template()) | {"xl/worksheets/sheet1.xml": sheet.encode()})


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def test_a_row_that_is_not_in_the_template_is_not_passed_over() -> None:
    assert mistakes(filled(basic_A30="附加说明", basic_B30="x")) == {f"{BASIC}!A30": "unknown_row"}


def test_more_rows_than_are_read_are_not_passed_over() -> None:
    assert mistakes(filled(members_A501=USCC)) == {f"{MEMBERS}!A501": "too_many_rows"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"%PDF-1.7", template()[:2000]])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="malformed_workbook"):
        application_of(content, None)


def test_another_workbook_is_refused() -> None:
    content = io.BytesIO()
    Workbook().save(content)
    with pytest.raises(Invalid, match="wrong_template"):
        application_of(content.getvalue(), None)


def test_a_workbook_that_would_unpack_to_a_flood_is_refused() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (5 << 20))
    with pytest.raises(Invalid, match="workbook_too_large"):
        application_of(content.getvalue(), None)


def test_the_template_has_every_answer_there_is() -> None:
    assert set(TIERS.values()) == set(TIER_CODES)
    assert set(KINDS.values()) == set(GOAL_KINDS)
    assert {pointer.rpartition("/")[2] for _, pointer, _ in FIELDS if "operating_systems" in pointer} == set(SYSTEMS)


def with_value(value: Any, number_format: str = "General") -> bytes:
    """The template with one indicator whose target is this value in a cell of this format."""
    book = load_workbook(io.BytesIO(template()))
    goals = book["目标与指标"]
    goals["A2"], goals["B2"], goals["C2"] = "人才培养", "培养技术经纪人", "合格率"
    goals["D2"].value = value
    goals["D2"].number_format = number_format
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("value", "number_format", "seen"),
    [
        (0.985, "0.0%", "98.5%"),
        (0.00001, "General", "0.00001"),
        (1500000.0, "General", "1500000"),
        (3, "General", "3"),
        ("007", "@", "007"),
        (True, "General", "TRUE"),
    ],
)
def test_a_number_is_what_the_person_sees(value: Any, number_format: str, seen: str) -> None:
    target = application_of(with_value(value, number_format), None)["goals"][0]["indicators"][0]["target"]
    assert target == seen


def test_a_code_that_excel_rounded_is_refused_with_what_to_do() -> None:
    book = load_workbook(io.BytesIO(template()))
    book["组成单位"]["A2"].number_format = "General"
    book["组成单位"]["A2"] = 914501001980030060
    content = io.BytesIO()
    book.save(content)
    assert mistakes(content.getvalue()) == {"组成单位!A2": "digits_lost"}


def test_an_error_in_a_cell_is_no_answer() -> None:
    assert mistakes(with_value("#N/A")) == {"目标与指标!D2": "error_cell"}


def test_cells_for_codes_are_text_so_that_excel_keeps_every_digit() -> None:
    book = load_workbook(io.BytesIO(template()))
    assert book["组成单位"]["A2"].number_format == "@"
    assert book["组成单位"]["A400"].number_format == "@"
    row = next(row for row in book["基本信息"].iter_rows(min_row=2) if row[0].value == "牵头单位统一社会信用代码")
    assert row[1].number_format == "@"
