"""One process of the gateway under granian, which calls `application` in each of its workers."""

from __future__ import annotations

from deploy import assembly, console
from deploy.cluster.parent import end_with_parent
from deploy.cluster.patience import Patience
from deploy.cluster.serve import THREADS
from deploy.probes import listen
from gateway import serve
from services.kernel import probes, rpc, telemetry
from services.kernel.amqp.client import Client
from services.kernel.amqp.wake import call_relay
from services.kernel.settings import Settings


def application() -> Patience:
    """The WSGI application, by the settings in the environment."""
    end_with_parent()
    settings = Settings.from_environment()
    telemetry.begin(settings)
    client = Client(settings.bus)
    runtime = assembly.runtime_of("gateway", settings)
    runtime.on_outbox = lambda: call_relay(runtime.database)

    runtime.on_bus = lambda: client.available
    runtime.leads = lambda: False  # `identity` does, in a process of its own
    caller = rpc.Caller(client, assembly.signer("gateway", settings))
    health = probes.health(runtime)
    listen(settings.probes, health, shared=True)
    app = serve.application(caller, runtime, settings, health=health)
    port = int(settings.http.rpartition(":")[2])
    return Patience(console.front(app, settings), at_work=THREADS, port=port, proxies=int(settings.proxies))
