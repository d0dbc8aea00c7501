"""The cluster on one machine: private RabbitMQ, PostgreSQL and S3, every service its own process, the dead begun again."""

from __future__ import annotations

import os
import shlex
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Self
from urllib.parse import quote

from deploy import assembly
from deploy.cluster import topology
from deploy.parts import S3, Part, Postgres, Process, RabbitMQ
from deploy.parts.part import free_ports
from services.kernel.settings import SERVICES, Settings

#: The city that runs a review service of its own, with its own database and an account for its own queues only.
CITY = "450200"
#: Seconds all processes have for becoming ready.
READY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Seat:
    """One process of the cluster: what it serves, on which database, as which account of the broker, for which bureaus."""

    name: str
    service: str
    database: str
    account: str = topology.PROVINCE_ACCOUNT
    jurisdictions: str = "*"


#: All processes, in the order in which they start; they stop in the reverse.
SEATS = (
    *(Seat(service, service, service) for service in SERVICES if service != "review"),
    Seat("review", "review", "review", jurisdictions=f"*,-{CITY}"),
    Seat(f"review-{CITY}", "review", f"review_{CITY}", account=topology.bureau_account(CITY), jurisdictions=CITY),
    Seat("identity", "identity", "gateway"),
    Seat("gateway", "gateway", "gateway"),
)


class Machine:
    """`settings` say the folder, the HTTP address and the like; broker, databases and store are this machine's own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = replace(settings, var=str(settings.folder.resolve()))
        self.folder = self.settings.folder / "cluster"
        self.broker = RabbitMQ(self.folder / "rabbitmq")
        self.postgres = Postgres(self.folder / "postgres")
        self.store = S3(self.folder / "s3")
        self.processes = {seat.name: Process(seat.name, self.folder) for seat in SEATS}
        #: Seat → where it answers its keepers' questions; the gateway does on its own address.
        self.probes = {
            name: f"127.0.0.1:{port}" for name, port in free_ports([seat.name for seat in SEATS]).items() if name != "gateway"
        }
        self._environments: dict[str, dict[str, str]] = {}
        self._ending = threading.Event()
        self._keeper = threading.Thread(name="keeper", target=self._keep, daemon=True)

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.broker, self.postgres, self.store)

    def start(self) -> None:
        """Return when the gateway answers; PartFailed with the log of what did not come up."""
        for part in self.parts:
            part.start()
        for part in self.parts:
            part.wait_ready()
        self._prepare()
        for seat in SEATS:
            self._start(seat)
        self.processes["gateway"].wait_until(self._ready, READY_SECONDS)
        self._keeper.start()

    def stop(self) -> None:
        """The gateway first, then the services, at last what they need."""
        self._ending.set()
        if self._keeper.is_alive():
            self._keeper.join()
        self.processes["gateway"].stop()
        _at_once(process.stop for process in self.processes.values())
        _at_once(part.stop for part in self.parts)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _prepare(self) -> None:
        assembly.make_keys(self.settings)
        self._accounts()
        self.store.create_bucket(self.settings.bucket)
        for seat in SEATS:
            self._environments[seat.name] = _environment(self._settings_of(seat))
        province, city = self._operators("review"), self._operators(f"review-{CITY}")
        assembly.make_keys(city)
        assembly.migrate_all(province)
        assembly.migrate_all(city, ["review"])
        topology.declare_all(province)
        _write(self.folder / "environment", _environment(province))
        _write(self.folder / f"environment-{CITY}", _environment(city))

    def _accounts(self) -> None:
        """The province's services may do all; a bureau's may use its own queues and its own exchange."""
        accounts = {topology.PROVINCE_ACCOUNT: topology.ALL, topology.bureau_account(CITY): topology.bureau_permissions(CITY)}
        for name, permissions in accounts.items():
            self.broker.add_user(name)
            self.broker.set_permissions(name, **asdict(permissions))

    def _settings_of(self, seat: Seat) -> Settings:
        """What one process is told: of the databases, its own."""
        service = "gateway" if seat.service == "identity" else seat.service
        key, secret = quote(self.store.access_key), quote(self.store.secret_key)
        return replace(
            self.settings,
            bus=self.broker.uri(seat.account),
            probes=self.probes.get(seat.name, ""),
            jurisdictions=seat.jurisdictions,
            s3=f"http://{key}:{secret}@{self.store.endpoint}",
            **{f"db_{service}": self.postgres.create_database(seat.database)},
        )

    def _operators(self, review: str) -> Settings:
        """What the operator's commands are told: all databases, with this seat's for the review service."""
        databases = {f"db_{service}": self.postgres.create_database(service) for service in assembly.PARTIES}
        own = _seat(review)
        databases["db_review"] = self.postgres.create_database(own.database)
        return replace(self._settings_of(_seat("gateway")), jurisdictions=own.jurisdictions, **databases)

    def _start(self, seat: Seat) -> None:
        command = [sys.executable, "-m", "deploy.cli", "serve", seat.service]
        self.processes[seat.name].start(command, os.environ | self._environments[seat.name])

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.settings.http}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _keep(self) -> None:
        while not self._ending.wait(0.5):
            for seat in SEATS:
                if self.processes[seat.name].pid is None:
                    print(f"{seat.name} ended; it is begun again", file=sys.stderr, flush=True)
                    self._start(seat)


def _seat(name: str) -> Seat:
    return next(seat for seat in SEATS if seat.name == name)


def _environment(settings: Settings) -> dict[str, str]:
    return {field.metadata["env"]: getattr(settings, field.name) for field in fields(settings)}


def _write(file: Path, environment: Mapping[str, str]) -> None:
    """As lines a shell reads with `.`; readable for its owner only, for the passwords."""
    file.touch(mode=0o600)
    file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items()), encoding="utf-8")


def _at_once(actions: Iterable[Callable[[], None]]) -> None:
    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(action) for action in actions]:
            done.result()
