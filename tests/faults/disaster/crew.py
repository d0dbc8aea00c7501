"""People at work while something is lost, and what they were promised."""

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

#: People at work at once, who handle applications; one more evaluates consortia.
PLAYERS = 3
#: Seconds they work before something is lost, and after it is back.
SECONDS = 15.0


class Crew:
    """Everybody at a machine's gateway. `ledger` has what they were promised so far."""

    def __init__(self, machine: LocalCluster) -> None:
        self.ledger = Ledger()
        self.go_to(machine)
        self._call = str(open_call(self._people, places=10000)["id"])
        self._shift: tuple[Player | Overseer, ...] = ()
        self._ended: list[Player | Overseer] = []
        self._stop = threading.Event()

    def go_to(self, machine: LocalCluster) -> None:
        """From now on they are at this machine, with the accounts they had."""
        self._machine = machine
        self._people = People(Recording(f"http://{machine.settings.http}", self.ledger), accounts(machine.settings.folder))

    def work(self) -> None:
        """Return after a while of work; they go on."""
        if not self._shift:
            self.begin()
        time.sleep(SECONDS)

    def begin(self) -> None:
        """Everybody begins; what cannot be had yet is asked for again and again."""
        self._stop = threading.Event()
        players = (Player(f"player-{number}", self._people, self._call, number, self._stop) for number in range(PLAYERS))
        self._shift = (*players, Overseer(self._people, self._stop))
        for worker in self._shift:
            worker.start()

    def finish(self) -> None:
        """Each ends what is in hand, and nobody begins anything new."""
        self._stop.set()
        for worker in self._shift:
            worker.join()
        self._ended += self._shift
        self._shift = ()

    def hand_in(self) -> Formation:
        """One more application, which nobody handles yet."""
        case = Formation.complete(self._people, self._call)
        case.submit()
        return case

    def is_served(self) -> None:
        """A new case is handed in and recommended."""
        with timed("the first submission and recommendation"):
            self.hand_in().recommend()

    def check(self, promised: Ledger | None = None) -> Report:
        """Whether the platform comes to rest and keeps what was promised: everything, or only so much."""
        promised = promised or self.ledger
        with timed("at rest and checked"):
            report = Checker(self._machine).check(promised)
        report.checked["promises"] = len(promised.promises)
        for worker in self._ended:
            report.see("players", worker.error is None, f"{worker.name}: {worker.error!r}")
        return report


def settings(folder: Path) -> Settings:
    """Those of a machine in a folder of its own."""
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
    """Print how long it took."""
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:8.1f} s  {what}", flush=True)
