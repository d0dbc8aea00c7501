"""Rectification and its acceptance (A13)."""

from __future__ import annotations

from typing import Any

from gateway.access import allow
from gateway.blueprint import Blueprint
from gateway.calls import ask, if_match, tagged, tell
from gateway.papers import papers
from gateway.preconditions import approves
from services.contracts.evaluation_cases import (
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
def list_rectifications(query: dict[str, Any]) -> Any:
    """整改事项 · Rectifications."""
    return ask("evaluation", "list_rectifications", **query)


@blueprint.route("/rectifications/<id>", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(200, RectificationAnswer)
def get_rectification(id: str) -> Any:
    """一项整改 · One rectification."""
    return tagged(ask("evaluation", "get_rectification", id=id))


@blueprint.route("/rectifications/<id>/submission", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(RectificationReport)
@blueprint.response(200, RectificationAnswer)
def submit_rectification(body: dict[str, Any], id: str) -> Any:
    """报送整改情况并申请验收 · Report what was mended and ask for acceptance."""
    return tagged(tell("evaluation", "submit_rectification", papers(body["documents"]), id=id, **body))


@blueprint.route("/rectifications/<id>/acceptance", methods=["POST"])
@allow("chief")
@blueprint.arguments(Acceptance)
@blueprint.response(200, RectificationAnswer)
@approves()
def accept_rectification(body: dict[str, Any], id: str) -> Any:
    """对所阅读的整改情况作出验收结论：通过则保留资格，不通过则提请取消 · Hold the acceptance of what was read."""
    carried = papers(body["documents"])
    return tagged(tell("evaluation", "accept_rectification", carried, id=id, if_match=if_match(), **body))
