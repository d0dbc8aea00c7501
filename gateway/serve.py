"""One gateway process: the application with its own accounts service, for a WSGI server to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Flask

from gateway.app import create_app
from gateway.identity.seed import seed_demonstration
from services.kernel.messaging.rpc import Caller
from services.kernel.runtime import ServiceRuntime
from services.kernel.settings import Settings
from services.kernel.storage.factory import store_of


class InProcessTransport:
    """The transport of requests to a service in the same process."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        self._runtime = runtime

    def send(self, queue: str, body: bytes, timeout: float) -> bytes:
        return self._runtime.handle(body)


def application(
    caller: Caller,
    runtime: ServiceRuntime,
    settings: Settings,
    *,
    health: Callable[[], Mapping[str, bool]] = dict,
) -> Flask:
    """Build the gateway's WSGI application for a process. `caller` calls the services over the bus; `runtime` runs the accounts
    service. On a demonstration platform this function also creates the accounts of the demonstration."""
    identity = Caller(InProcessTransport(runtime), runtime.signer)
    if settings.demo:
        seed_demonstration(identity, settings)
    signer, verifier = runtime.signer, runtime.verifier
    assert runtime.vault is not None
    return create_app(
        caller,
        settings,
        identity=identity,
        signer=signer,
        verifier=verifier,
        vault=runtime.vault,
        store=store_of(settings),
        health=health,
    )
