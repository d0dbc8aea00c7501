"""One fault run: a cluster, people at work, a portal that mirrors the register, and a killer of processes. At the end the checker
checks the acknowledged changes."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from deploy.cluster.local_cluster import CITY, LocalCluster
from deploy.demo.formation import open_call
from deploy.demo.people import People
from deploy.demo.platform import accounts
from deploy.local_services import install
from services.kernel.clock import SHANGHAI
from services.kernel.settings import Settings
from tests.faults.checker import Checker, Report
from tests.faults.killer import VICTIMS, Killer
from tests.faults.ledger import Ledger, Recording
from tests.faults.mover import TRAVELLER, Mover
from tests.faults.objector import ANSWERS, Objector
from tests.faults.overseer import Overseer
from tests.faults.players import ENDS, Player
from tests.faults.portal import Portal
from tests.faults.registrar import Registrar

#: The number of players who handle applications at the same time.
PLAYERS = 4
#: A run that lasts at least this many seconds must reach every kind of end of an application.
EVERY_END_SECONDS = 240.0
#: The number of days after which every publicity period that began during the run is over.
PUBLICITY_DAYS = 21


def run(folder: Path, seconds: float, *, victims: Sequence[str] = VICTIMS, pause: float = 8.0) -> Report:
    """Let people work, and kill processes, for `seconds` and until every victim was killed at least once. Then check the
    acknowledged changes, and print what happened."""
    install.ensure("rabbitmq-server", "postgresql")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        http = f"127.0.0.1:{probe.getsockname()[1]}"
    settings = Settings(
        http=http,
        var=str(folder),
        seed="demo",
        rate_limit="0",
        retry_delays="0.2,0.5,1,2,5,10,20",
        webhook_allow="127.0.0.0/8",
        log_level="ERROR",
    )
    ledger = Ledger()
    with LocalCluster(settings) as machine:
        people = People(Recording(f"http://{http}", ledger), accounts(folder))
        call = str(open_call(people, places=10000)["id"])
        portal = Portal(folder / "portal", people, f"http://{http}")
        portal.start()
        stop, done = threading.Event(), threading.Event()
        movers = [Mover(machine, done)] if "move" in victims else []
        regions = [CITY, TRAVELLER if movers else CITY]
        players = [Player(f"player-{n}", people, call, n, stop, regions[n % 2], first=ENDS[n::PLAYERS]) for n in range(PLAYERS)]
        objector = Objector(people, stop)
        objector.start()
        # The overseer publishes a policy version without a publicity period, under which no objection to a grade is possible. So
        # the objector's notice must be issued first.
        objector.noticed.wait()
        others = [Overseer(people, stop), Registrar(people, stop)]
        killer = Killer(machine, {"portal": portal, **{mover.name: mover for mover in movers}}, victims, pause, done)
        for thread in (*players, *others, *movers, killer):
            thread.start()
        time.sleep(seconds)
        while killer.is_alive() and not killer.all_hit.wait(1.0):
            pass
        done.set()
        killer.join()
        for mover in movers:
            mover.join()
        stop.set()
        workers = (*players, *others, objector, *movers)
        for worker in workers:
            worker.join()
        ledger.held = set().union(*(player.held for player in players))
        checker = Checker(machine)
        # A decision reaches its application by an event, and only an application in publicity can be recognised. So all events
        # must be processed before the date moves.
        checker.come_to_rest()
        _end_publicity(machine, people, ledger)
        report = checker.check(ledger)
        portal.check(people, report)
        portal.stop()
    for victim in victims:
        report.see("victims", killer.kills[victim] > 0, f"{victim} was never killed")
    for answer in ANSWERS:
        report.see("ends", objector.ends[answer] > 0, f"there was no {answer}")
    if seconds >= EVERY_END_SECONDS:
        reached = sum((player.ends for player in players), Counter())
        for end in ENDS:
            report.see("ends", reached[end] > 0, f"none of the applications reached “{end}”")
    for worker in workers:
        report.see("players", worker.error is None, f"{worker.name}: {worker.error!r}")
    _tell(ledger, workers, killer, report)
    return report


def _end_publicity(machine: LocalCluster, people: People, ledger: Ledger) -> None:
    """Move the platform's date past every publicity period. While the service `application` recognises the applications, kill it
    once."""
    kill = threading.Timer(0.5, machine.processes["application"].kill)
    kill.start()
    as_of = datetime.now(SHANGHAI).date() + timedelta(days=PUBLICITY_DAYS)
    people.operator.post("/sweeps", {"as_of": as_of.isoformat()})
    kill.join()
    people.operator.post("/sweeps", {"as_of": as_of.isoformat()})
    ledger.publicity_over = True


def _tell(
    ledger: Ledger, workers: Sequence[Player | Overseer | Registrar | Objector | Mover], killer: Killer, report: Report
) -> None:
    ends = sum((worker.ends for worker in workers), Counter())
    print(f"\nkills:        {killer.kills.total()}  ({', '.join(f'{name} {count}' for name, count in killer.kills.items())})")
    print(f"ends:         {ends.total()}  ({', '.join(f'{name} {count}' for name, count in ends.items())})")
    print(f"promises:     {len(ledger.promises)} changes answered with 2xx")
    for what, count in report.checked.items():
        print(f"  checked {count:>6}  {what}")
    for flaw in report.flaws:
        print(f"  FLAW  {flaw}")
    print("nothing lost, nothing twice, nothing stuck" if not report.flaws else f"{len(report.flaws)} flaws")
