"""A small HTTP listener in a service process, through which the orchestrator asks whether the process is alive and how busy it
is."""

from __future__ import annotations

import logging

import eventlet
from eventlet import wsgi
from nameko.extensions import DependencyProvider

from services.kernel.observability import health_checks
from services.kernel.runtime import ServiceRuntime

#: The number of requests that are answered concurrently, and the seconds within which a client must send its request.
MAX_CONCURRENT = 4
TIMEOUT_SECONDS = 10.0

log = logging.getLogger(__name__)


class Probes(DependencyProvider):  # type: ignore[misc]
    """Answers `/healthz`, `/readyz` and `/metrics` at the address of the setting `probes`, as long as the process lives, even
    while it finishes its last work. Raises OSError at the start if the address is in use."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        super().__init__()
        self._runtime = runtime

    def start(self) -> None:
        host, _, port = self._runtime.settings.probes.rpartition(":")
        listener = eventlet.listen((host, int(port)))
        application = health_checks.application(health_checks.health(self._runtime))
        options = {
            "max_size": MAX_CONCURRENT,
            "socket_timeout": TIMEOUT_SECONDS,
            "keepalive": False,
            "log": log,
            "log_output": False,
        }
        eventlet.spawn(wsgi.server, listener, application, **options)
