"""Taking a recognition back (A14)."""

from __future__ import annotations

from typing import Any

from gateway.access import allow
from gateway.blueprint import Blueprint
from gateway.calls import ask, if_match, tagged, tell
from gateway.papers import papers
from gateway.preconditions import approves
from services.contracts.evaluation_cases import (
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
def open_revocation(body: dict[str, Any]) -> Any:
    """启动取消资格程序，列明情形和证据 · Open a case, with its grounds and evidence."""
    return tagged(tell("evaluation", "open_revocation", papers(body["documents"]), **body))


@blueprint.route("/revocations", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.arguments(RevocationQuery, location="query")
@blueprint.response(200, RevocationPage)
def list_revocations(query: dict[str, Any]) -> Any:
    """取消资格事项，含系统提请核实的 · Cases, those the platform proposes included."""
    return ask("evaluation", "list_revocations", **query)


@blueprint.route("/revocations/<id>", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(200, RevocationAnswer)
def get_revocation(id: str) -> Any:
    """一项取消资格事项 · One case."""
    return tagged(ask("evaluation", "get_revocation", id=id))


@blueprint.route("/revocations/<id>/confirmation", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(RevocationConfirmed)
@blueprint.response(200, RevocationAnswer)
@approves()
def confirm_revocation(body: dict[str, Any], id: str) -> Any:
    """核实所阅读的系统提请：启动程序或不予启动 · Take up the platform's proposal that was read, or dismiss it."""
    carried = papers(body["documents"])
    return tagged(tell("evaluation", "confirm_revocation", carried, id=id, if_match=if_match(), **body))


@blueprint.route("/revocations/<id>/statement", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(Statement)
@blueprint.response(200, RevocationAnswer)
def state_view(body: dict[str, Any], id: str) -> Any:
    """陈述意见 · The consortium states its view."""
    return tagged(tell("evaluation", "state_view", papers(body["documents"]), id=id, **body))


@blueprint.route("/revocations/<id>/decision", methods=["POST"])
@allow("chief")
@blueprint.arguments(RevocationDecided)
@blueprint.response(200, RevocationAnswer)
@approves()
def decide_revocation(body: dict[str, Any], id: str) -> Any:
    """陈述期满后，对所阅读的事项作出决定 · Decide on what was read, once the time for the statement is over."""
    return tagged(tell("evaluation", "decide_revocation", id=id, if_match=if_match(), **body))
