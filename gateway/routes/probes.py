"""Whether the gateway is alive and ready: no prefix, no account. Metrics are on the address of `GUICHUANG_PROBES` alone."""

from __future__ import annotations

from flask import Blueprint, Response

from gateway.access import public
from gateway.frame import frame
from services.kernel import probes

blueprint = Blueprint("probes", __name__)


@blueprint.route("/healthz")
@public
def healthz() -> Response:
    """This process answers."""
    return _response(probes.alive())


@blueprint.route("/readyz")
@public
def readyz() -> Response:
    """Whether all this process needs is there, and what is missing."""
    return _response(probes.ready(frame().health()))


def _response(answer: probes.Answer) -> Response:
    return Response(answer.body, answer.status, content_type=answer.content_type)
