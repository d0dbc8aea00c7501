"""What a recognised consortium owes every year (A12)."""

from __future__ import annotations

from typing import Any

from gateway.access import allow
from gateway.blueprint import Blueprint
from gateway.calls import ask
from services.contracts.base import Page
from services.contracts.evaluation import AnnualReportPage

blueprint = Blueprint("annual_reports", __name__, url_prefix="/api/v1", description="年报 annual reports")


@blueprint.route("/consortia/<id>/annual-reports", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, AnnualReportPage)
def annual_reports(query: dict[str, Any], id: str) -> Any:
    """应报送的年度报告 · The yearly reports owed."""
    return ask("evaluation", "annual_reports", id=id, **query)
