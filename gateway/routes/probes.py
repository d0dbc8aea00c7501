"""Probes: whether the gateway is alive and ready. Their paths have no prefix and need no account. Metrics are served only on the
address of `GUICHUANG_PROBES`."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.auth.authorization import public
from gateway.context import gateway_context
from services.kernel.observability import health_checks

blueprint = Blueprint("probes", __name__)


@blueprint.route("/healthz")
@public
def healthz() -> Response:
    """Answer as long as this process is alive."""
    return _response(health_checks.alive())


@blueprint.route("/readyz")
@public
def readyz() -> Response:
    """Answer whether all dependencies of this process are reachable, and which are not."""
    return _response(health_checks.ready(gateway_context().health()))


def _response(answer: health_checks.Answer) -> Response:
    return Response(answer.body, answer.status, content_type=answer.content_type)
