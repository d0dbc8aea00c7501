"""Revocation of a recognition (A14)."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.document_statements import statement_of
from gateway.http.blueprint import Blueprint
from gateway.http.preconditions import requires_etag
from gateway.service_client import if_match, send_command, send_query, with_etag
from services.contracts.evaluation.rectifications_and_revocations import (
    RevocationAnswer,
    RevocationConfirmed,
    RevocationDecided,
    RevocationOpened,
    RevocationPage,
    RevocationQuery,
    Statement,
)

blueprint = Blueprint("revocations", __name__, url_prefix="/api/v1", description="取消资格 revocation")


@blueprint.route("/revocations", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(RevocationOpened)
@blueprint.response(201, RevocationAnswer)
def open_revocation(**body: Any) -> Any:
    """启动取消资格程序，列明情形和证据 · Open a revocation case, with its grounds and evidence."""
    return with_etag(send_command("evaluation", "open_revocation", statement_of(body["documents"]), **body))


@blueprint.route("/revocations", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.arguments(RevocationQuery, location="query")
@blueprint.response(200, RevocationPage)
def list_revocations(**query: Any) -> Any:
    """取消资格事项，含系统提请核实的 · List the revocation cases, including those that the platform proposes."""
    return send_query("evaluation", "list_revocations", **query)


@blueprint.route("/revocations/<id>", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(200, RevocationAnswer)
def get_revocation(id: str) -> Any:
    """一项取消资格事项 · One revocation case."""
    return with_etag(send_query("evaluation", "get_revocation", id=id))


@blueprint.route("/revocations/<id>/confirmation", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(RevocationConfirmed)
@blueprint.response(200, RevocationAnswer)
@requires_etag()
def confirm_revocation(id: str, **body: Any) -> Any:
    """核实所阅读的系统提请：启动程序或不予启动 · Verify the platform's proposal that was read: open the case or dismiss it."""
    statements = statement_of(body["documents"])
    return with_etag(send_command("evaluation", "confirm_revocation", statements, id=id, if_match=if_match(), **body))


@blueprint.route("/revocations/<id>/statement", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(Statement)
@blueprint.response(200, RevocationAnswer)
def state_view(id: str, **body: Any) -> Any:
    """陈述意见 · Submit the consortium's statement."""
    return with_etag(send_command("evaluation", "state_view", statement_of(body["documents"]), id=id, **body))


@blueprint.route("/revocations/<id>/decision", methods=["POST"])
@allow("chief")
@blueprint.arguments(RevocationDecided)
@blueprint.response(200, RevocationAnswer)
@requires_etag()
def decide_revocation(id: str, **body: Any) -> Any:
    """陈述期满后，对所阅读的事项作出决定 · Decide the case that was read, after the period for the statement has ended."""
    return with_etag(send_command("evaluation", "decide_revocation", id=id, if_match=if_match(), **body))
