"""The application as an Excel workbook: write an empty one for filling in offline, and read a filled one. Each mistake is
reported with its cell."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from gateway.files.workbook_cells import ROWS, BadCell, Rows, Sheet, read_rows, seen
from gateway.http.json_pointers import field_errors
from services.contracts.application.application_requests import ApplicationStart
from services.contracts.labels import LABELS
from services.contracts.payload import JsonObject
from services.input.dates import rewrite_day
from services.input.text import fold
from services.kernel.errors import FieldError, Invalid, Text

BASIC, MEMBERS, GOALS = "基本信息", "组成单位", "目标与指标"
#: The rows of the first sheet: label, JSON pointer in the application, help text.
FIELDS = (
    ("创新联合体名称", "/name", ""),
    ("技术领域", "/field", "与申报通知一致"),
    ("产业链", "/industry_chain", ""),
    ("研究方向", "/research_direction", "体现唯一性、特色性、引领性"),
    ("牵头单位统一社会信用代码", "/lead", "18 位"),
    ("推荐单位代码", "/recommender", "例如 450200（柳州市科学技术局）"),
    ("首席科学家姓名", "/chief_scientist/name", ""),
    ("首席科学家工作单位代码", "/chief_scientist/employer", "18 位，可不填"),
    ("首席科学家职称", "/chief_scientist/title", "可不填"),
    *((name.zh, f"/operating_systems/{code}", "简要说明，制度文件另行上传") for code, name in LABELS["operating_system"].items()),
)
TIERS = {name.zh: code for code, name in LABELS["tier"].items()}
KINDS = {name.zh: code for code, name in LABELS["goal"].items()}
#: The words of earlier templates for tiers; workbooks filled in with them can still be read.
FORMER_TIERS = {"核心层": "core", "紧密层": "close", "一般层": "general"}
FORMER_KINDS = {
    "关键核心技术攻关": "core_technology",
    "共建共享平台": "shared_platforms",
    "区域协同创新": "regional_collaboration",
    "科技成果转化": "technology_transfer",
    "知识产权与标准": "ip_and_standards",
    "人才培养": "talent",
    "科学普及": "science_popularisation",
}
MEMBER_COLUMNS = (("统一社会信用代码", "organisation"), ("层级", "tier"), ("承担任务", "role"))
GOAL_COLUMNS = (("目标类别", "kind"), ("目标内容", "statement"))
INDICATOR_COLUMNS = (("指标名称", "name"), ("目标值", "target"), ("单位", "unit"), ("完成日期", "due"))
#: The sheets of the template. An indicator without a goal belongs to the goal in a row above.
SHEETS = {
    BASIC: Sheet(2),
    MEMBERS: Sheet(len(MEMBER_COLUMNS)),
    GOALS: Sheet(len(GOAL_COLUMNS) + len(INDICATOR_COLUMNS), continued=len(GOAL_COLUMNS)),
}


def template() -> bytes:
    """Return an empty workbook. Each cell with a fixed set of allowed values offers these values as a list."""
    book = Workbook()
    basic = book.active
    basic.title = BASIC
    _write_header(basic, ("项目", "填写内容", "说明"), (26, 60, 36))
    for name, _, note in FIELDS:
        basic.append((name, None, note))
    _format_as_text(basic, "B")
    members = book.create_sheet(MEMBERS)
    _write_header(members, tuple(name for name, _ in MEMBER_COLUMNS), (24, 12, 50))
    _add_choice(members, "B", TIERS)
    _format_as_text(members, "AC")
    goals = book.create_sheet(GOALS)
    columns = (*GOAL_COLUMNS, *INDICATOR_COLUMNS)
    _write_header(goals, tuple(name for name, _ in columns), (20, 50, 24, 14, 10, 16))
    _add_choice(goals, "A", KINDS)
    _format_as_text(goals, "BCDEF")
    goals["H1"] = "同一目标的更多指标另起一行，目标类别和内容留空；日期填写 2027-12-31 的形式"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _write_header(sheet: Worksheet, names: tuple[str, ...], widths: tuple[int, ...]) -> None:
    sheet.append(names)
    for cell, width in zip(sheet[1], widths, strict=True):
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6F0")
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.freeze_panes = "A2"


def _format_as_text(sheet: Worksheet, columns: str) -> None:
    """Format these columns as text: in a cell with the format General, Excel rounds a credit code of 18 digits."""
    for column in columns:
        for number in range(2, ROWS + 2):
            sheet[f"{column}{number}"].number_format = "@"


def _add_choice(sheet: Worksheet, column: str, labels: dict[str, str]) -> None:
    listed = DataValidation(type="list", formula1=f'"{",".join(labels)}"', allow_blank=True)
    sheet.add_data_validation(listed)
    listed.add(f"{column}2:{column}{ROWS}")


@dataclass
class Read:
    """The result of reading a workbook so far: the application's body, the cell from which each part of the body comes, and the
    mistakes."""

    body: JsonObject = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)

    def wrong(self, cell: str, code: str, zh: str, en: str) -> None:
        self.errors.append(FieldError(cell, code, Text(zh, en)))


def application_of(content: bytes, call_id: str | None) -> JsonObject:
    """Return the application in a filled workbook, validated like any other input. Raises Invalid with every mistake at its
    cell."""
    sheets = read_rows(content, SHEETS)
    read = Read({"call_id": call_id} if call_id else {})
    missing = [name for name in SHEETS if name not in sheets]
    if missing:
        names = "、".join(missing)
        raise Invalid(
            "wrong_template",
            f"缺少工作表：{names}，请使用平台提供的模板。",
            f"These sheets are missing: {names}; use the template.",
        )
    _read_basic(sheets[BASIC], read)
    _read_members(sheets[MEMBERS], read)
    _read_goals(sheets[GOALS], read)
    checked: JsonObject = {}
    try:
        checked = ApplicationStart().load(read.body)
    except ValidationError as error:
        # The body lacks these values, because their cells were refused. Each has the error of its cell already, so an error about
        # a missing value is left out.
        refused = {error.pointer for error in read.errors}
        found_by_schema = (_with_cell(error, read.cells) for error in field_errors(error.messages, ApplicationStart()))
        read.errors += [error for error in found_by_schema if error.pointer not in refused]
    if read.errors:
        raise Invalid(
            "invalid_workbook",
            f"工作簿中有 {len(read.errors)} 处需要改正，请按所列单元格修改。",
            f"There are {len(read.errors)} mistakes in the workbook; each names its cell.",
            errors=tuple(read.errors),
        )
    return checked


def _filled_rows(title: str, rows: Rows, read: Read) -> Iterator[tuple[int, list[str | None]]]:
    """Yield the rows of a sheet that are not empty, as text, with their row numbers."""
    for number, row in enumerate(rows, 2):
        values = [_text(cell, f"{title}!{get_column_letter(column)}{number}", read) for column, cell in enumerate(row, 1)]
        if not any(values):
            continue
        if number > ROWS:
            read.wrong(f"{title}!A{number}", "too_many_rows", f"最多填写 {ROWS} 行。", f"At most {ROWS} rows are read.")
            return
        yield number, values


def _text(cell: Any, cell_name: str, read: Read) -> str | None:
    """Return a cell's content as the person sees it; None if it is empty or refused."""
    try:
        return seen(cell)
    except BadCell as error:
        read.errors.append(FieldError(cell_name, error.code, error.text))
        return None


