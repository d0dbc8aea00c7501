"""For the platform's keepers: alive, ready, how busy. No prefix, no account; keep them off the public network."""

from __future__ import annotations

from flask import Blueprint, Response
from prometheus_client import generate_latest

from gateway.access import public
from gateway.frame import frame
from services.kernel.rpc import encode

blueprint = Blueprint("probes", __name__)


@blueprint.route("/healthz")
@public
def healthz() -> Response:
    """This process answers."""
    return Response(b'{"status":"ok"}', content_type="application/json")


@blueprint.route("/readyz")
@public
def readyz() -> Response:
    """Whether all this process needs is there, and what is missing."""
    parts = dict(frame().health())
    missing = sorted(name for name, there in parts.items() if not there)
    body = {"status": "unready" if missing else "ready", "missing": missing, "parts": parts}
    return Response(encode(body), 503 if missing else 200, content_type="application/json")


@blueprint.route("/metrics")
@public
def numbers() -> Response:
    """Prometheus' text format."""
    return Response(generate_latest(), content_type="text/plain; version=0.0.4; charset=utf-8")
