"""Rectification and its acceptance (A13)."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.document_statements import statement_of
from gateway.http.blueprint import Blueprint
from gateway.http.preconditions import requires_etag
from gateway.service_client import if_match, send_command, send_query, with_etag
from services.contracts.evaluation.rectifications_and_revocations import (
    Acceptance,
    RectificationAnswer,
    RectificationPage,
    RectificationQuery,
    RectificationReport,
)

blueprint = Blueprint("rectifications", __name__, url_prefix="/api/v1", description="整改与验收 rectification")


@blueprint.route("/rectifications", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.arguments(RectificationQuery, location="query")
@blueprint.response(200, RectificationPage)
def list_rectifications(**query: Any) -> Any:
    """整改事项 · List the rectifications."""
    return send_query("evaluation", "list_rectifications", **query)


@blueprint.route("/rectifications/<id>", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(200, RectificationAnswer)
def get_rectification(id: str) -> Any:
    """一项整改 · One rectification."""
    return with_etag(send_query("evaluation", "get_rectification", id=id))


@blueprint.route("/rectifications/<id>/submission", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(RectificationReport)
@blueprint.response(200, RectificationAnswer)
def submit_rectification(id: str, **body: Any) -> Any:
    """报送整改情况并申请验收 · Report the corrections and request acceptance."""
    return with_etag(send_command("evaluation", "submit_rectification", statement_of(body["documents"]), id=id, **body))


@blueprint.route("/rectifications/<id>/acceptance", methods=["POST"])
@allow("chief")
@blueprint.arguments(Acceptance)
@blueprint.response(200, RectificationAnswer)
@requires_etag()
def accept_rectification(id: str, **body: Any) -> Any:
    """对所阅读的整改情况作出验收结论：通过则保留资格，不通过则提请取消 · Give the acceptance verdict on what was read.

    If it passes, the status is kept; if not, revocation is proposed.
    """
    statements = statement_of(body["documents"])
    return with_etag(send_command("evaluation", "accept_rectification", statements, id=id, if_match=if_match(), **body))
