"""A deployment: processes that are started, stopped and upgraded together, independently of other deployments on the same
broker."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path

from deploy import composition
from deploy.keys import key_folder
from deploy.local_services import Postgres, Process
from deploy.local_services.local_service import free_ports
from services.kernel.settings import SERVICES, Settings


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process: the service that it runs, and its database."""

    name: str
    service: str
    database: str

    @property
    def party(self) -> str:
        """Return the party (a service or the gateway) whose database and keys the process uses."""
        return "gateway" if self.service == "identity" else self.service


#: The province's processes, in the order in which they start.
PROVINCE_SEATS = (
    *(ProcessSpec(service, service, service) for service in SERVICES),
    ProcessSpec("identity", "identity", "gateway"),
    ProcessSpec("gateway", "gateway", "gateway"),
)


def city_seats(code: str) -> tuple[ProcessSpec, ...]:
    """Return the processes of a city that has only a review service of its own."""
    return (ProcessSpec(f"review-{code}", "review", f"review_{code}"),)


def gateway_seats(code: str) -> tuple[ProcessSpec, ...]:
    """Return the additional processes of a city with a broker of its own. The city needs them because requests do not cross from
    one broker to another."""
    database = f"gateway_{code}"
    return ProcessSpec(f"identity-{code}", "identity", database), ProcessSpec(f"gateway-{code}", "gateway", database)


class Deployment:
    """Starts and stops the processes of one deployment. `settings` are those that all of them share: the broker with this
    deployment's account, the bureaus that it serves, a folder with its keys. In addition each process gets the URL of its own
    database. Logs are written to `folder`."""

    def __init__(self, name: str, seats: Sequence[ProcessSpec], settings: Settings, postgres: Postgres, folder: Path) -> None:
        self.name = name
        self.seats = tuple(seats)
        self.settings = settings
        self.processes = {seat.name: Process(seat.name, folder) for seat in seats}
        #: Process name → the address for its probes and metrics.
        self.probes = _addresses([seat.name for seat in seats])
        self.postgres = postgres
        self._lock = threading.Lock()
        self._running = False
        self._paused: set[str] = set()
        self._databases: dict[str, str] = {}

    def told(self, seat: ProcessSpec) -> Settings:
        """Return the settings of one of the processes."""
        return replace(self.settings, probes=self.probes[seat.name], **{f"db_{seat.party}": self.database(seat)})

    def operators(self) -> Settings:
        """Return the settings for the operator's commands, with all databases of this deployment."""
        return replace(self.settings, **{f"db_{seat.party}": self.database(seat) for seat in self.seats})

    def database(self, seat: ProcessSpec) -> str:
        """Return the URL of a process's database. The database server is asked for it only once, so that a process can be started
        again while that server is down."""
        if seat.database not in self._databases:
            self._databases[seat.database] = self.postgres.create_database(seat.database)
        return self._databases[seat.database]

    def prepare(self) -> None:
        """Create the deployment's keys and databases, before its processes start."""
        parties = sorted({seat.party for seat in self.seats})
        signing = [composition.party(party, self.settings) for party in parties]
        key_folder.make(self.settings.keys_folder, signing, sealing(parties))
        composition.migrate_all(self.operators(), parties)

    def start(self) -> None:
        """Start all processes, and return without waiting until they are ready."""
        with self._lock:
            self._running = True
            for seat in self.seats:
                self._start_process(seat)

    def stop(self) -> None:
        """Stop the processes one after the other: first the gateway, which takes requests from outside, then the services."""
        with self._lock:
            self._running = False
            doors = [seat.name for seat in self.seats if seat.service == "gateway"]
            concurrently(self.processes[name].stop for name in doors)
            concurrently(process.stop for process in self.processes.values())

    def pause(self, name: str) -> None:
        """Stop one of the processes. `keep` does not start it again before `go_on` is called."""
        with self._lock:
            self._paused.add(name)
            self.processes[name].stop()

    def go_on(self, name: str) -> None:
        """Allow the process to run again. The next call of `keep` starts it."""
        self._paused.discard(name)

    def keep(self) -> None:
        """Start the processes that have ended, unless the deployment is stopped."""
        with self._lock:
            for seat in self.seats if self._running else ():
                if self.processes[seat.name].pid is None and seat.name not in self._paused:
                    print(f"{seat.name} ended; it is begun again", file=sys.stderr, flush=True)
                    self._start_process(seat)

    def _start_process(self, seat: ProcessSpec) -> None:
        command = [sys.executable, "-m", "deploy.cli", "serve", seat.service]
        self.processes[seat.name].start(command, os.environ | environment(self.told(seat)))


def sealing(parties: Sequence[str]) -> list[str]:
    """Return the parties of a deployment that need a sealing key. The console needs one where the gateway runs."""
    return [party for party in composition.SEALING if party in parties or (party == key_folder.CONSOLE and "gateway" in parties)]


def exchange_public_keys(first: Deployment, second: Deployment) -> None:
    """Give each deployment the public keys of the other. A key whose private half is in the receiver's folder is the receiver's
    own key and is not replaced."""
    for giver, taker in ((first, second), (second, first)):
        source_folder, target_folder = giver.settings.keys_folder, taker.settings.keys_folder
        for private in source_folder.glob("*.key"):
            if not (target_folder / private.name).exists():
                key_folder.write(target_folder / f"{private.stem}.pub", private.with_suffix(".pub").read_text(), 0o644)


def environment(settings: Settings) -> dict[str, str]:
    """Return the settings as environment variables."""
    return {field.metadata["env"]: getattr(settings, field.name) for field in fields(settings)}


def concurrently(actions: Iterable[Callable[[], None]]) -> None:
    """Run the actions concurrently. After all have ended, raise the first error."""
    with ThreadPoolExecutor() as threads:
        for future in [threads.submit(action) for action in actions]:
            future.result()


def _addresses(names: Sequence[str]) -> dict[str, str]:
    return {name: f"127.0.0.1:{port}" for name, port in free_ports(names).items()}
