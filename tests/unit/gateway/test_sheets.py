"""Tables that office programs open show the stored values: no cell is a formula, a rounded number or an error."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from gateway.files.csv_tables import Column, read_table
from gateway.files.spreadsheets import as_csv, as_xlsx

FORMULAS = ["=1+1", "+86 771", "-2", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "＝1+1", "\n=1", '="x"&A1', "=" + "长" * 300]
#: Texts that a spreadsheet would change into another value.
CHANGED = [
    "914501001980030060",
    "0771",
    "123456789012",
    "1e5",
    "12E05",
    "3-2",
    "1/2",
    "2026-03-02",
    "3月2日",
    "8:30",
    "8 am",
    "MAR1",
    "2 sept",
    "98.5%",
    "(5)",
    "￥5",
    "９１４",
    "TRUE",
    "#N/A",
    "#REF!",
]
#: Texts that a spreadsheet leaves unchanged.
KEPT = [
    "450200",
    "0",
    "广西糖业创新联合体",
    "GXCX-2026-0001",
    "91450200MA5N2C1X8L",
    "第3批",
    "Mayor",
    "O'Neil",
    "True North",
    "报告.v1",
    "e",
]


def csv_cells(*row: Any) -> list[str]:
    """Return the cells of a row as a CSV parser reads them."""
    [_, cells] = list(csv.reader(io.StringIO(as_csv(["列"] * len(row), [row]).decode("utf-8-sig"), newline="")))
    return cells


def xlsx_cells(*row: Any) -> list[Any]:
    sheet = load_workbook(io.BytesIO(as_xlsx("表", ["列"] * len(row), [row]))).active
    return [(cell.data_type, cell.value) for cell in sheet[2]]


@pytest.mark.parametrize("text", FORMULAS + CHANGED)
def test_a_text_that_a_spreadsheet_would_change_is_written_as_text(text: str) -> None:
    [cell] = csv_cells(text)
    assert cell.startswith('="')
    assert cell[2:-1].replace('"&"', "").replace('""', '"') == text
    assert xlsx_cells(text) == [("s", text)]


@pytest.mark.parametrize("text", KEPT)
def test_any_other_text_is_written_as_it_is(text: str) -> None:
    assert csv_cells(text) == [text]
    assert xlsx_cells(text) == [("s", text)]


def test_no_literal_of_a_formula_is_longer_than_excel_takes() -> None:
    [cell] = csv_cells("=" + '"𢙨' * 300)
    assert max(len(literal.encode("utf-16-le")) // 2 for literal in cell.removeprefix("=").split("&")) <= 255 + 2 + 120


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Cn", "Zs", "Zl", "Zp"]), min_size=1))
def test_the_import_of_csv_reads_back_what_was_written(text: str) -> None:
    [row] = read_table(as_csv(["reason"], [[text]]), [Column("reason")])
    assert row.cells == {"reason": text}


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800", "\u202e", "\u200b", "\ufeff"])
def test_a_character_that_no_file_can_hold_breaks_no_table(bad: str) -> None:
    assert csv_cells(f"智能{bad}装备") == [f"智能{chr(10) if bad == chr(11) else ''}装备"]
    assert xlsx_cells(f"智能{bad}装备") == [("s", f"智能{chr(10) if bad == chr(11) else ''}装备")]


def test_numbers_money_days_and_nothing_stay_values() -> None:
    row = ["广西糖业创新联合体", 8, None, True, Decimal("30000000.00"), date(2026, 3, 2)]
    assert csv_cells(*row) == ["广西糖业创新联合体", "8", "", "True", "30000000.00", "2026-03-02"]
    types = [("s", row[0]), ("n", 8), ("n", None), ("b", True), ("n", 30_000_000)]
    cells = xlsx_cells(*row)
    assert cells[:5] == types
    assert (cells[5][0], cells[5][1].date()) == ("d", date(2026, 3, 2))


def test_the_encoding_is_marked_for_spreadsheets() -> None:
    assert as_csv(["名称"], []).startswith(b"\xef\xbb\xbf")
