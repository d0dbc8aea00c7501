"""The cluster on one machine: private RabbitMQ, PostgreSQL and S3 servers, the province's deployment and those of cities."""

from __future__ import annotations

import shlex
import sys
import threading
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Self
from urllib.parse import quote

from deploy.cluster import topology
from deploy.cluster.deployment import (
    PROVINCE_SEATS,
    Deployment,
    ProcessSpec,
    city_seats,
    concurrently,
    environment,
    exchange_public_keys,
)
from deploy.local_services import S3, LocalService, LocalServiceFailed, Postgres, Process, RabbitMQ
from services.kernel.settings import Settings

#: The city that runs a review service of its own by default.
CITY = "450200"
#: Seconds within which all processes must become ready.
READY_SECONDS = 120.0


class LocalCluster:
    """The cluster on this machine. `settings` give the folder, the HTTP address and similar values; broker, databases and store
    are private servers that the cluster starts. Each of `cities` (bureau codes) runs a review service of its own; the province's
    deployment serves all other bureaus."""

    #: The class of the cluster's deployments; tests replace it.
    deployment: type[Deployment] = Deployment
    server: type[Postgres] = Postgres

    def __init__(self, settings: Settings, cities: Sequence[str] = (CITY,)) -> None:
        self.settings = replace(settings, var=str(settings.folder.resolve()))
        self.folder = self.settings.folder / "cluster"
        self.broker = RabbitMQ(self.folder / "rabbitmq")
        self.postgres = self.server(self.folder / "postgres")
        self.store = S3(self.folder / "s3")
        self.province = self._province(cities)
        self.cities = {code: self._city(code) for code in cities}
        self._ending = threading.Event()
        self._keeper = threading.Thread(name="keeper", target=self._keep, daemon=True)

    @property
    def parts(self) -> tuple[LocalService, ...]:
        return (self.broker, self.postgres, self.store)

    @property
    def deployments(self) -> tuple[Deployment, ...]:
        """Return all deployments, in the order in which they start."""
        return (*self.cities.values(), self.province)

    @property
    def seats(self) -> tuple[ProcessSpec, ...]:
        return tuple(seat for deployment in self.deployments for seat in deployment.seats)

    @property
    def processes(self) -> Mapping[str, Process]:
        """Return every process by name."""
        return {name: process for deployment in self.deployments for name, process in deployment.processes.items()}

    @property
    def probes(self) -> Mapping[str, str]:
        """Return the address for probes and metrics of each process."""
        return {name: address for deployment in self.deployments for name, address in deployment.probes.items()}

    def start(self) -> None:
        """Start everything and return when the gateway answers. Raises LocalServiceFailed with the log of the process that did
        not start."""
        self.prepare()
        self.serve()

    def prepare(self) -> None:
        """Start the servers that the platform's processes need (broker, databases and store), and create accounts, queues and
        buckets on them."""
        for part in self.parts:
            part.start()
        for part in self.parts:
            part.wait_ready()
        self._prepare()

    def serve(self) -> None:
        """Start every deployment after `prepare`."""
        for deployment in self.deployments:
            deployment.start()
        self.processes["gateway"].wait_until(self._ready, READY_SECONDS)
        if not self._keeper.is_alive():
            self._keeper.start()

    def stop(self) -> None:
        """Stop the province's deployment with its gateway first, then the cities', then the servers that they need."""
        self._ending.set()
        if self._keeper.is_alive():
            self._keeper.join()
        self.province.stop()
        concurrently(city.stop for city in self.cities.values())
        concurrently(part.stop for part in self.parts)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def add_city(self, code: str) -> Deployment:
        """Prepare a review service for one more city without starting it. The province's deployment still serves the city."""
        self.cities[code] = city = self._city(code)
        self._prepare_city(city, code)
        return city

    def operators(self, code: str | None = None) -> Settings:
        """Return the settings for the operator's commands on this machine: the province's and, if a city is named, with that
        city's review service."""
        if code is None:
            return self.province.operators()
        city = self.cities[code].operators()
        return replace(self.province.operators(), db_review=city.db_review, jurisdictions=city.jurisdictions)

    def _province(self, apart: Sequence[str]) -> Deployment:
        key, secret = quote(self.store.access_key), quote(self.store.secret_key)
        settings = replace(
            self.settings,
            bus=self.broker.uri(topology.PROVINCE_ACCOUNT),
            jurisdictions=",".join(["*", *(f"-{code}" for code in apart)]),
            s3=f"http://{key}:{secret}@{self.store.endpoint}",
        )
        return self.deployment("province", PROVINCE_SEATS, settings, self.postgres, self.folder)

    def _city(self, code: str) -> Deployment:
        """Create a city's deployment. The deployment has its own folder with its own keys, and knows only its own account on the
        broker and its own databases."""
        bus = self.broker.uri(topology.bureau_account(code))
        settings = replace(self.settings, var=str(self.folder / code), bus=bus, jurisdictions=code)
        return self.deployment(f"city-{code}", city_seats(code), settings, self.postgres, self.folder)

    def _prepare(self) -> None:
        self._account(topology.PROVINCE_ACCOUNT, topology.ALL)
        self.store.create_bucket(self.settings.bucket)
        self.province.prepare()
        topology.declare_all(self.operators())
        self.broker.import_definitions({"policies": topology.policies(self.province.settings)})
        _write(self.folder / "environment", environment(self.operators()))
        for code, city in self.cities.items():
            self._prepare_city(city, code)

    def _prepare_city(self, city: Deployment, code: str) -> None:
        self._account(topology.bureau_account(code), topology.bureau_permissions(code))
        city.prepare()
        exchange_public_keys(self.province, city)
        _write(self.folder / f"environment-{code}", environment(self.operators(code)))

    def _account(self, name: str, permissions: topology.Permissions) -> None:
        self.broker.add_user(name)
        self.broker.set_permissions(name, **asdict(permissions))

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.settings.http}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _keep(self) -> None:
        while not self._ending.wait(0.5):
            for part in self.parts:
                try:
                    if part.keep():
                        print(f"{part.name} ended; it is started again", file=sys.stderr, flush=True)
                except LocalServiceFailed as error:
                    print(f"{part.name} ended and cannot be started yet: {error}", file=sys.stderr, flush=True)
            for deployment in self.deployments:
                deployment.keep()


def _write(file: Path, variables: Mapping[str, str]) -> None:
    """Write the variables as lines that a shell reads with `.`. Only the owner can read the file, because it contains
    passwords."""
    file.touch(mode=0o600)
    file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()), encoding="utf-8")
