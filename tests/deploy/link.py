"""The network link between two brokers, which a test can cut and restore."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self

from deploy.local_services.local_service import free_ports


class Link:
    """A port on loopback that forwards to another port. When cut, it breaks every connection and refuses new ones."""

    def __init__(self, to: int) -> None:
        self._to = to
        self.port = free_ports(["link"])["link"]
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def mend(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            listener, self._listener = self._listener, None
            ends, self._open = self._open, []
        for end in [listener, *ends]:
            if end:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = listener.accept()
                there = socket.create_connection(("127.0.0.1", self._to))
                with self._lock:
                    if self._listener is not listener:
                        here.close()
                        there.close()
                        return
                    self._open += [here, there]
                for ends in ((here, there), (there, here)):
                    threading.Thread(target=_carry, args=ends, daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    """Forward bytes from `source` to `target` until either of the two connections closes; then shut down both."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
