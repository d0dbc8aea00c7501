"""What a process tells its keepers: whether it lives, whether it is ready, how busy it is. Every listener answers by this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from services.kernel import observability
from services.kernel.errors import Unavailable
from services.kernel.messaging.rpc import encode

if TYPE_CHECKING:
    from services.kernel.runtime import ServiceRuntime

#: Parts that all processes share: the broker, and the API that all consoles call. While one is away no process does better than
#: another, so none is taken out of service: each still shows what it can show without it.
SHARED = frozenset({"bus", "api"})


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, whatever serves it."""

    status: int
    content_type: str
    body: bytes


def alive() -> Answer:
    """This process answers: its threads are not stuck. It asks nobody, so that no outage elsewhere ends it."""
    return Answer(200, "application/json", encode({"status": "ok"}))


def ready(parts: Mapping[str, bool]) -> Answer:
    """What is there and what is missing. 503 where that is this process's own; what all share is told and refuses nothing."""
    missing = sorted(name for name, there in parts.items() if not there)
    own = [name for name in missing if name not in SHARED]
    status = "unready" if own else "degraded" if missing else "ready"
    body = {"status": status, "missing": missing, "parts": dict(parts)}
    return Answer(503 if own else 200, "application/json", encode(body))


def numbers() -> Answer:
    """The metrics in Prometheus' text format."""
    return Answer(200, "text/plain; version=0.0.4; charset=utf-8", observability.exposition())


def application(health: Callable[[], Mapping[str, bool]]) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """The WSGI application of a listener for probes: three paths, and 404."""
    paths = {"/healthz": alive, "/readyz": lambda: ready(health()), "/metrics": numbers}

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        make = paths.get(environ["PATH_INFO"])
        made = make() if make else Answer(404, "text/plain", b"/healthz /readyz /metrics")
        headers = [("Content-Type", made.content_type), ("Content-Length", str(len(made.body)))]
        start_response(f"{made.status} {HTTPStatus(made.status).phrase}", headers)
        return [made.body]

    return answer


def health(runtime: ServiceRuntime) -> Callable[[], dict[str, bool]]:
    """What a service needs, by name: the broker, a database that answers, and in it the tables of this version or of a newer one
    (while a new version is rolled out the old one goes on)."""
    # A process without a database, the console, answers probes too and must not load the migration tools.
    from services.kernel.persistence import migrate

    heads = migrate.heads(runtime.service)

    def look() -> dict[str, bool]:
        parts = {"bus": runtime.on_bus(), "database": False, "migrations": False}
        try:
            stands = migrate.current(runtime.database)
        except Unavailable:
            return parts
        return parts | {"database": True, "migrations": migrate.reached(heads, stands)}

    return look
