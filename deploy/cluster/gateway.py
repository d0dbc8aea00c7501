"""One process of the gateway under granian, which calls `application` in each of its workers."""

from __future__ import annotations

from deploy import composition, console
from deploy.cluster.parent import end_with_parent
from deploy.cluster.serve import THREADS
from deploy.cluster.slow_bodies import BodyDeadlines
from deploy.probes import listen
from gateway import serve
from services.kernel import observability
from services.kernel.amqp.client import Client
from services.kernel.amqp.wake import notify_relay
from services.kernel.messaging import rpc
from services.kernel.observability import health_checks
from services.kernel.settings import Settings


def application() -> BodyDeadlines:
    """Return the WSGI application, configured by the environment variables."""
    end_with_parent()
    settings = Settings.from_environment()
    observability.start(settings)
    client = Client(settings.bus)
    runtime = composition.runtime_of("gateway", settings)
    runtime.on_outbox = lambda: notify_relay(runtime.database)

    runtime.on_bus = lambda: client.available
    runtime.leads = lambda: False  # The process `identity` does the gateway's background work instead.
    caller = rpc.Caller(client, composition.signer("gateway", settings))
    health = health_checks.health(runtime)
    listen(settings.probes, health, shared=True)
    app = serve.application(caller, runtime, settings, health=health)
    port = int(settings.http.rpartition(":")[2])
    return BodyDeadlines(console.front(app, settings), at_work=THREADS, port=port, proxies=int(settings.proxies))
