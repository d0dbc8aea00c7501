"""Retention periods of documents, and legal holds; for the province and auditors."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.http.blueprint import Blueprint
from gateway.service_client import send_command, send_query
from services.contracts.retention import (
    HoldAnswer,
    HoldLifted,
    HoldPage,
    HoldPlaced,
    HoldQuery,
    RecordPage,
    RecordQuery,
)

blueprint = Blueprint("retention", __name__, url_prefix="/api/v1", description="保管期限与法律保全 retention")


@blueprint.route("/retention", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(RecordQuery, location="query")
@blueprint.response(200, RecordPage)
def list_records(**query: Any) -> Any:
    """案卷及其保管期限 · List the case files and their retention periods."""
    return send_query("documents", "list_records", **query)


@blueprint.route("/legal-holds", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(HoldQuery, location="query")
@blueprint.response(200, HoldPage)
def list_holds(**query: Any) -> Any:
    """法律保全 · List the legal holds."""
    return send_query("documents", "list_holds", **query)


@blueprint.route("/legal-holds", methods=["POST"])
@allow("chief")
@blueprint.arguments(HoldPlaced)
@blueprint.response(201, HoldAnswer)
def place_hold(**body: Any) -> Any:
    """保全一个对象或一份文件的案卷：解除之前不销毁 · Keep the case file of a subject or document until the hold is lifted."""
    return send_command("documents", "place_hold", **body)


@blueprint.route("/legal-holds/<id>", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.response(200, HoldAnswer)
def get_hold(id: str) -> Any:
    """一项法律保全 · One legal hold."""
    return send_query("documents", "get_hold", id=id)


@blueprint.route("/legal-holds/<id>/lifting", methods=["POST"])
@allow("chief")
@blueprint.arguments(HoldLifted)
@blueprint.response(200, HoldAnswer)
def lift_hold(id: str, **body: Any) -> Any:
    """解除法律保全 · Lift a hold."""
    return send_command("documents", "lift_hold", id=id, **body)
