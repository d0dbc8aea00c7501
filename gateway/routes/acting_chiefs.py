"""Officers who sign in a chief's name for a limited time."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.context import gateway_context
from gateway.http.blueprint import Blueprint
from gateway.service_client import send_command, send_query
from services.contracts.gateway.officials import ActingChiefAnswer, ActingChiefPage, ActingChiefQuery, Ending, NewActingChief

blueprint = Blueprint("acting_chiefs", __name__, url_prefix="/api/v1", description="代理负责人 acting chiefs")


@blueprint.route("/acting-chiefs", methods=["POST"])
@allow("chief")
@blueprint.arguments(NewActingChief)
@blueprint.response(201, ActingChiefAnswer)
def appoint_acting_chief(**body: Any) -> Any:
    """确定本部门经办人在一段时间内代理负责人签署 · Appoint an officer of your bureau to sign in a chief's name for a time."""
    answer = send_command("gateway", "appoint_acting_chief", **body)
    gateway_context().tokens.forget(answer["account"])
    return answer


@blueprint.route("/acting-chiefs", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(ActingChiefQuery, location="query")
@blueprint.response(200, ActingChiefPage)
def list_acting_chiefs(**query: Any) -> Any:
    """本部门的代理记录；审计人员可查看全部 · List your bureau's appointments; an auditor reads all."""
    return send_query("gateway", "list_acting_chiefs", **query)


@blueprint.route("/acting-chiefs/<id>/ending", methods=["POST"])
@allow("chief")
@blueprint.arguments(Ending)
@blueprint.response(200, ActingChiefAnswer)
def end_acting_chief(id: str, **body: Any) -> Any:
    """提前结束代理 · End an appointment before its last day."""
    answer = send_command("gateway", "end_acting_chief", id=id, **body)
    gateway_context().tokens.forget(answer["account"])
    return answer
