"""`python -m tests.faults.disaster`: everything is lost, and an empty machine goes on from the archives. Prints how long each
step took; exit status 1 on any flaw. With `--cases` the databases are filled first, to see what size costs."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from bench.growth import REGISTER, REVIEW
from deploy.cluster.machine import CITY, Machine
from deploy.demo.formation import Formation, open_call
from deploy.demo.people import People
from deploy.demo.platform import accounts
from deploy.keeping.archive import Archive
from deploy.keeping.backup import backup
from deploy.keeping.restore import restore
from deploy.parts import install
from deploy.parts.part import free_ports
from services.kernel.settings import Settings
from tests.faults.checker import Checker, Report
from tests.faults.ledger import Ledger, Recording
from tests.faults.players import Player

#: People at work at once.
PLAYERS = 3
#: Seconds they work before the archives are made, and after.
SECONDS = 20.0


def lose_everything(folder: Path, cases: int = 0) -> Report:
    """Work and save; lose it all; restore on an empty machine, work again and check what was promised.

    People stop before the archives are made: those of two deployments are of two instants, and what is submitted between them
    the city would know of and the province not. (That an archive may be made while people work is shown elsewhere.)"""
    install.ensure()
    one, other = folder / "one", folder / "other"
    ledger, stop = Ledger(), threading.Event()
    with Machine(_settings(one)) as machine:
        _fill(machine, cases)
        people = People(Recording(f"http://{machine.settings.http}", ledger), accounts(one))
        call = str(open_call(people, places=10000)["id"])
        players = [Player(f"player-{number}", people, call, number, stop) for number in range(PLAYERS)]
        for player in players:
            player.start()
        time.sleep(SECONDS)
        stop.set()
        for player in players:
            player.join()
        archives = _saved(machine)
        _put_aside_keys(one, other)
        shutil.copy(one / "accounts.json", other)
    shutil.rmtree(one / "cluster", ignore_errors=True)

    again = Machine(_settings(other))
    try:
        with timed("an empty broker, databases and store, prepared"):
            again.prepare()
        with timed("the province's archive restored"):
            restore(archives[0], again.province.operators())
        with timed("the city's archive restored"):
            restore(archives[1], again.cities[CITY].operators())
        with timed("all processes started"):
            again.serve()
        people = People(Recording(f"http://{again.settings.http}", Ledger()), accounts(other))
        with timed("the first submission and recommendation"):
            case = Formation.complete(people, call)
            case.submit()
            case.recommend()
        report = Report()
        if not cases:  # what was only filled in hangs together with nothing
            with timed("at rest and checked"):
                report = Checker(again).check(ledger)
    finally:
        again.stop()
    for player in players:
        report.see("players", player.error is None, f"{player.name}: {player.error!r}")
    print(f"{len(ledger.promises)} changes had been answered with 2xx")
    for flaw in report.flaws:
        print(f"  FLAW  {flaw}")
    return report


def _fill(machine: Machine, cases: int) -> None:
    settings = machine.province.operators()
    for service, statements in (("review", REVIEW), ("application", REGISTER)):
        with create_engine(settings.database(service)).begin() as connection:
            for statement in statements if cases else ():
                connection.execute(text(statement), {"cases": cases})


def _saved(machine: Machine) -> list[Archive]:
    """The province first: a city must not be behind what the province has heard of it."""
    archives = []
    for deployment, services in ((machine.province, ()), (machine.cities[CITY], ("review",))):
        with timed(f"{deployment.name} saved while at work"):
            archives.append(backup(deployment.operators(), services))
    with timed("both archives verified"):
        for archive in archives:
            archive.verify()
    return archives


def _put_aside_keys(one: Path, other: Path) -> None:
    for keys in ("keys", f"cluster/{CITY}/keys"):
        shutil.copytree(one / keys, other / keys)


def _settings(folder: Path) -> Settings:
    port = free_ports(["http"])["http"]
    backups = str(folder.parent / "backups")
    return Settings(http=f"127.0.0.1:{port}", var=str(folder), backups=backups, seed="demo", rate_limit="0", log_level="ERROR")


@contextmanager
def timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:8.1f} s  {what}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.faults.disaster", description=__doc__)
    parser.add_argument("--cases", type=int, default=0)
    size = parser.parse_args().cases
    with tempfile.TemporaryDirectory(prefix="guichuang-disaster-") as scratch:
        sys.exit(1 if lose_everything(Path(scratch), size).flaws else 0)
