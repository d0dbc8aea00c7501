"""An application filled in offline: correct cells are read unchanged, and each mistake is reported with its cell."""

from __future__ import annotations

import datetime
import io
import random
import re
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from gateway.files.application_workbook import BASIC, FIELDS, GOALS, KINDS, MEMBERS, TIERS, application_of, template
from services.contracts.application.application_requests import GOALS as GOAL_KINDS
from services.contracts.application.application_requests import SYSTEMS
from services.contracts.application.application_requests import TIERS as TIER_CODES
from services.kernel.errors import Invalid

USCC = "91450200MA5KAAAA09"


def filled(**cells: Any) -> bytes:
    """Return the template with these cells filled: `basic_B2="…"` is B2 of the first sheet."""
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


def test_a_formula_that_was_never_computed_is_no_answer() -> None:
    assert mistakes(filled(basic_B2='=HYPERLINK("http://x","y")')) == {f"{BASIC}!B2": "formula"}


@pytest.mark.parametrize("kind", ["normal", "array", "dataTable", "shared"])
def test_the_result_of_a_formula_is_what_the_person_sees(kind: str) -> None:
    content = with_cell(f' t="str"><f t="{kind}" ref="B2" si="0">A1&amp;"业"</f><v>糖业</v>')
    assert application_of(content, "c1")["name"] == "糖业"
    without = with_cell(f'><f t="{kind}" ref="B2" si="0">SUM(A1)</f>')
    assert mistakes(without) == {f"{BASIC}!B2": "formula"}


def test_a_text_that_begins_like_a_formula_is_a_text() -> None:
    content = with_cell(' t="inlineStr"><is><t>=1+1 计划</t></is>')
    assert application_of(content, "c1")["name"] == "=1+1 计划"


def test_a_character_that_excel_writes_in_code_is_read_as_what_it_is() -> None:
    content = with_cell(' t="inlineStr"><is><t>智能_x000B_装备_x005F_x0041_</t></is>')
    assert application_of(content, "c1")["name"] == "智能装备_x0041_"


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
    """Return the template with B2 of its first sheet replaced by hand-written XML: `cell` is the XML that follows the cell's
    name."""
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
    """Return the template with one indicator whose target is this value, in a cell of this format."""
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
        (0.985, "0.00%", "98.5%"),
        (0.07, "0%", "7%"),
        (-0.005, "0.0%;[Red]-0.0%", "-0.5%"),
        (0.00001, "General", "0.00001"),
        (0.00001, "0.00E+00", "0.00001"),
        (0.1 + 0.2, "General", "0.3"),
        (1500000.0, "General", "1500000"),
        (1500000, "#,##0.00", "1500000"),
        (123456789012345, "General", "123456789012345"),
        (3, "General", "3"),
        (7, "000", "007"),
        (7, "@", "7"),
        ("007", "@", "007"),
        (5, '0"台（套）"', "5台（套）"),
        (5, "[$¥-804]#,##0.00", "¥5"),
        (-5, '"约"0_ ', "-约5"),
        (12000, '0.0,"千元"', "12千元"),
        (5, "# ?/?", "5"),
        (True, "General", "TRUE"),
        (datetime.date(2027, 6, 1), "yyyy-mm-dd", "2027-06-01"),
        (datetime.datetime(2027, 6, 1, 8, 30), "yyyy/m/d h:mm", "2027-06-01 08:30:00"),
        (datetime.time(8, 30), "h:mm", "08:30:00"),
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


@pytest.mark.parametrize("value", [914501001980030060, 9.14501e17, -(10**15), 10**15, 1e300])
def test_a_number_whose_digits_excel_does_not_keep_is_refused_in_every_field(value: float) -> None:
    assert mistakes(with_value(value)) == {f"{GOALS}!D2": "digits_lost"}


