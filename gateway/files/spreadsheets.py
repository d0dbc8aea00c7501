"""Tables as CSV and XLSX for office programs. Every cell shows the stored text: no cell is a formula with another value, and no
text turns into another value.

A spreadsheet interprets CSV by its own rules: 914501001980030060 becomes 9.14E+17, 3-2 a day in March, #N/A an error, =1+1 a sum.
A text that it would change is written as ="914501001980030060", which Excel and WPS show as the text itself. Programs should read
the JSON of the same data instead.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font

from services.input.text import printable

#: Texts that a spreadsheet would change when it opens a CSV file: formulas and commands, errors, truth values, money, dates,
#: times, and all numbers except short whole ones.
_CHANGED = re.compile(
    r"""(?!0\Z|[1-9][0-9]{0,10}\Z)\s*(
        [=+\-@＝＋－＠\#] .*
      | true | false
      | (?=[^0-9０-９]*[0-9０-９]) [0-9０-９\s.,:/%()$¥￥€年月日时分秒+\-e]+
      | (?=[^0-9]*[0-9]) [0-9\s.,/-]* (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) [a-z]* [0-9\s.,/-]*
      | [0-9\s.:/-]+ [ap]m?
    )\s*""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
#: The most characters of one text literal in a formula; Excel accepts 255 UTF-16 units.
_LITERAL = 120


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return the table as CSV in UTF-8 with a byte-order mark, by which Excel and WPS recognise the encoding."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_csv_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return the table as an XLSX workbook: one sheet with a bold, frozen header."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append(list(header))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, row in enumerate(rows, 2):
        for place, value in enumerate(row, 1):
            _write_cell(sheet.cell(number, place), value)
    sheet.freeze_panes = "A2"
    for column, name in zip(sheet.columns, header, strict=True):
        sheet.column_dimensions[column[0].column_letter].width = max(10, 2 * len(name) + 4)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _csv_cell(value: Any) -> Any:
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = printable(value)
    if not _CHANGED.fullmatch(text):
        return text
    literals = (text[start : start + _LITERAL].replace('"', '""') for start in range(0, len(text), _LITERAL))
    return "=" + "&".join(f'"{literal}"' for literal in literals)


def _write_cell(cell: Cell, value: Any) -> None:
    """Write a cell. The type of a text is set explicitly, because openpyxl would interpret =1+1 as a formula and #N/A as an
    error."""
    if not isinstance(value, str):
        cell.value = value
        if isinstance(value, Decimal):
            cell.number_format = "#,##0.00"
        elif isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
        return
    text = printable(value)
    cell.value, cell.data_type = text, "s"
    if _CHANGED.fullmatch(text):
        cell.number_format = "@"  # With this format (text) the cell stays a text when a person edits it.
