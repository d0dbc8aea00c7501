"""Scaling: one, two and four processes of a service share its queue, while the machine's cores allow."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.ground import rate
from bench.table import Line
from deploy.cluster.deployment import Deployment, Seat
from deploy.cluster.machine import Machine
from deploy.demo.client import Server
from deploy.demo.formation import Formation, open_call
from deploy.demo.people import PROVINCE, People
from deploy.demo.platform import accounts
from services.kernel.settings import Settings

CLIENTS = 16
WORKERS = (1, 2, 4)
SECONDS = 10.0
#: Where so much of the cores is busy, more processes bring nothing more.
FULL = 0.9
#: How much more two processes must do than one where the cores are not full.
MORE = 1.2


def measure() -> list[Line]:
    """What is asked lies almost wholly with the service in question: a verdict worked out anew, a case with all its rounds."""
    with TemporaryDirectory(prefix="guichuang-bench-") as name, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        http = f"127.0.0.1:{probe.getsockname()[1]}"
        probe.close()
        settings = Settings(http=http, var=name, seed="demo", rate_limit="0", log_level="WARNING", workers=str(os.cpu_count()))
        with Machine(settings, cities=()) as machine:
            people = People(Server(f"http://{http}"), accounts(Path(name)))
            case = Formation.complete(people, str(open_call(people)["id"]))
            case.submit()
            case.recommend()
            review, officer = case.review(PROVINCE, "formal_check"), people.officer()
            return [
                _line(machine, "application", "verdict on an application", lambda: case.eligibility()),
                _line(machine, "review", "a case with its rounds", lambda: officer.get(f"/reviews/{review}")),
            ]


def _line(machine: Machine, service: str, what: str, ask: Callable[[], object]) -> Line:
    rates, busy = [], []
    for workers in WORKERS:
        more = _more(machine, service, workers - 1)
        more.start()
        time.sleep(5.0 if workers > 1 else 0.0)
        before = _used()
        rates.append(rate([ask] * CLIENTS, SECONDS))
        after = _used()
        busy.append((after[0] - before[0]) / (after[1] - before[1]))
        more.stop()
    told = ", ".join(
        f"{count}: {speed:,.0f}/s, {share:.0%} busy" for count, speed, share in zip(WORKERS, rates, busy, strict=True)
    )
    return Line(
        what=f"scaling: {what}, {CLIENTS} clients, by processes of {service}, and how busy all cores are",
        ours=told,
        yardstick="one process",
        measured=f"{rates[1] / rates[0]:.2f} ×, {rates[2] / rates[0]:.2f} ×",
        bar="grows until the cores are busy",
        met=all(faster >= MORE * slower or share >= FULL for slower, faster, share in zip(rates, rates[1:], busy, strict=False)),
    )


def _more(machine: Machine, service: str, count: int) -> Deployment:
    """Further processes of a service beside the one there is."""
    seats = [Seat(f"{service}-{number + 2}", service, service) for number in range(count)]
    return Deployment(f"more {service}", seats, machine.province.settings, machine.postgres, machine.folder)


def _used() -> tuple[float, float]:
    """What all cores have spent so far: busy, and in all."""
    fields = [float(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    idle = fields[3] + fields[4]
    return sum(fields) - idle, sum(fields)
