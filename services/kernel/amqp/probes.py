"""A small HTTP listener beside the work of a service process, for its keepers: they ask whether it lives and how busy it is."""

from __future__ import annotations

import logging

import eventlet
from eventlet import wsgi
from nameko.extensions import DependencyProvider

from services.kernel.observability import health_checks
from services.kernel.runtime import ServiceRuntime

#: Questions answered at once, and seconds a keeper may take to put one.
AT_ONCE = 4
PATIENCE = 10.0

log = logging.getLogger(__name__)


class Probes(DependencyProvider):  # type: ignore[misc]
    """Answers `/healthz`, `/readyz` and `/metrics` at the address of the setting `probes` for as long as the process lives: while
    it finishes its last work, too. OSError at the start when the address is taken."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        super().__init__()
        self._runtime = runtime

    def start(self) -> None:
        host, _, port = self._runtime.settings.probes.rpartition(":")
        listening = eventlet.listen((host, int(port)))
        serving = health_checks.application(health_checks.health(self._runtime))
        options = {"max_size": AT_ONCE, "socket_timeout": PATIENCE, "keepalive": False, "log": log, "log_output": False}
        eventlet.spawn(wsgi.server, listening, serving, **options)
