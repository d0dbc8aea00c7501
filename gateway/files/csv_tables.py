"""CSV tables as offices save them: in any usual encoding and with any usual separator, with empty rows and columns, and with
dates such as 2026/1/5."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marshmallow import Schema, ValidationError

from gateway.http.framing import LARGEST_BODY
from gateway.http.json_pointers import field_errors
from services.contracts.payload import JsonObject
from services.input.dates import rewrite_day
from services.input.text import clean_code, fold
from services.kernel.errors import FieldError, Invalid, Text

#: The separators that spreadsheets write, and the full-width ones that people type.
SEPARATORS = ",;\t，；"
#: If at least one character in this many is NUL, the text has another encoding, such as UTF-16 without its mark; fewer NULs
#: belong to the text.
NUL_SHARE = 8
#: The first bytes of files that are workbooks instead of CSV: XLSX, XLS.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
#: A code that a spreadsheet has turned into a number in exponent notation, which has lost its last digits.
_NUMBER = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
#: A cell with a formula such as ="914501", by which a spreadsheet keeps a code as text.
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an import: its name, other accepted headings, whether its cells are codes (`code`) or dates (`day`), and
    whether they may be empty (`optional`)."""

    name: str
    headings: tuple[str, ...] = ()
    code: bool = False
    day: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A record of the table. `number` is its row in the spreadsheet, from 1; `index` is its row below the header, from 0. An
    empty cell is None."""

    number: int
    index: int
    cells: dict[str, str | None]


# A cell may be as long as the whole body. Its length is limited later, by the schema.
csv.field_size_limit(LARGEST_BODY)


def read_table(content: bytes, columns: Sequence[Column]) -> list[Row]:
    """Return the rows of a CSV file that are not empty. Raises Invalid if the file is not CSV, or if its columns are not the
    expected `columns`."""
    records = _records(_decoded(content), columns)
    header = next(((number, cells) for number, cells in records if any(cells)), (1, []))
    names = _column_names(header[1], columns)
    return [
        Row(number, number - header[0] - 1, _cells(number, cells, names, columns))
        for number, cells in records
        if number > header[0] and any(cells)
    ]


def load_rows(schema: Schema, member: str, rows: Sequence[Row]) -> JsonObject:
    """Return a body that fits the schema and contains the rows as its list `member`. Raises Invalid with every mistake at its row
    and column."""
    try:
        loaded: JsonObject = schema.load({member: [row.cells for row in rows]})
    except ValidationError as error:
        raise refused(field_errors(error.messages, schema), member, rows) from None
    return loaded


def refused(errors: Sequence[FieldError], member: str, rows: Sequence[Row]) -> Invalid:
    """Return the error for a body that was made from rows of a file, with the row and column of each mistake. The JSON pointers
    count the rows below the header from 0, including empty rows."""
    named_errors = tuple(_with_row_and_column(error, member, rows) for error in errors)
    return Invalid(
        "invalid_input",
        f"CSV 中有 {len(named_errors)} 处需要改正，请按各处提示修改；全部未导入。",
        f"There are {len(named_errors)} mistakes in the CSV; each says what to correct. Nothing was imported.",
        errors=named_errors,
    )


def _with_row_and_column(error: FieldError, member: str, rows: Sequence[Row]) -> FieldError:
    match = re.fullmatch(rf"/{member}/([0-9]+)/([a-z_]+)", error.pointer)
    if match is None:
        return error
    row, name = rows[int(match[1])], match[2]
    text = _hint_about_number(row.cells.get(name)) or error.text
    zh, en = f"第 {row.number} 行 {name} 列：{text.zh}", f"Row {row.number}, column {name}: {text.en}"
    return FieldError(f"/{member}/{row.index}/{name}", error.code, Text(zh, en))


def _hint_about_number(cell: str | None) -> Text | None:
    if cell and _NUMBER.fullmatch(cell):
        return Text(
            "这里的数字过长，末尾几位已被电子表格丢失；填写代码的，请把该列设为“文本”格式，重新填写后再保存。",
            "The number is too long: the spreadsheet lost digits. For a code, format the column as text and enter it again.",
        )
    return None


def _decoded(content: bytes) -> str:
    if content.startswith(_WORKBOOKS):
        raise _malformed(
            "这是 Excel 工作簿，请另存为“CSV UTF-8（逗号分隔）”后再导入。",
            'This is an Excel workbook; save it as "CSV UTF-8 (comma delimited)" and import that.',
        )
    utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf_16 else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        nuls = text.count("\0")
        if not nuls:
            return text
        if nuls < len(text) // NUL_SHARE or len(text) < NUL_SHARE:
            line = text.count("\n", 0, text.index("\0")) + 1
            raise _malformed(
                f"第 {line} 行含有不能保存的字符（NUL），请删除后再导入。",
                f"Line {line} contains a NUL character, which cannot be stored; remove it.",
            )
    raise _malformed(
        "文件编码无法识别，请另存为“CSV UTF-8（逗号分隔）”后再导入。",
        'The encoding is none we know; save the file as "CSV UTF-8 (comma delimited)" and import that.',
    )


def _records(text: str, columns: Sequence[Column]) -> list[tuple[int, list[str]]]:
    """Return every record with its row number; its cells have no surrounding blanks. The separator of the file is the one with
    which most of the known columns are found."""
    declared = re.match(r'"?sep=(.)"?\r?\n', text)
    text = text[declared.end() :] if declared else text
    known_headings = _headings(columns)

    def columns_found(separator: str) -> int:
        first = next((line for line in text.splitlines() if line.strip(separator + " \t")), "")
        return sum(_heading(cell) in known_headings for cell in first.split(separator))

    separator = declared[1] if declared else max(SEPARATORS, key=columns_found)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records, first_row = [], 2 if declared else 1
    try:
        for number, cells in enumerate(reader, first_row):
            records.append((number, [_cell(cell) for cell in cells]))
    except csv.Error:
        row = len(records) + first_row
        raise _malformed(
            f"第 {row} 行不是有效的 CSV：引号没有成对，或引号后还有内容。",
            f"Row {row} is no valid CSV: a quotation mark is not closed, or is followed by more.",
        ) from None
    return records


def _cell(cell: str) -> str:
    cell = cell.strip()
    as_text = _AS_TEXT.fullmatch(cell)
    return as_text[1].replace('"&"', "").replace('""', '"').strip() if as_text else cell


def _heading(cell: str) -> str:
    return clean_code(cell.strip().strip('"')).lower()


def _headings(columns: Sequence[Column]) -> Mapping[str, str]:
    return {heading: column.name for column in columns for heading in (column.name, *column.headings)}


def _column_names(header: list[str], columns: Sequence[Column]) -> list[str | None]:
    """Return the column name at each position of the header, None for an empty heading. Raises Invalid if a column is missing,
    unknown or repeated."""
    names_by_heading, names = _headings(columns), [column.name for column in columns]
    found = [names_by_heading.get(_heading(cell)) if cell else None for cell in header]
    strange = [cell for cell, name in zip(header, found, strict=True) if cell and name is None]
    missing = [name for name in names if name not in found]
    repeated = [name for name in names if found.count(name) > 1]
    if not (strange or missing or repeated):
        return found
    zh, en = [f"首行应为列名：{'、'.join(names)}。"], [f"The first row names the columns: {', '.join(names)}."]
    for words, is_zh, is_en in ((missing, "缺少", "Missing"), (strange, "不认识", "Unknown"), (repeated, "重复", "Named twice")):
        if words:
            zh.append(f"{is_zh}：{'、'.join(words)}。")
            en.append(f"{is_en}: {', '.join(words)}.")
    raise Invalid("wrong_columns", "".join(zh), " ".join(en))


def _cells(number: int, cells: list[str], column_names: list[str | None], columns: Sequence[Column]) -> dict[str, str | None]:
    """Return a record's cells by column. Raises Invalid if a cell has no heading, or if a required column has no cell."""
    for index, cell in enumerate(cells):
        if cell and (index >= len(column_names) or column_names[index] is None):
            raise Invalid(
                "wrong_columns",
                f"第 {number} 行第 {index + 1} 列有内容，但该列没有列名；请删除，或检查该行是否多了分隔符。",
                f"Row {number} has a value in column {index + 1}, which has no heading; remove it, or a separator too many.",
            )
    by_name = {name: cells[index] if index < len(cells) else None for index, name in enumerate(column_names) if name}
    if absent := [column.name for column in columns if by_name[column.name] is None and not column.optional]:
        raise Invalid(
            "wrong_columns",
            f"第 {number} 行列数不足，缺少：{'、'.join(absent)}。",
            f"Row {number} has too few columns; missing: {', '.join(absent)}.",
        )
    return {column.name: _value(by_name[column.name] or None, column) for column in columns}


def _value(cell: str | None, column: Column) -> str | None:
    """Return a cell's value. A date is returned in the API's form. A code or date is returned without a leading apostrophe, by
    which a spreadsheet keeps it as text."""
    if cell and (column.code or column.day):
        cell = fold(cell).removeprefix("'")
    return rewrite_day(cell) if cell and column.day else cell or None


def _malformed(zh: str, en: str) -> Invalid:
    return Invalid("malformed_csv", zh, en)
