"""Threads that act as people at work while a part of the platform is destroyed, and the changes that the platform acknowledged to
them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.cluster.local_cluster import LocalCluster
from deploy.demo.formation import Formation, open_call
from deploy.demo.people import People
from deploy.demo.platform import accounts
from deploy.local_services.local_service import free_ports
from services.kernel.settings import Settings
from tests.faults.checker import Checker, Report
from tests.faults.ledger import Ledger, Recording
from tests.faults.overseer import Overseer
from tests.faults.players import Player

#: The number of players, each of which takes applications through the procedure. One more thread carries out evaluations.
PLAYERS = 3
#: The seconds for which the people work before a part is destroyed, and again after the part is recovered.
SECONDS = 15.0


class Crew:
    """All people who work at a machine's gateway. `ledger` contains the changes acknowledged to them so far."""

    def __init__(self, machine: LocalCluster) -> None:
        self.ledger = Ledger()
        self.go_to(machine)
        self._call = str(open_call(self._people, places=10000)["id"])
        self._shift: tuple[Player | Overseer, ...] = ()
        self._ended: list[Player | Overseer] = []
        self._stop = threading.Event()

    def go_to(self, machine: LocalCluster) -> None:
        """Let the people send all further requests to this machine, with the same accounts."""
        self._machine = machine
        self._people = People(Recording(f"http://{machine.settings.http}", self.ledger), accounts(machine.settings.folder))

    def work(self) -> None:
        """Let the people work for `SECONDS` seconds; start them if they do not work yet."""
        if not self._shift:
            self.begin()
        time.sleep(SECONDS)

    def begin(self) -> None:
        """Let all people start to work. They repeat requests that fail."""
        self._stop = threading.Event()
        players = (Player(f"player-{number}", self._people, self._call, number, self._stop) for number in range(PLAYERS))
        self._shift = (*players, Overseer(self._people, self._stop))
        for worker in self._shift:
            worker.start()

    def finish(self) -> None:
        """Let all people complete the application or evaluation on which they work, and begin no other."""
        self._stop.set()
        for worker in self._shift:
            worker.join()
        self._ended += self._shift
        self._shift = ()

    def hand_in(self) -> Formation:
        """Submit one more application, which no other person handles."""
        case = Formation.complete(self._people, self._call)
        case.submit()
        return case

    def is_served(self) -> None:
        """Check that the platform serves people: submit and recommend a new case."""
        with timed("the first submission and recommendation"):
            self.hand_in().recommend()

    def check(self, promised: Ledger | None = None) -> Report:
        """Check that the platform finishes its work and has kept the acknowledged changes: those in `promised`, or all if it is
        None."""
        promised = promised or self.ledger
        with timed("at rest and checked"):
            report = Checker(self._machine).check(promised)
        report.checked["promises"] = len(promised.promises)
        for worker in self._ended:
            report.see("players", worker.error is None, f"{worker.name}: {worker.error!r}")
        return report


def settings(folder: Path) -> Settings:
    """Return the settings of a machine whose data are in this folder."""
    return Settings(
        http=f"127.0.0.1:{free_ports(['http'])['http']}",
        var=str(folder),
        backups=str(folder.parent / "backups"),
        seed="demo",
        rate_limit="0",
        retry_delays="0.2,0.5,1,2,5,10,20",
        log_level="ERROR",
    )


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print for how many seconds the block ran, and the text that says what it did."""
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:8.1f} s  {what}", flush=True)
