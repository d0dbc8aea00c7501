"""Coordination matters: consortia ask the authorities for help (A12)."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.http.blueprint import Blueprint
from gateway.service_client import send_command, send_query, with_etag
from services.contracts.evaluation.duties import MatterAnswer, MatterAnswered, MatterClosed, MatterPage, MatterQuery, MatterRaised

blueprint = Blueprint("coordination", __name__, url_prefix="/api/v1", description="协调事项 coordination")


@blueprint.route("/coordination-items", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(MatterRaised)
@blueprint.response(201, MatterAnswer)
def raise_matter(**body: Any) -> Any:
    """主管部门提出一项协调事项 · Raise a matter, as a bureau."""
    return with_etag(send_command("evaluation", "raise_matter", **body))


@blueprint.route("/coordination-items", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.arguments(MatterQuery, location="query")
@blueprint.response(200, MatterPage)
def list_matters(**query: Any) -> Any:
    """协调事项：本单位提出的、本部门负责的 · List the matters that your organisation raised or your bureau handles."""
    return send_query("evaluation", "list_matters", **query)


@blueprint.route("/coordination-items/<id>", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(200, MatterAnswer)
def get_matter(id: str) -> Any:
    """一项协调事项 · One matter."""
    return with_etag(send_query("evaluation", "get_matter", id=id))


@blueprint.route("/coordination-items/<id>/answers", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(MatterAnswered)
@blueprint.response(200, MatterAnswer)
def answer_matter(id: str, **body: Any) -> Any:
    """负责部门答复 · Answer a matter, as the responsible bureau."""
    return with_etag(send_command("evaluation", "answer_matter", id=id, **body))


@blueprint.route("/coordination-items/<id>/closing", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(MatterClosed)
@blueprint.response(200, MatterAnswer)
def close_matter(id: str, **body: Any) -> Any:
    """办结 · Close a matter, as the responsible bureau."""
    return with_etag(send_command("evaluation", "close_matter", id=id, **body))
