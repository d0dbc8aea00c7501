"""The base class of every private server. A folder keeps the server's data, ports and secrets from one start to the next."""

from __future__ import annotations

import json
import random
import secrets
import signal
import socket
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

from deploy.local_services.process import Process

#: The range from which ports are chosen. It is below the range that the kernel uses for outgoing connections, so that no such
#: connection uses one of them.
PORTS = range(20_000, 32_000)
#: Seconds within which a server must become ready after its start.
READY_SECONDS = 90.0


class LocalService:
    """A private server on loopback. With the same folder it has the same data, ports and secrets again.

    A subclass defines how to prepare the folder, the command to run, and the check that the server is ready.
    """

    name: ClassVar[str]
    port_names: ClassVar[tuple[str, ...]]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    #: Seconds within which the server must end after its stop signal; after that it is killed.
    stop_seconds: ClassVar[float] = 30.0

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._kept = self.folder / "part.json"
        if not self._kept.exists():
            self._keep({"ports": free_ports(self.port_names), "secrets": {}})
        self._lock = threading.RLock()
        self._wanted = False
        self.process = Process(
            self.name,
            self.folder,
            stop_signal=self.stop_signal,
            stop_seconds=self.stop_seconds,
            as_user=self.as_user(),
        )

    def start(self) -> None:
        """Start the server and return without waiting until it is ready. Raises LocalServiceFailed if it already runs."""
        with self._lock:
            self._wanted = True
            self.prepare()
            self.process.start(self.command(), self.environment())

    def keep(self) -> bool:
        """Start the server again if it ended although `stop` and `kill` were not called. Return whether it was started."""
        with self._lock:
            if not self._wanted or self.process.pid is not None:
                return False
            self.start()
            return True

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when the server is ready. Raises LocalServiceFailed with the end of the server's log if the server ends before
        it is ready, or is not ready within `seconds`."""
        self.process.wait_until(self.ready, seconds)

    def stop(self) -> None:
        """Send the server its stop signal and wait until it has ended; its data are kept."""
        with self._lock:
            self._wanted = False
            self.process.stop()

    def kill(self) -> None:
        """End the server as a power failure would; durable data are kept."""
        with self._lock:
            self._wanted = False
            self.process.kill()

    def __enter__(self) -> Self:
        self.start()
        self.wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def port(self, name: str) -> int:
        """Return the port with this name, which is the same at every start."""
        return int(self._read()["ports"][name])

    def secret(self, name: str) -> str:
        """Return the secret with this name. The secret is generated at its first use and then stored in the folder."""
        kept = self._read()
        if name not in kept["secrets"]:
            kept["secrets"][name] = secrets.token_hex(16)
            self._keep(kept)
        return kept["secrets"][name]

    def as_user(self) -> Sequence[str]:
        """Return a command prefix that changes the user, if the server must not run as the present user."""
        return ()

    def prepare(self) -> None:
        """Write the files that the server reads at its start."""

    def command(self) -> Sequence[str]:
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        raise NotImplementedError

    def ready(self) -> bool:
        raise NotImplementedError

    def _read(self) -> dict[str, dict[str, str]]:
        kept: dict[str, dict[str, str]] = json.loads(self._kept.read_text())
        return kept

    def _keep(self, kept: Mapping[str, Mapping[str, str | int]]) -> None:
        new = self._kept.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(kept, indent=2))
        new.replace(self._kept)


def free_ports(names: Sequence[str]) -> dict[str, int]:
    """Return a port on loopback for each name, free at this moment."""
    found: dict[str, int] = {}
    for port in random.sample(PORTS, k=len(PORTS)):
        if len(found) == len(names):
            break
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found[names[len(found)]] = port
    return found
