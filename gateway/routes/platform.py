"""The platform's own state, for operators: the dependencies of each service, and the events that could not be processed."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.context import gateway_context
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.parallel_queries import query_each
from gateway.service_client import send_command, send_query
from services.contracts.gateway.platform import ParkedPage, ParkedQuery, PlatformState, Replay, ReplayAnswer
from services.contracts.labels import label
from services.kernel.errors import Invalid
from services.kernel.identity import PROVINCE
from services.kernel.registry import PER_BUREAU
from services.kernel.settings import SERVICES
from services.policy.bureaus import BUREAUS

blueprint = Blueprint("platform", __name__, url_prefix="/api/v1", description="平台运行 platform")


@blueprint.route("/platform/state", methods=["GET"])
@allow("operator")
@blueprint.response(200, PlatformState)
def platform_state() -> Any:
    """依赖项与各服务的状态 · The dependencies of this process, and the state of each service.

    The state includes the number of events that the service could not process.
    """
    answers = query_each("todo", {service: PROVINCE if service in PER_BUREAU else None for service in SERVICES})
    services = [
        {
            "service": service,
            "title": label("service", service).to_dict(),
            "answers": answer is not None,
            "parked": _parked(answer) if answer is not None else None,
        }
        for service, answer in answers.items()
    ]
    dependencies = [{"name": name, "available": there} for name, there in sorted(gateway_context().health().items())]
    return localised({"dependencies": dependencies, "services": services})


def _parked(answer: dict[str, Any]) -> int:
    return sum(count["count"] for count in answer["counts"] if count["kind"] == "parked_event")


@blueprint.route("/parked-events", methods=["GET"])
@allow("operator")
@blueprint.arguments(ParkedQuery, location="query")
@blueprint.response(200, ParkedPage)
def parked_events(**query: Any) -> Any:
    """一个服务未能处理的事件，从早到晚 · List the events that a service could not process, oldest first."""
    service = query.pop("service")
    return send_query(service, "parked_events", **_addressed(service, query))


@blueprint.route("/parked-events/replay", methods=["POST"])
@allow("operator")
@blueprint.arguments(Replay)
@blueprint.response(200, ReplayAnswer)
def replay(**body: Any) -> Any:
    """重新处理未能处理的事件 · Process parked events again."""
    service = body.pop("service")
    return send_command(service, "replay_parked", **_addressed(service, body))


def _addressed(service: str, query: dict[str, Any]) -> dict[str, Any]:
    """Return the query with the bureau whose queue is used, if the service runs per bureau; by default that of the province.
    Raises Invalid for a bureau that does not exist."""
    bureau = query.pop("bureau")
    if bureau is not None and bureau not in BUREAUS:
        raise Invalid.field("/bureau", "unknown_bureau", "没有这一主管部门，请对照主管部门列表。", "There is no such bureau.")
    return query | ({"bureau": bureau or PROVINCE} if service in PER_BUREAU else {})
