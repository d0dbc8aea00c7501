"""`guichuang serve SERVICE`: one service as a process of its own, until it is told to stop."""

from __future__ import annotations

import os
import socket
import sys

from services.kernel.settings import Settings, Unfit

#: Threads of each gateway process that answer HTTP requests.
THREADS = 16


def serve(service: str, settings: Settings) -> int:
    """Serve it. `gateway` is HTTP; `identity` is the gateway's own outbox and inbox. Exit status 1 without a broker."""
    if settings.bus == "embedded://":
        print("请设置 GUICHUANG_BUS / set GUICHUANG_BUS to the broker: amqp://user:password@host/vhost", file=sys.stderr)
        return 1
    _free("GUICHUANG_PROBES", settings.probes)
    if service == "gateway":
        if settings.probes == settings.http:
            raise Unfit(f"GUICHUANG_PROBES and GUICHUANG_HTTP are both {settings.http}: metrics are not for the public's address")
        _free("GUICHUANG_HTTP", settings.http)
        _serve_http(settings)
    else:
        _serve_bus("gateway" if service == "identity" else service, settings)
    return 0


def _free(setting: str, address: str) -> None:
    """Whether one can listen there is seen before anything is started: afterwards it would end in the middle."""
    if not address:
        return
    host, _, port = address.rpartition(":")
    try:
        with socket.create_server((host.strip("[]"), int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise Unfit(f"{setting}={address}: {why}. Stop what listens there, or set it to another address.") from error


def _serve_bus(service: str, settings: Settings) -> None:
    from services.kernel.amqp import green

    green.patch()
    from deploy import assembly
    from services.kernel import telemetry
    from services.kernel.amqp.service import run

    telemetry.begin(settings)
    run(assembly.runtime_of(service, settings), settings.bus, at_once=int(settings.pool))


def _serve_http(settings: Settings) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from deploy import assembly

    assembly.signer("gateway", settings)  # what is missing is told here, once, not by each worker
    assembly.vault("gateway", settings)
    address, _, port = settings.http.rpartition(":")
    Granian(
        "deploy.cluster.gateway:application",
        factory=True,
        interface=Interfaces.WSGI,
        address=address,
        port=int(port),
        workers=int(settings.workers),
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    ).serve()
