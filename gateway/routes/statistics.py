"""Statistics of the register, as data and as tables for office programs (A14(6))."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Response

from gateway.auth.authorization import allow
from gateway.files.spreadsheets import as_csv, as_xlsx
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.service_client import send_query
from services.contracts.statistics import (
    COLUMNS,
    StatisticsAnswer,
    StatisticsAnswerDict,
    StatisticsQuery,
    StatisticsRows,
    YearlyRow,
    YearlyStatistics,
)
from services.kernel.storage.base import attachment

blueprint = Blueprint("statistics", __name__, url_prefix="/api/v1", description="统计 statistics")

#: Columns with values with which a spreadsheet can compute, and the function that parses each value.
_VALUES: dict[str, Callable[[str], Any]] = {
    "recognised_on": date.fromisoformat,
    "graded_on": date.fromisoformat,
    "main_business_revenue": Decimal,
    "rd_expense": Decimal,
    "granted": Decimal,
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.route("/statistics/consortia", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(StatisticsQuery, location="query")
@blueprint.response(200, StatisticsAnswer)
def statistics(year: int | None) -> Any:
    """创新联合体统计：名册、年报、检查、评估、支持 · Statistics of register, reports, inspections, evaluation and support."""
    return _statistics(year)


@blueprint.route("/statistics/consortia.csv", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(StatisticsQuery, location="query")
@blueprint.response(200)
def statistics_csv(year: int | None) -> Any:
    """统计表（CSV） · The statistics as CSV."""
    figures = _statistics(year)
    content = as_csv(_titles(), _rows(figures))
    return _file(content, "text/csv; charset=utf-8", f"创新联合体统计-{figures['year']}.csv")


@blueprint.route("/statistics/consortia.xlsx", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(StatisticsQuery, location="query")
@blueprint.response(200)
def statistics_xlsx(year: int | None) -> Any:
    """统计表（XLSX） · The statistics as XLSX."""
    figures = _statistics(year)
    content = as_xlsx(str(figures["year"]), _titles(), _rows(figures))
    return _file(content, _XLSX, f"创新联合体统计-{figures['year']}.xlsx")


def _statistics(year: int | None) -> StatisticsAnswerDict:
    """Return the rows of the register, each with the evaluation service's data about the consortium."""
    register: StatisticsRows = send_query("application", "statistics")
    yearly: YearlyStatistics = send_query("evaluation", "yearly_statistics", year=year)
    unknown: YearlyRow = {"report": None, "inspection": None, "open_matters": 0, "outcomes": 0}
    return {
        "year": yearly["year"],
        "items": [{**row, **yearly["rows"].get(row["consortium"], unknown)} for row in register["rows"]],
    }


def _titles() -> list[str]:
    return [str(localised(title)) for title in COLUMNS.values()]


def _rows(figures: StatisticsAnswerDict) -> Iterator[list[Any]]:
    for item in figures["items"]:
        values: Mapping[str, object] = item
        yield [_value(name, values[name]) for name in COLUMNS]


def _value(name: str, value: Any) -> Any:
    return _VALUES[name](value) if name in _VALUES and value is not None else value


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, 200, {"Content-Disposition": attachment(name)}, content_type=media_type)
