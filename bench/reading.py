"""Compare reading one application, and one page of an inbox, with a bare Flask endpoint that gives the same answers from the same
databases."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import bare
from bench.infrastructure import CHECKOUT, READY_SECONDS, median, rate, spread
from bench.table import Line
from deploy.cluster.deployment import environment
from deploy.cluster.local_cluster import LocalCluster
from deploy.demo.client import Server
from deploy.demo.formation import Formation, open_call, register
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.people import People
from deploy.demo.platform import accounts
from deploy.local_services import Process
from services.kernel.settings import Settings

CLIENTS = 16
RUNS = 5
SECONDS = 4.0
#: The number of cases in the inbox, all on its first page.
CASES = 50
#: The share of the bare endpoint's rate of requests that the gateway's rate must reach.
BAR = 0.5


def measure() -> list[Line]:
    """Send queries alternately to the gateway and to the bare application, which both run all the time, and compare the medians
    of the rates."""
    with TemporaryDirectory(prefix="guichuang-bench-") as name:
        folder, workers = Path(name), str(os.cpu_count())
        http, other = free_address(), free_address()
        settings = Settings(http=http, var=name, seed="demo", rate_limit="0", log_level="WARNING", workers=workers)
        with LocalCluster(settings, cities=()) as machine:
            people = People(Server(f"http://{http}"), accounts(folder))
            case = _prepare(people)
            process = Process("bare", folder)
            told = environment(machine.province.operators()) | {
                bare.LISTEN: other,
                bare.WORKERS: workers,
                bare.LEAD: case.units[0]["uscc"],
                bare.BUREAU: case.recommender,
            }
            process.start([sys.executable, "-m", "bench.bare"], {**os.environ, "PYTHONPATH": str(CHECKOUT), **told})
            try:
                plain, officer = Server(f"http://{other}"), people.officer(case.recommender)
                process.wait_until(lambda: plain.send("GET", case.path, patience=READY_SECONDS).status == 200, READY_SECONDS)
                return [
                    _line(
                        "one application of 8 units",
                        lambda: case.lead.get(case.path),
                        lambda: plain.ask("GET", case.path),
                    ),
                    _line(
                        f"an inbox page of {CASES} cases",
                        lambda: officer.get("/reviews", limit=CASES),
                        lambda: plain.ask("GET", "/reviews", query={"limit": CASES}),
                    ),
                ]
            finally:
                process.stop()


def free_address() -> str:
    """Return a loopback address on which no process listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def _prepare(people: People) -> Formation:
    """Create `CASES` submitted applications that wait for the recommendation of one bureau; return one of them. Each is in a call
    of its own, because a lead has only one open application in a call."""
    calls = [str(open_call(people)["id"]) for _ in range(CASES)]
    units = consortium(EIGHT)
    register(people, units)
    with ThreadPoolExecutor(4) as pool:
        cases = list(pool.map(lambda call: Formation.complete(people, call, units), calls))
    for case in cases:
        case.submit()
    case.review(case.recommender, "recommendation")
    return case


def _line(what: str, ours: Callable[[], object], plain: Callable[[], object]) -> Line:
    assert ours() == plain(), f"{what}: the bare endpoint does not answer the same"
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(RUNS):
        rates["bare"].append(rate([plain] * CLIENTS, SECONDS))
        rates["ours"].append(rate([ours] * CLIENTS, SECONDS))
    ratio = median(rates["ours"]) / median(rates["bare"])
    return Line(
        what=f"reading {what}, {CLIENTS} clients",
        ours=f"{median(rates['ours']):,.0f}/s ({spread(rates['ours'])})",
        yardstick=f"bare Flask + SQLAlchemy: {median(rates['bare']):,.0f}/s ({spread(rates['bare'])})",
        measured=f"{ratio:.0%}",
        bar=f"≥ {BAR:.0%}",
        met=ratio >= BAR,
    )
