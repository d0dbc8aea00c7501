"""The listener for probes and metrics of a process that serves HTTP. The listener has an address of its own, separate from the
public address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping

from waitress import create_server

from services.kernel.observability import health_checks

#: The number of threads that answer, the most open connections, and the seconds for which an idle connection is kept.
THREADS, CONNECTIONS, IDLE = 2, 20, 10


def listen(address: str, health: Callable[[], Mapping[str, bool]], *, shared: bool = False) -> None:
    """Answer `/healthz`, `/readyz` and `/metrics` at `host:port` until the process ends; do nothing if the address is empty. With
    `shared` several processes use one address, and any of them answers. Raises OSError if the address is in use."""
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
