"""Support measures: entitlements and requests (A9)."""

from __future__ import annotations

from typing import Any

from flask import g

from gateway.auth.authorization import allow
from gateway.document_statements import statement_of
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.service_client import send_command, send_query, with_etag
from services.contracts.application.support_requests import (
    EntitlementQuery,
    SupportQuery,
    SupportReplacement,
    SupportRequest,
    SupportWithdrawal,
)
from services.contracts.application.support_responses import EntitlementsAnswer, SupportAnswer, SupportPage

blueprint = Blueprint("support", __name__, url_prefix="/api/v1", description="支持措施 support measures")


@blueprint.route("/consortia/<id>/entitlements", methods=["GET"])
@allow()
@blueprint.arguments(EntitlementQuery, location="query")
@blueprint.response(200, EntitlementsAnswer)
def entitlements(id: str, **query: Any) -> Any:
    """某日可享受哪些支持措施、依据、已用和剩余 · The measures available on a day, their basis, used and remaining amounts."""
    return localised(send_query("application", "entitlements", id=id, **query))


@blueprint.route("/consortia/<id>/support-requests", methods=["POST"])
@allow("applicant", "officer", "chief", signs=True)
@blueprint.arguments(SupportRequest)
@blueprint.response(201, SupportAnswer)
def request_support(id: str, **body: Any) -> Any:
    """申请或使用一项支持措施（改革试点由自治区科技厅登记） · Request or use a measure; the province registers reform pilots."""
    statements = statement_of(body["documents"]) | {"received_at": g.received_at}
    return with_etag(localised(send_command("application", "request_support", statements, id=id, request=body)))


@blueprint.route("/consortia/<id>/support-requests", methods=["GET"])
@allow()
@blueprint.arguments(SupportQuery, location="query")
@blueprint.response(200, SupportPage)
def list_support_requests(id: str, **query: Any) -> Any:
    """支持措施申请和使用记录 · List the requests and uses of support measures."""
    return localised(send_query("application", "list_support_requests", id=id, **query))


@blueprint.route("/consortia/<id>/support-requests/<request_id>", methods=["GET"])
@allow()
@blueprint.response(200, SupportAnswer)
def get_support_request(id: str, request_id: str) -> Any:
    """一项支持申请 · One support request."""
    return with_etag(localised(send_query("application", "get_support_request", id=id, request=request_id)))


@blueprint.route("/consortia/<id>/support-requests/<request_id>/withdrawal", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(SupportWithdrawal)
@blueprint.response(200, SupportAnswer)
def withdraw_support(id: str, request_id: str, **body: Any) -> Any:
    """决定前撤回 · Withdraw a support request before the decision."""
    return with_etag(localised(send_command("application", "withdraw_support", id=id, request=request_id, **body)))


@blueprint.route("/consortia/<id>/support-requests/<request_id>/replacement", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(SupportReplacement)
@blueprint.response(201, SupportAnswer)
def replace_nomination(id: str, request_id: str, **body: Any) -> Any:
    """人选填报有误的，通知截止前由自治区科技厅更换 · Replace a wrong nomination before the notice closes, as the province."""
    statements = statement_of(body["documents"]) | {"received_at": g.received_at}
    return with_etag(
        localised(send_command("application", "replace_nomination", statements, id=id, request=request_id, replacement=body))
    )