def test_a_merged_cell_is_in_each_of_its_rows() -> None:
    # Given two members with one merged cell for the tier, and two indicators with one merged cell each for kind, goal and date
    book = load_workbook(io.BytesIO(filled(members_A2=USCC, members_B2="核心层", members_A3="91450200MA5KAAAA09")))
    members, goals = book[MEMBERS], book[GOALS]
    members["A3"] = "9145020098MA369042"
    members.merge_cells("B2:B3")
    goals["A2"], goals["B2"], goals["C2"], goals["C3"], goals["F2"] = next(iter(KINDS)), "培养", "人数", "课程", "2027-12-31"
    goals["D2"], goals["D3"] = "3", "4"
    for merged in ("A2:A3", "B2:B3", "F2:F3"):
        goals.merge_cells(merged)
    content = io.BytesIO()
    book.save(content)
    # Then both members have the tier, both indicators have the date, and both belong to one goal
    read = application_of(content.getvalue(), None)
    assert [member["tier"] for member in read["members"]] == ["core", "core"]
    [goal] = read["goals"]
    assert [indicator["due"] for indicator in goal["indicators"]] == ["2027-12-31"] * 2


def test_a_range_merged_over_the_whole_sheet_is_read_in_no_time() -> None:
    merged = '</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    parts = _parts(filled(basic_B2="糖业"))
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", merged.encode())
    assert application_of(_packed(parts | {"xl/worksheets/sheet1.xml": sheet}), None)["name"] == "糖业"


def test_a_workbook_whose_main_part_has_another_name_is_read() -> None:
    # Given the template as an online office program saves it: xl/workbook2.xml
    parts = _parts(filled(basic_B2="糖业"))
    for path in ("_rels/.rels", "[Content_Types].xml"):
        parts[path] = parts[path].replace(b"xl/workbook.xml", b"xl/workbook2.xml")
    parts["xl/workbook2.xml"] = parts.pop("xl/workbook.xml")
    parts["xl/_rels/workbook2.xml.rels"] = parts.pop("xl/_rels/workbook.xml.rels")
    # Then the platform can read the filled template
    assert application_of(_packed(parts), None)["name"] == "糖业"


def test_a_workbook_saved_as_strict_is_read() -> None:
    # Given the template saved as "Strict Open XML", which writes dates in ISO 8601
    parts = {name: _strict(part) for name, part in _parts(_indicator()).items()}
    goals = parts["xl/worksheets/sheet3.xml"]
    parts["xl/worksheets/sheet3.xml"] = re.sub(rb'<c r="F2"[^>]*></c>', b'<c r="F2" t="d"><v>2027-12-31</v></c>', goals)
    # Then the platform can read the filled template
    read = application_of(_packed(parts), None)
    assert (read["name"], read["goals"][0]["indicators"][0]["due"]) == ("糖业", "2027-12-31")


def _indicator() -> bytes:
    return filled(basic_B2="糖业", goals_A2=next(iter(KINDS)), goals_B2="培养", goals_C2="人数", goals_D2="3")


def _strict(part: bytes) -> bytes:
    main, office = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://schemas.openxmlformats.org/officeDocument/2006",
    )
    strict = part.replace(main, b"http://purl.oclc.org/ooxml/spreadsheetml/main")
    return strict.replace(office + b"/relationships", b"http://purl.oclc.org/ooxml/officeDocument/relationships")


def test_an_error_in_a_cell_is_no_answer() -> None:
    assert mistakes(with_value("#N/A")) == {"目标与指标!D2": "error_cell"}


def test_cells_for_codes_are_text_so_that_excel_keeps_every_digit() -> None:
    book = load_workbook(io.BytesIO(template()))
    assert book["组成单位"]["A2"].number_format == "@"
    assert book["组成单位"]["A400"].number_format == "@"
    row = next(row for row in book["基本信息"].iter_rows(min_row=2) if row[0].value == "牵头单位统一社会信用代码")
    assert row[1].number_format == "@"
