"""Run a whole platform in this process, on any databases and store; make an archive of a platform while people work."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest
from waitress import create_server

from deploy import composition
from deploy.backup.archive import Archive
from deploy.backup.create import backup
from deploy.demo.client import Server
from deploy.demo.formation import Formation, open_call
from deploy.demo.people import People
from deploy.embedded.host import Embedded
from deploy.embedded.run import finish
from deploy.local_services.local_service import free_ports
from deploy.local_services.s3 import S3
from gateway.serve import application
from services.kernel.clock import real_now
from services.kernel.messaging import rpc
from services.kernel.settings import Settings


@contextmanager
def running(settings: Settings, accounts: Path) -> Iterator[People]:
    """Run the platform with these settings, and yield its people. `accounts` is the file with their passwords, which the
    platform's first start writes."""
    settings = replace(settings, http=f"127.0.0.1:{free_ports(['http'])['http']}", public_url="")
    host = Embedded.of(settings)
    app = application(rpc.Caller(host, composition.signer("gateway", settings)), host.runtimes["gateway"], settings)
    server = create_server(app, listen=settings.http, threads=8)
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    host.start()
    try:
        yield People(Server(settings.public_url), json.loads(accounts.read_text(encoding="utf-8")))
    finally:
        finish(server, serving)
        host.stop()


class Player(threading.Thread):
    """A thread that submits and recommends one application after another, and records when the platform acknowledged each
    submission."""

    def __init__(self, people: People, call: str, stop: threading.Event) -> None:
        super().__init__()
        self._people = people
        self._call = call
        self._stop_now = stop
        self.submitted: list[tuple[datetime, Formation]] = []

    def run(self) -> None:
        while not self._stop_now.is_set():
            case = Formation.complete(self._people, self._call)
            case.submit()
            self.submitted.append((real_now(), case))
            case.recommend()


@dataclass
class Saved:
    """An archive, its platform, and the applications whose submission was acknowledged before the archive's instant."""

    archive: Archive
    settings: Settings
    accounts: Path
    call: str
    submitted: list[Formation] = field(default_factory=list)


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """Return the archive of an embedded platform, made while people worked."""
    folder = tmp_path_factory.mktemp("saved")
    settings = Settings(var=str(folder), seed="demo", rate_limit="0")
    composition.make_keys(settings)
    composition.migrate_all(settings)
    stop = threading.Event()
    with running(settings, folder / "accounts.json") as people:
        call = str(open_call(people, places=1000)["id"])
        players = [Player(people, call, stop) for _ in range(2)]
        for player in players:
            player.start()
        while not all(player.submitted for player in players):
            stop.wait(0.1)
        archive = backup(settings)
        stop.set()
        for player in players:
            player.join()
    before = [case for player in players for at, case in player.submitted if at < archive.at]
    return Saved(archive, settings, folder / "accounts.json", call, before)


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with S3(tmp_path_factory.mktemp("s3")) as server:
        yield server
