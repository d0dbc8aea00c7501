"""`guichuang serve SERVICE`: run one service as a process of its own until it is stopped."""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

from deploy import open_files
from services.kernel.settings import InvalidSetting, Settings

#: The number of requests that each gateway process handles concurrently. Requests whose body has not arrived yet do not count.
THREADS = 16
#: The number of connections that each gateway process accepts; further ones wait until one ends. An idle connection uses no
#: thread.
CONNECTIONS = 4096
#: Milliseconds within which the head of a request must arrive, and for which a connection without a request is kept.
HEAD_MILLISECONDS = 15_000
#: The longest head of a request, in bytes.
LARGEST_HEAD = 64 * 1024


def serve(service: str, settings: Settings) -> int:
    """Run the service. `gateway` and `console` serve HTTP; `identity` processes the gateway's own outbox and inbox. Return exit
    status 1 if the broker or, for the console, the API cannot be reached."""
    if service == "console":
        return _serve_console(settings)
    if settings.bus == "embedded://":
        print("请设置 GUICHUANG_BUS / set GUICHUANG_BUS to the broker: amqp://user:password@host/vhost", file=sys.stderr)
        return 1
    _require_free_address("GUICHUANG_PROBES", settings.probes)
    if service == "gateway":
        _public_address(settings)
        _serve_http(settings)
    else:
        _serve_bus("gateway" if service == "identity" else service, settings)
    return 0


def _serve_console(settings: Settings) -> int:
    if not settings.console_api:
        print(
            "请设置 GUICHUANG_CONSOLE_API / set GUICHUANG_CONSOLE_API to the gateway's address: http://gateway", file=sys.stderr
        )
        return 1
    from deploy.keys.key_folder import CONSOLE, KeysFolder

    _require_free_address("GUICHUANG_PROBES", settings.probes)
    _public_address(settings)
    KeysFolder(settings.keys_folder).sealing_keys(CONSOLE)()  # A missing key is reported here once, not by each worker.
    http_server("deploy.cluster.console:application", settings.http, workers=int(settings.workers)).serve()
    return 0


def _public_address(settings: Settings) -> None:
    """Raise InvalidSetting if the public address is in use, or is the address of the metrics."""
    if settings.probes == settings.http:
        raise InvalidSetting(
            f"GUICHUANG_PROBES and GUICHUANG_HTTP are both {settings.http}: metrics are not for the public's address"
        )
    _require_free_address("GUICHUANG_HTTP", settings.http)


def _require_free_address(setting: str, address: str) -> None:
    """Raise InvalidSetting if a process cannot listen at the address. The check comes before anything is started, because a later
    failure would interrupt the start."""
    if not address:
        return
    host, _, port = address.rpartition(":")
    try:
        with socket.create_server((host.strip("[]"), int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise InvalidSetting(f"{setting}={address}: {why}. Stop what listens there, or set it to another address.") from error


def _serve_bus(service: str, settings: Settings) -> None:
    from services.kernel.amqp import green

    green.patch()
    from deploy import composition
    from services.kernel import observability
    from services.kernel.amqp.service import run

    observability.start(settings)
    run(composition.runtime_of(service, settings), settings.bus, at_once=int(settings.pool))


def _serve_http(settings: Settings) -> None:
    from deploy import composition

    composition.signer("gateway", settings)  # A missing key is reported here once, not by each worker.
    composition.vault("gateway", settings)
    http_server("deploy.cluster.gateway:application", settings.http, workers=int(settings.workers)).serve()


def http_server(target: str, address: str, *, workers: int) -> Any:
    """Return granian at `host:port`, with the limits that it supports. `target` names the function that creates the WSGI
    application in each worker."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    from deploy.cluster.slow_bodies import BODIES

    open_files.allow(CONNECTIONS + 1024)
    host, _, port = address.rpartition(":")
    return Granian(
        target,
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=int(port),
        workers=workers,
        blocking_threads=THREADS + BODIES,
        # HTTP/2 would allow any number of requests on one connection. The proxy in front of the process offers HTTP/2 to clients.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_MILLISECONDS, max_buffer_size=LARGEST_HEAD),
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    )
