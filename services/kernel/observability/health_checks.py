"""The health checks of a process: alive, ready, and metrics. Every HTTP listener for probes answers with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, TypedDict

from services.kernel import observability
from services.kernel.errors import Unavailable
from services.kernel.messaging.rpc import encode

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from services.kernel.runtime import ServiceRuntime

#: Dependencies that all processes share: the broker, and the API that all consoles call. If one of them is unavailable, every
#: process is affected, so no process is reported as not ready; each still answers the requests that it can.
SHARED = frozenset({"bus", "api"})


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, in a form independent of the web server."""

    status: int
    content_type: str
    body: bytes


class Readiness(TypedDict):
    """The JSON of the readiness check. `parts`: each dependency and its state; `missing`: the dependencies that are
    unavailable."""

    status: str
    missing: list[str]
    parts: dict[str, bool]


def alive() -> Answer:
    """Return the answer to the liveness check: because this process answers, its threads are not stuck. It checks no dependency,
    so that an outage elsewhere does not make the orchestrator restart the process."""
    return Answer(200, "application/json", encode({"status": "ok"}))


def ready(parts: Mapping[str, bool]) -> Answer:
    """Return the answer to the readiness check: each dependency and its state. The status is 503 if one of the process's own
    dependencies is missing; if only a shared dependency is missing, the status is 200."""
    missing = sorted(name for name, available in parts.items() if not available)
    own = [name for name in missing if name not in SHARED]
    status = "unready" if own else "degraded" if missing else "ready"
    body: Readiness = {"status": status, "missing": missing, "parts": dict(parts)}
    return Answer(503 if own else 200, "application/json", encode(body))


def metrics_answer() -> Answer:
    """Return the metrics in Prometheus' text format."""
    return Answer(200, "text/plain; version=0.0.4; charset=utf-8", observability.exposition())


def application(health: Callable[[], Mapping[str, bool]]) -> WSGIApplication:
    """Return the WSGI application of the probes' listener. It answers three paths; any other path is answered with 404."""
    paths = {"/healthz": alive, "/readyz": lambda: ready(health()), "/metrics": metrics_answer}

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        check = paths.get(environ["PATH_INFO"])
        response = check() if check else Answer(404, "text/plain", b"/healthz /readyz /metrics")
        headers = [("Content-Type", response.content_type), ("Content-Length", str(len(response.body)))]
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", headers)
        return [response.body]

    return answer


def health(runtime: ServiceRuntime) -> Callable[[], dict[str, bool]]:
    """Return the function that checks a service's dependencies: the broker, a database that answers, and tables of this version
    or a newer one (while a new version is rolled out, the old one continues to run)."""
    # Imported only here: the console answers probes too but has no database, and must not load the migration tools.
    from services.kernel.persistence import migrate

    heads = migrate.heads(runtime.service)

    def check_dependencies() -> dict[str, bool]:
        parts = {"bus": runtime.on_bus(), "database": False, "migrations": False}
        try:
            revisions = migrate.current(runtime.database)
        except Unavailable:
            return parts
        return parts | {"database": True, "migrations": migrate.reached(heads, revisions)}

    return check_dependencies
