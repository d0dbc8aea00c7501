"""Tables that offices open: CSV and XLSX, in which text stays the text it is.

A spreadsheet reads a CSV field as a number, a date or a formula where it can: an 18-digit credit code becomes 9.14E+17. Such
text is written as `="…"`, which Excel and WPS show as the text alone and never compute. Programs read the JSON answers
instead. An XLSX cell has a type, so nothing needs to be done there but to set it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from services.input.text import clean_paragraphs

#: What a spreadsheet takes for the beginning of a formula or a command.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Text that a spreadsheet would turn into a number of other digits, a date or an error: long or zero-led numbers, exponents, 3-1,
#: #N/A.
_CHANGED = re.compile(
    r"\d{12,}|0\d+|\d+(?:\.\d+)?[eE][+-]?\d+|\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?|#.+[!?]|#N/A|TRUE|FALSE",
    re.IGNORECASE,
)
#: Longest text in characters that a formula may hold in quotes (Excel).
_LONGEST_LITERAL = 255


def _csv_field(value: Any) -> Any:
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = clean_paragraphs(value)
    starts = text.lstrip().startswith(_FORMULA)
    if not starts and not _CHANGED.fullmatch(text):
        return text
    if len(text) > _LONGEST_LITERAL:
        return f"'{text}"
    doubled = text.replace('"', '""')
    return f'="{doubled}"'


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with the mark that Excel wants, so that Chinese is read as it is written."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_csv_field(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet with a bold, frozen header; text is in cells of the type text, whatever it looks like."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append(list(header))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, row in enumerate(rows, 2):
        for place, value in enumerate(row, 1):
            put(sheet.cell(number, place), value)
    sheet.freeze_panes = "A2"
    for column, name in zip(sheet.columns, header, strict=True):
        sheet.column_dimensions[column[0].column_letter].width = max(10, 2 * len(name) + 4)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def put(cell: Any, value: Any) -> None:
    """Set a cell; text becomes a cell of text that no editing turns into a number or a formula."""
    if isinstance(value, str):
        cell.value = clean_paragraphs(value)
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = cell.value.startswith(_FORMULA)
    else:
        cell.value = value
