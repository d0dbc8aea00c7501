"""`make rehearse FROM=<git ref>`: carry out the upgrade of docs/operations/upgrades.md while people work. Exit status 1 if there
is any flaw.

A platform of separate processes starts in that earlier version, and its databases are migrated while it runs. Process by process,
the present (committed) version takes over, is rolled back once, and takes over again."""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from deploy import composition
from deploy.cluster.deployment import Deployment, environment, sealing
from deploy.cluster.local_cluster import LocalCluster
from deploy.demo.formation import open_call
from deploy.demo.people import People
from deploy.demo.platform import accounts
from deploy.keys import key_folder
from deploy.local_services import LocalServiceFailed, install
from deploy.local_services.local_service import free_ports
from services.kernel.settings import Settings
from tests.faults.checker import Checker, Report
from tests.faults.ledger import Ledger, Recording
from tests.faults.overseer import Overseer
from tests.faults.players import Player

ROOT = Path(__file__).parents[2]
#: The number of players who handle applications at the same time.
PLAYERS = 3
#: The seconds within which a process must become ready.
READY_SECONDS = 60.0


def speak(version: Path) -> None:
    """Let every process that starts from now on run the version of the code in this folder."""
    os.environ["PYTHONPATH"] = str(version)


def bring_up(deployment: Deployment) -> float:
    """Migrate a deployment's databases with the version that `speak` chose; return the seconds that this took."""
    parties = sorted({seat.party for seat in deployment.seats})
    command = [sys.executable, "-m", "deploy.cli", "migrate", *parties]
    began = time.monotonic()
    subprocess.run(command, env=os.environ | environment(deployment.operators()), cwd=deployment.settings.folder, check=True)
    return time.monotonic() - began


class Earlier(Deployment):
    """A deployment whose databases are created by the version that `speak` chose, and not by the version that runs this test."""

    def prepare(self) -> None:
        parties = sorted({seat.party for seat in self.seats})
        signing = [composition.party(party, self.settings) for party in parties]
        key_folder.make(self.settings.keys_folder, signing, sealing(parties))
        bring_up(self)


class Stage(LocalCluster):
    """A machine whose processes can be switched between the earlier and the present version."""

    deployment = Earlier

    def renew(self, *names: str) -> None:
        """Stop these processes one after another; the supervisor starts each again in the version that `speak` chose."""
        for name in names:
            before, deadline = self.processes[name].pid, time.monotonic() + READY_SECONDS
            self.processes[name].stop()
            while not self._took_over(name, before):
                if time.monotonic() > deadline:
                    raise LocalServiceFailed(f"{name} did not take over; the end of its log:\n{self.processes[name].tail()}")
                time.sleep(0.2)
            print(f"  → {name}", flush=True)

    def _took_over(self, name: str, before: int | None) -> bool:
        if self.processes[name].pid in (None, before):
            return False
        try:
            with urllib.request.urlopen(f"http://{self.probes[name]}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def rehearse(earlier: Path, present: Path, folder: Path, seconds: float) -> Report:
    """Carry out all steps of the upgrade, with `seconds` of people's work between two steps; print each step, and the flaws
    found."""
    install.ensure()
    http = f"127.0.0.1:{free_ports(['http'])['http']}"
    settings = Settings(http=http, var=str(folder), seed="demo", rate_limit="0", retry_delays="0.2,0.5,1,2,5", log_level="ERROR")
    ledger, stop = Ledger(), threading.Event()
    speak(earlier)
    with Stage(settings) as stage:
        people = People(Recording(f"http://{http}", ledger), accounts(folder))
        call = str(open_call(people, places=10000)["id"])
        workers = [*(Player(f"player-{n}", people, call, n, stop) for n in range(PLAYERS)), Overseer(people, stop)]
        for worker in workers:
            worker.start()
        time.sleep(seconds)
        _upgrade(stage, earlier, present, seconds)
        stop.set()
        for worker in workers:
            worker.join()
        report = Checker(stage).check(ledger)
    for worker in workers:
        report.see("players", worker.error is None, f"{worker.name}: {worker.error!r}")
    _tell(ledger, report)
    return report


def _upgrade(stage: Stage, earlier: Path, present: Path, seconds: float) -> None:
    services = [seat.name for seat in stage.province.seats if seat.service != "gateway"]
    cities = [name for city in stage.cities.values() for name in city.processes]

    def forward() -> None:
        speak(present)
        stage.renew(*services)
        stage.renew(*cities)
        stage.renew("gateway")
        time.sleep(seconds)

    speak(present)
    for deployment in stage.deployments:
        print(f"  databases of {deployment.name}: {bring_up(deployment):.1f} s", flush=True)
    time.sleep(seconds)
    forward()
    print("  back again", flush=True)
    speak(earlier)
    for deployment in stage.deployments:
        bring_up(deployment)
    stage.renew("gateway", *cities, *services)
    time.sleep(seconds)
    forward()


def _tell(ledger: Ledger, report: Report) -> None:
    refused = {status: count for status, count in sorted(ledger.answers.items()) if status >= 500 or not status}
    print(f"\nrequests:     {ledger.answers.total()}; repeated because of 5xx or no answer (0): {refused or 'none'}")
    print(f"promises:     {len(ledger.promises)} changes answered with 2xx")
    for what, count in report.checked.items():
        print(f"  checked {count:>6}  {what}")
    for flaw in report.flaws:
        print(f"  FLAW  {flaw}")
    print("nobody noticed" if not report.flaws else f"{len(report.flaws)} flaws")


def unpack(ref: str, folder: Path) -> Path:
    """Unpack the repository as it was at a git ref; return its folder."""
    packed = subprocess.run(["git", "archive", ref], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make rehearse", description=__doc__)
    parser.add_argument("ref", help="the version to come from")
    parser.add_argument("--seconds", type=float, default=15.0, help="of work between two steps")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="guichuang-rehearsal-") as name:
        earlier, present = unpack(options.ref, Path(name) / "earlier"), unpack("HEAD", Path(name) / "present")
        flaws = rehearse(earlier, present, Path(name) / "var", options.seconds).flaws
    print(f"took:         {time.monotonic() - began:.0f} s")
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main())
