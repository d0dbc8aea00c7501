"""The annual reports of a consortium (A12)."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.document_statements import statement_of_subjects
from gateway.http.blueprint import Blueprint
from gateway.service_client import if_match, send_command, send_query, with_etag
from services.contracts.common import Page
from services.contracts.evaluation.duties import AnnualReport, AnnualReportAnswer, AnnualReportPage, Reopening
from services.input.dates import FIRST_YEAR, LAST_YEAR
from services.kernel.errors import NotFound

blueprint = Blueprint("annual_reports", __name__, url_prefix="/api/v1", description="年报 annual reports")

_YEAR = "/consortia/<id>/annual-reports/<year>"


def _read_year(text: str) -> int:
    if not (len(text) == 4 and text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise NotFound("no_such_year", "年度应为四位数字。", "A year has four digits.")
    return int(text)


@blueprint.route("/consortia/<id>/annual-reports", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, AnnualReportPage)
def annual_reports(id: str, **query: Any) -> Any:
    """应报送的年度报告 · List the yearly reports that are due."""
    return send_query("evaluation", "annual_reports", id=id, **query)


@blueprint.route(_YEAR, methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(200, AnnualReportAnswer)
def annual_report(id: str, year: str) -> Any:
    """一个年度的报告及各版本 · The report of one year, with its versions."""
    return with_etag(send_query("evaluation", "annual_report", id=id, year=_read_year(year)))


@blueprint.route(_YEAR, methods=["PUT"])
@allow("applicant")
@blueprint.arguments(AnnualReport)
@blueprint.response(200, AnnualReportAnswer)
def write_annual_report(id: str, year: str, **body: Any) -> Any:
    """填写年度报告（可带 If-Match） · Write the report (If-Match is optional)."""
    return with_etag(
        send_command("evaluation", "write_annual_report", id=id, year=_read_year(year), report=body, if_match=if_match())
    )


@blueprint.route(f"{_YEAR}/submission", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.response(200, AnnualReportAnswer)
def submit_annual_report(id: str, year: str) -> Any:
    """向推荐单位和自治区科技厅报送 · Submit the report to the recommender and the province."""
    return with_etag(
        send_command(
            "evaluation", "submit_annual_report", statement_of_subjects(f"consortium/{id}"), id=id, year=_read_year(year)
        )
    )


@blueprint.route(f"{_YEAR}/reopening", methods=["POST"])
@allow("chief")
@blueprint.arguments(Reopening)
@blueprint.response(200, AnnualReportAnswer)
def reopen_annual_report(id: str, year: str, **body: Any) -> Any:
    """自治区科技厅要求更正已审核的年度报告 · The province requires a correction of an accepted report."""
    return with_etag(send_command("evaluation", "reopen_annual_report", id=id, year=_read_year(year), **body))
