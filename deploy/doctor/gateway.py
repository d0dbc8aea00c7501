"""The gateway as its clients see it: whether it answers, and whether its dependencies are available."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from typing import cast

from deploy import composition
from deploy.doctor.finding import Finding, first_line, wrong
from services.kernel.observability.health_checks import Readiness
from services.kernel.settings import ANY_ADDRESS, Settings

#: Seconds within which the gateway must answer.
PATIENCE = 5.0


def check(settings: Settings, services: Sequence[str]) -> Iterator[Finding]:
    """Yield the finding from the gateway's `/readyz`."""
    at = address(settings, services)
    if at is None:
        return
    try:
        state = _state(f"{at}/readyz")
    except (OSError, ValueError) as error:
        problem = f"the gateway does not answer at {at}: {first_line(error)}"
        advice = (
            "Start it: `guichuang serve gateway`; where it starts and ends again, its log says why. The platform is unreachable."
        )
        if settings.bus == "embedded://":
            advice = "Restart the platform: its process runs, and its log says why it does not answer."
        yield wrong("gateway", problem, advice, passing="it does not answer")
        return
    missing = ", ".join(str(name) for name in state.get("missing", ()))
    if missing:
        problem = f"the gateway answers at {at} that it is without: {missing}"
        yield wrong("gateway", problem, "Look at the lines before this one; then at the gateway's log.", passing=missing)
    else:
        yield Finding("gateway", f"it answers at {at} and has all it needs")


def address(settings: Settings, services: Sequence[str]) -> str | None:
    """Return the gateway's address; None if these settings have no gateway, or belong to a single process that cannot reach
    it."""
    own_address = f"http://{_reachable(settings.http)}"
    if settings.bus == "embedded://":
        return None if composition.console_alone(settings) or not _runs(settings) else own_address
    if "gateway" not in services:
        return None
    if len(services) > 1:
        return settings.console_api.rstrip("/") or own_address
    # The process `identity` has the gateway's database but does not listen for clients.
    return own_address if settings.http.rpartition(":")[0] in ANY_ADDRESS else None


def _runs(settings: Settings) -> bool:
    from deploy.embedded import instance_lock

    return instance_lock.is_locked(settings.folder)


def _reachable(listening: str) -> str:
    host, _, port = listening.rpartition(":")
    return f"127.0.0.1:{port}" if host in ANY_ADDRESS else listening


def _state(url: str) -> Readiness:
    """Return what the gateway reports about itself, ready or not. Raises ValueError if another program answers."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:
        with error:
            body = error.read()
    try:
        state = json.loads(body)
    except ValueError:
        raise ValueError("what answers there is not the gateway") from None
    if not isinstance(state, dict) or "parts" not in state:
        raise ValueError("what answers there is not the gateway")
    return cast(Readiness, state)
