"""Read the cells of a filled-in workbook as the person sees them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from openpyxl.utils.escape import unescape

from services.kernel.errors import Invalid, Text

#: The limits of a workbook: bytes after unpacking, number of parts, and rows read per sheet.
LARGEST, PARTS, ROWS = 4 << 20, 200, 500
#: The number of digits of a number that Excel stores. A longer code in a number cell has already lost its last digits.
DIGITS = 15

Rows = list[list[Any]]

#: The XML namespaces of a workbook saved as "Strict Open XML", and the ones that openpyxl knows, by which they are replaced
#: (ISO/IEC 29500-1, part 4).
_STRICT = (
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (b"http://purl.oclc.org/ooxml/drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
#: A number format: the text before the digits, the digits, and the text after them.
_FORMAT = re.compile(
    r'((?:\[[^\]]*\]|"[^"]*"|\\.|[^0#?"\\\[])*?)(General|[0#?][0#?,.]*(?:E[+-]0+)?)((?:\[[^\]]*\]|"[^"]*"|\\.|[^0#?/"\\\[])*)',
    re.DOTALL,
)


class BadCell(ValueError):
    """A cell without a usable value. `code` and `text` say what is wrong and how to correct it."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.code, self.text = code, Text(zh, en)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to read: the number of its columns, and the number of leading columns in which an empty cell means that the row
    continues the row above."""

    width: int
    continued: int = 0


def read_rows(content: bytes, sheets: Mapping[str, Sheet]) -> dict[str, Rows]:
    """Return the cells below the headers of these sheets; missing sheets are left out. The value of a merged cell is repeated in
    each of its rows, except in the leading columns in which an empty cell means that the row continues the row above. Raises
    Invalid if the file is not a workbook or is too large."""
    try:
        content = _with_known_namespaces(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows_by_sheet = {}
        for name, shape in sheets.items():
            if name in book.sheetnames:
                rows = _rows(book[name], shape.width)
                with zipfile.ZipFile(io.BytesIO(content)) as package:
                    written = package.read(book[name]._worksheet_path)
                if _FORMULA.search(written):
                    formulas = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
                    _mark_uncomputed(rows, _rows(formulas[name], shape.width))
                _spread_merged(rows, written, shape)
                rows_by_sheet[name] = rows
        return rows_by_sheet
    except Invalid:
        raise
    except Exception:  # openpyxl has no error class for a damaged file, so any error can occur.
        raise Invalid(
            "malformed_workbook",
            "不是有效的 XLSX 工作簿（加密的也不接受），请用模板填写后另存为 .xlsx。",
            "This is no valid XLSX workbook; fill in the template and save it as .xlsx.",
        ) from None


def _with_known_namespaces(content: bytes) -> bytes:
    """Return the workbook's bytes with the namespaces that openpyxl reads. Raises Invalid if it is too large."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = package.infolist()
        if len(parts) > PARTS or sum(part.file_size for part in parts) > LARGEST:
            raise Invalid("workbook_too_large", "工作簿过大，请使用模板并只填写需要的内容。", "The workbook is too large.")
        if _STRICT[1][0] not in package.read("_rels/.rels"):
            return content
        rewritten = io.BytesIO()
        with zipfile.ZipFile(rewritten, "w", zipfile.ZIP_DEFLATED) as transitional:
            for part in parts:
                written = package.read(part.filename)
                for strict, usual in _STRICT:
                    written = written.replace(strict, usual)
                transitional.writestr(part.filename, written)
        return rewritten.getvalue()


def _rows(sheet: Any, width: int) -> Rows:
    return [list(row) for row in sheet.iter_rows(min_row=2, max_row=ROWS + 2, max_col=width)]


class _Uncomputed:
    """Represents a cell with a formula whose value is missing in the file, because no spreadsheet has computed it."""

    value, data_type, number_format = None, "f", "General"


def _mark_uncomputed(rows: Rows, formulas: Rows) -> None:
    for row, written in zip(rows, formulas, strict=True):
        for index, cell in enumerate(written):
            if cell.value is not None and row[index].value is None:
                row[index] = _Uncomputed()


def _spread_merged(rows: Rows, written: bytes, shape: Sheet) -> None:
    """Copy the value of a merged cell into each row that the merged cell covers."""
    for column, first, last in _MERGED.findall(written):
        first_column, top = column_index_from_string(column.decode()) - 1, int(first) - 2
        if shape.continued <= first_column < shape.width and 0 <= top < len(rows):
            for row in rows[top + 1 : int(last) - 1]:
                row[first_column] = rows[top][first_column]


def seen(cell: Any) -> str | None:
    """Return a cell's content as the person sees it; None if it is empty. A percentage has its sign, a number has plain digits
    and its unit, a date is written like 2026-03-02, a formula is replaced by its result. Raises BadCell for an error, a formula
    without a result, and a number whose last digits are lost."""
    value = cell.value
    if cell.data_type == "f":
        raise BadCell("formula", "公式没有结果，请直接填写内容。", "This formula has no result; give the value.")
    if cell.data_type == "e":
        raise BadCell("error_cell", f"单元格显示错误值 {value}，请填写内容。", f"The cell shows the error {value}; give a value.")
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    number_format = cell.number_format or "General"
    if isinstance(value, datetime) and "h" not in number_format.lower():
        value = value.date()
    if isinstance(value, datetime | date | time):
        return value.isoformat(" ", "seconds") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, int | float):
        return _number(value, number_format)
    return unescape(str(value)).strip() or None


def _number(value: float, number_format: str) -> str:
    number = Decimal(f"{value:.{DIGITS}g}")
    if abs(number) >= 10**DIGITS:
        raise BadCell(
            "digits_lost",
            "这里的数字超过 15 位，末尾的数字已被 Excel 丢失。"
            "填写代码的，请先把单元格设为“文本”格式再重新输入；填写数值的，请换用更大的单位。",
            "This number has more than 15 digits, and Excel lost the last ones. "
            "For a code, format the cell as text and type it again; for a figure, use a larger unit.",
        )
    parts = _FORMAT.fullmatch(number_format.split(";")[0])
    before, digits, after = parts.groups() if parts else ("", "General", "")
    if "%" in re.sub(r'"[^"]*"|\\.', "", before + after):
        number *= 100
    # Each comma at the end of a number format divides the shown number by 1000.
    number = number.scaleb(-3 * (len(digits) - len(digits.rstrip(","))))
    plain = f"{abs(number.normalize()):f}"
    if re.fullmatch("0+", digits):
        plain = plain.zfill(len(digits))
    return f"{'-' if number < 0 else ''}{_literal(before)}{plain}{_literal(after)}".strip()


def _literal(text: str) -> str:
    """Return the visible text in a number format: quotation marks, colours, conditions and padding are left out; a currency sign
    is kept."""
    text = re.sub(r"\[\$([^\]-]*)[^\]]*\]", r"\1", text)
    text = re.sub(r"\[[^\]]*\]|[_*].", "", text)
    return re.sub(r'"([^"]*)"|\\(.)', lambda match: match[1] or match[2] or "", text)
