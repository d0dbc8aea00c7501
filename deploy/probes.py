"""The listener for probes and metrics of a process that serves HTTP: on an address of its own, apart from the public's."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping

from waitress import create_server

from services.kernel.observability import health_checks

#: Threads that answer, connections held at once, and seconds an idle one is kept.
THREADS, CONNECTIONS, IDLE = 2, 20, 10


def listen(address: str, health: Callable[[], Mapping[str, bool]], *, shared: bool = False) -> None:
    """Answer `/healthz`, `/readyz` and `/metrics` at `host:port` until the process ends; nothing where the address is empty.
    Several processes have one address where it is `shared`: any of them answers. OSError when the address is taken."""
    if not address:
        return
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, int(port)), family=family, reuse_port=shared)
    server = create_server(
        health_checks.application(health),
        sockets=[listening],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE,
        ident="guichuang",
    )
    threading.Thread(target=server.run, name="probes", daemon=True).start()
