"""The recommenders' yearly inspections (A11)."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.document_statements import statement_of
from gateway.http.blueprint import Blueprint
from gateway.service_client import send_command, send_query
from services.contracts.evaluation.duties import (
    BoardPage,
    BoardQuery,
    InspectionAnswer,
    InspectionPage,
    InspectionQuery,
    InspectionRecord,
)

blueprint = Blueprint("inspections", __name__, url_prefix="/api/v1", description="监督检查 inspections")


@blueprint.route("/inspections", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(InspectionRecord)
@blueprint.response(201, InspectionAnswer)
def record_inspection(**body: Any) -> Any:
    """登记一次监督检查 · Record an inspection."""
    return send_command("evaluation", "record_inspection", statement_of(body["documents"]), inspection=body)


@blueprint.route("/inspections", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.arguments(InspectionQuery, location="query")
@blueprint.response(200, InspectionPage)
def list_inspections(**query: Any) -> Any:
    """监督检查记录 · List the inspections."""
    return send_query("evaluation", "list_inspections", **query)


@blueprint.route("/inspections/board", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(BoardQuery, location="query")
@blueprint.response(200, BoardPage)
def inspection_board(**query: Any) -> Any:
    """年度检查进度：哪些还没有检查 · The year's board: the consortia that were inspected, and those that were not yet."""
    return send_query("evaluation", "inspection_board", **query)


@blueprint.route("/inspections/<id>", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(200, InspectionAnswer)
def get_inspection(id: str) -> Any:
    """一次监督检查 · One inspection."""
    return send_query("evaluation", "get_inspection", id=id)
