"""Measure scaling: one, two and four processes of a service take requests from its queue. Each is limited to a share of a core,
as a pod is."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.infrastructure import rate
from bench.limited import limited
from bench.table import Line
from deploy.cluster.deployment import Deployment, ProcessSpec
from deploy.cluster.local_cluster import LocalCluster
from deploy.demo.client import Server
from deploy.demo.formation import Formation, open_call, register
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.people import People
from deploy.demo.platform import accounts
from services.kernel.settings import Settings

CLIENTS = 16
WORKERS = (1, 2, 4)
#: The share of a core that each process of the measured service gets. The machine must have capacity for four such processes and
#: for all processes that serve them; otherwise the limits of the machine would be measured.
SHARE = 0.1
SECONDS = 20.0
#: The factors by which the rates of two and of four processes must exceed the rate of one.
BARS = (1.8, 3.4)


def measure() -> list[Line]:
    """Measure the rates of two commands with their transaction, outbox and audit: changing a draft, and assigning a case to
    another officer."""
    with TemporaryDirectory(prefix="guichuang-bench-") as name, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        http = f"127.0.0.1:{probe.getsockname()[1]}"
        probe.close()
        settings = Settings(http=http, var=name, seed="demo", rate_limit="0", log_level="WARNING", workers=str(os.cpu_count()))
        with LocalCluster(settings, cities=()) as machine:
            people = People(Server(f"http://{http}"), accounts(Path(name)))
            drafts, cases = _prepare(people)
            return [
                _line(machine, "application", "a draft changed", [_changing(draft) for draft in drafts]),
                _line(machine, "review", "a case given to another officer", [_giving(people, case) for case in cases]),
            ]


def _prepare(people: People) -> tuple[list[Formation], list[Formation]]:
    """Create for each client a draft, and an application that waits for its recommendation. Each is in a call of its own, because
    a lead has only one open application in a call."""
    calls = [str(open_call(people)["id"]) for _ in range(2 * CLIENTS)]
    units = consortium(EIGHT)
    register(people, units)
    with ThreadPoolExecutor(4) as pool:
        drafts = list(pool.map(lambda call: Formation.draft(people, call, units), calls[:CLIENTS]))
        cases = list(pool.map(lambda call: Formation.complete(people, call, units), calls[CLIENTS:]))
    for case in cases:
        case.submit()
    return drafts, cases


def _changing(draft: Formation) -> Callable[[], object]:
    name, numbers = draft.read()["name"], cycle(range(10))
    return lambda: draft.change(name=f"{name} {next(numbers)}")


def _giving(people: People, case: Formation) -> Callable[[], object]:
    officer, chief = people.officer(case.recommender), people.chief(case.recommender)
    review = case.review(case.recommender, "recommendation")
    turns = cycle([officer.username, chief.username])
    return lambda: officer.post(f"/reviews/{review}/assignment", {"account": next(turns)})


def _line(machine: LocalCluster, service: str, what: str, clients: Sequence[Callable[[], object]]) -> Line:
    rates, busy = [], []
    for workers in WORKERS:
        more = _more(machine, service, workers - 1)
        more.start()
        time.sleep(5.0 if workers > 1 else 0.0)
        pids = [machine.processes[service].pid, *(process.pid for process in more.processes.values())]
        with ExitStack() as limits:
            for pid in pids:
                assert pid is not None, f"a process of {service} has ended"
                limits.enter_context(limited(pid, SHARE))
            before = _used()
            rates.append(rate(clients, SECONDS, warm_up=3.0))
            after = _used()
        busy.append((after[0] - before[0]) / (after[1] - before[1]))
        more.stop()
    told = ", ".join(
        f"{count}: {speed:,.0f}/s, {share:.0%} busy" for count, speed, share in zip(WORKERS, rates, busy, strict=True)
    )
    gains = [faster / rates[0] for faster in rates[1:]]
    return Line(
        what=f"scaling: {what}, {CLIENTS} clients, by processes of {service} of {SHARE:g} core each, and how busy all cores are",
        ours=told,
        yardstick="one process",
        measured=", ".join(f"{gain:.2f} ×" for gain in gains),
        bar=", ".join(f"≥ {bar:g} ×" for bar in BARS),
        met=all(gain >= bar for gain, bar in zip(gains, BARS, strict=True)),
    )


def _more(machine: LocalCluster, service: str, count: int) -> Deployment:
    """Return a deployment of further processes of a service, which run in addition to the existing one."""
    seats = [ProcessSpec(f"{service}-{number + 2}", service, service) for number in range(count)]
    return Deployment(f"more {service}", seats, machine.province.settings, machine.postgres, machine.folder)


def _used() -> tuple[float, float]:
    """Return the CPU time of all cores so far, as the kernel counts it: the time in which they were busy, and the whole time."""
    fields = [float(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    idle = fields[3] + fields[4]
    return sum(fields) - idle, sum(fields)
