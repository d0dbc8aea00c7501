"""Sweeps on request: every service processes everything that is due by a date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import g

from gateway.auth.authorization import allow
from gateway.context import gateway_context
from gateway.http.blueprint import Blueprint
from gateway.service_client import actor
from services.contracts.gateway.requests import SweepAnswer, SweepRequest
from services.kernel.clock import local_date, real_now
from services.kernel.errors import Invalid, Unavailable
from services.kernel.registry import PER_BUREAU
from services.kernel.runtime.schedule import SweepResult
from services.kernel.settings import SERVICES

blueprint = Blueprint("sweeps", __name__, url_prefix="/api/v1", description="到期处理 deadlines")

#: Seconds after which a call to one service is given up.
LONGEST = 120.0
#: The latest date that a demonstration may set, as a distance from today: a mistyped year could not be reversed.
FARTHEST = timedelta(days=30 * 366)


@blueprint.route("/sweeps", methods=["POST"])
@allow("operator")
@blueprint.arguments(SweepRequest)
@blueprint.response(200, SweepAnswer)
def sweep(as_of: str) -> Any:
    """处理截至某日到期的事项，可重复执行；演示环境可把日期拨到未来 · Process everything due by a date.

    A repetition processes nothing twice. A demonstration can set a future date.
    """
    if date.fromisoformat(as_of) > local_date(real_now()) + FARTHEST:
        raise Invalid.field("/as_of", "too_far", "日期过远，最多三十年之后。", "Too far away; thirty years ahead at most.")
    results, unanswered = _sweep_service("gateway", as_of), []
    for service in SERVICES:
        if service not in PER_BUREAU:
            results += _sweep_service(service, as_of)
            continue
        for bureau in gateway_context().bureaus:
            try:
                results += _sweep_service(service, as_of, bureau)
            except Unavailable:
                unanswered.append(bureau)
    return {"as_of": as_of, "done": results, "away": unanswered}


def _sweep_service(service: str, as_of: str, bureau: str | None = None) -> list[SweepResult]:
    caller = gateway_context().identity if service == "gateway" else gateway_context().caller
    answer: list[SweepResult] = caller.call(
        service, "sweep", {"as_of": as_of}, actor(), bureau=bureau, correlation_id=g.correlation_id, timeout=LONGEST
    )
    return answer