def _read_basic(rows: Rows, read: Read) -> None:
    pointers = {name: pointer for name, pointer, _ in FIELDS}
    for number, (name, value, *_) in _filled_rows(BASIC, rows, read):
        pointer = pointers.get(name or "")
        if pointer is None:
            read.wrong(
                f"{BASIC}!A{number}",
                "unknown_row",
                "模板中没有这一项，请勿改动第一列。",
                "There is no such item in the template.",
            )
        elif value is not None:
            *above, last = pointer.strip("/").split("/")
            target = read.body
            for step in above:
                target = target.setdefault(step, {})
            target[last] = value
            read.cells[pointer] = f"{BASIC}!B{number}"


def _read_members(rows: Rows, read: Read) -> None:
    members: list[dict[str, str]] = []
    for number, values in _filled_rows(MEMBERS, rows, read):
        pointer = f"/members/{len(members)}"
        member = _values_by_name(values, MEMBER_COLUMNS, MEMBERS, number, pointer, read)
        _label_to_code(member, "tier", TIERS, FORMER_TIERS, f"{MEMBERS}!B{number}", read)
        members.append(member)
    if members:
        read.body["members"] = members


def _read_goals(rows: Rows, read: Read) -> None:
    goals: list[dict[str, str]] = []
    indicators: list[list[dict[str, str]]] = []  # The indicators of each goal.
    for number, values in _filled_rows(GOALS, rows, read):
        of_goal, of_indicator = values[: len(GOAL_COLUMNS)], values[len(GOAL_COLUMNS) :]
        if any(of_goal):
            goal = _values_by_name(of_goal, GOAL_COLUMNS, GOALS, number, f"/goals/{len(goals)}", read)
            _label_to_code(goal, "kind", KINDS, FORMER_KINDS, f"{GOALS}!A{number}", read)
            goals.append(goal)
            indicators.append([])
        elif not goals:
            read.wrong(
                f"{GOALS}!A{number}",
                "goal_missing",
                "请先填写目标类别和内容，再填写指标。",
                "Give the goal before its indicators.",
            )
            continue
        if any(of_indicator):
            pointer = f"/goals/{len(goals) - 1}/indicators/{len(indicators[-1])}"
            first = len(GOAL_COLUMNS) + 1
            indicator = _values_by_name(of_indicator, INDICATOR_COLUMNS, GOALS, number, pointer, read, first)
            if "due" in indicator:
                indicator["due"] = rewrite_day(fold(indicator["due"]))
            indicators[-1].append(indicator)
    if goals:
        read.body["goals"] = [
            {**goal, "indicators": goal_indicators} for goal, goal_indicators in zip(goals, indicators, strict=True)
        ]


