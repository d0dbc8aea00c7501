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
from services.contracts.todo import TaskCounts
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
    queues = {service: PROVINCE if service in PER_BUREAU else None for service in SERVICES}
    answers: dict[str, TaskCounts | None] = query_each("todo", queues)
    services = [
        {
            "service": service,
            "title": label("service", service).to_dict(),
            "answers": answer is not None,
            "parked": _parked_count(answer) if answer is not None else None,
        }
        for service, answer in answers.items()
    ]
    dependencies = [{"name": name, "available": available} for name, available in sorted(gateway_context().health().items())]
    return localised({"dependencies": dependencies, "services": services})


def _parked_count(answer: TaskCounts) -> int:
    return sum(count["count"] for count in answer["counts"] if count["kind"] == "parked_event")


@blueprint.route("/parked-events", methods=["GET"])
@allow("operator")
@blueprint.arguments(ParkedQuery, location="query")
@blueprint.response(200, ParkedPage)
def parked_events(service: str, bureau: str | None, **query: Any) -> Any:
    """一个服务未能处理的事件，从早到晚 · List the events that a service could not process, oldest first."""
    return send_query(service, "parked_events", **query, **_queue_argument(service, bureau))


@blueprint.route("/parked-events/replay", methods=["POST"])
@allow("operator")
@blueprint.arguments(Replay)
@blueprint.response(200, ReplayAnswer)
def replay(service: str, bureau: str | None, **body: Any) -> Any:
    """重新处理未能处理的事件 · Process parked events again."""
    return send_command(service, "replay_parked", **{**body, **_queue_argument(service, bureau)})


def _queue_argument(service: str, bureau: str | None) -> dict[str, str]:
    """Return the argument that selects a bureau's queue, by default the province's; none for a service that does not run per
    bureau. Raises Invalid for a bureau that does not exist."""
    if bureau is not None and bureau not in BUREAUS:
        raise Invalid.field("/bureau", "unknown_bureau", "没有这一主管部门，请对照主管部门列表。", "There is no such bureau.")
    return {"bureau": bureau or PROVINCE} if service in PER_BUREAU else {}
