"""A small HTTP listener beside the work of a service process, for its keepers: they ask whether it lives and how busy it is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import eventlet
from eventlet import wsgi
from nameko.extensions import DependencyProvider

from services.kernel import probes
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
        options = {"max_size": AT_ONCE, "socket_timeout": PATIENCE, "keepalive": False, "log": log, "log_output": False}
        eventlet.spawn(wsgi.server, listening, application(self._runtime), **options)


def application(runtime: ServiceRuntime) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """The WSGI application: three paths, and 404."""
    health = probes.health(runtime)
    paths = {"/healthz": probes.alive, "/readyz": lambda: probes.ready(health()), "/metrics": probes.numbers}

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        make = paths.get(environ["PATH_INFO"])
        made = make() if make else probes.Answer(404, "text/plain", b"/healthz /readyz /metrics")
        headers = [("Content-Type", made.content_type), ("Content-Length", str(len(made.body)))]
        start_response(f"{made.status} {HTTPStatus(made.status).phrase}", headers)
        return [made.body]

    return answer