def _values_by_name(
    values: list[str | None],
    columns: tuple[tuple[str, str], ...],
    sheet: str,
    number: int,
    pointer: str,
    read: Read,
    first: int = 1,
) -> dict[str, str]:
    values_by_name: dict[str, str] = {}
    read.cells[pointer] = f"{sheet}!A{number}"
    for column, ((_, name), value) in enumerate(zip(columns, values, strict=True), first):
        read.cells[f"{pointer}/{name}"] = f"{sheet}!{get_column_letter(column)}{number}"
        if value is not None:
            values_by_name[name] = value
    return values_by_name


def _label_to_code(
    row: dict[str, str], name: str, words: dict[str, str], former_codes: dict[str, str], cell: str, read: Read
) -> None:
    typed = row.pop(name, None)
    if typed is None:
        return
    if typed in words or typed in former_codes:
        row[name] = words.get(typed) or former_codes[typed]
    else:
        listed = "、".join(words)
        read.wrong(cell, "not_a_choice", f"只能是：{listed}。", f"Must be one of: {listed}.")


def _with_cell(error: FieldError, cells: dict[str, str]) -> FieldError:
    """Return the mistake with the cell from which it comes: the cell of the part with this JSON pointer, or of the nearest part
    that contains it."""
    pointer = error.pointer
    while pointer and pointer not in cells:
        pointer = pointer.rpartition("/")[0]
    return FieldError(cells.get(pointer, BASIC), error.code, error.text)
