"""Tables that offices open hold no formula, whatever users typed."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from gateway.sheets import as_csv, as_xlsx

ATTACKS = ["=1+1", "+86 771", "-2", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "＝1+1", "\n=1"]


@pytest.mark.parametrize("text", ATTACKS)
def test_what_would_run_is_kept_as_text(text: str) -> None:
    [_, [cell]] = list(csv.reader(io.StringIO(as_csv(["名称"], [[text]]).decode("utf-8-sig"))))
    assert not cell.startswith("'")
    if cell.startswith("="):
        assert cell == f'="{text.strip()}"'
    sheet = load_workbook(io.BytesIO(as_xlsx("表", ["名称"], [[text]]))).active
    assert (sheet["A2"].data_type, sheet["A2"].value, sheet["A2"].number_format) == ("s", text.strip(), "@")


@pytest.mark.parametrize("text", ["914501001980030060", "007", "9145E10", "2026-1-5", "3-1", "#N/A", "#REF!", "true"])
def test_text_that_a_spreadsheet_would_change_is_written_as_text(text: str) -> None:
    [_, [cell]] = list(csv.reader(io.StringIO(as_csv(["代码"], [[text]]).decode("utf-8-sig"))))
    assert cell == f'="{text}"'
    sheet = load_workbook(io.BytesIO(as_xlsx("表", ["代码"], [[text]]))).active
    assert (sheet["A2"].data_type, sheet["A2"].value) == ("s", text)


def test_control_characters_stored_earlier_break_no_export() -> None:
    sheet = load_workbook(io.BytesIO(as_xlsx("表", ["名称"], [["智能\x0b装备\ufffe\u202e\x01"]]))).active
    assert sheet["A2"].value == "智能\n装备"
    assert "智能\n装备" in as_csv(["名称"], [["智能\x0b装备\x01"]]).decode("utf-8-sig")


def test_numbers_names_and_nothing_stay_what_they_are() -> None:
    rows = [["广西糖业创新联合体", 8, None, True]]
    sheet = load_workbook(io.BytesIO(as_xlsx("表", ["名称", "单位数", "等次", "指导"], rows))).active
    assert [cell.value for cell in sheet[2]] == rows[0]
    text = as_csv(["名称", "单位数", "等次", "指导"], rows)
    assert text.startswith(b"\xef\xbb\xbf")
    assert text.decode("utf-8-sig").splitlines()[1] == "广西糖业创新联合体,8,,True"
