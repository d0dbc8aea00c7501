"""Measure webhooks: ten thousand deliveries to four subscribers, alone and together with a fifth subscriber that takes a second
for each."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from sqlalchemy import insert

from bench.infrastructure import CHECKOUT, Ground, median, spread
from bench.table import Line
from services.contracts.application.events import EVENTS
from services.kernel.clock import real_now
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.persistence import migrate
from services.kernel.persistence.database import Database
from services.kernel.runtime.job_workers import job_workers_of
from services.kernel.settings import Settings
from services.kernel.testing import ServiceHarness
from services.kernel.vault import Vault, new_vault_key
from services.notification.registry import registry
from services.notification.tables import feed

RUNS = 3
SUBSCRIBERS, HAPPENED = 4, 2_500
#: The largest factor by which the four subscribers may take longer together with the slow one.
BAR = 1.25
PORTAL = Actor("portal", ("portal",), "450200")


def measure(ground: Ground) -> list[Line]:
    """Measure the seconds until four subscribers have received all deliveries, alternately without and with a slow fifth
    subscriber."""
    alone, beside = [], []
    for _ in range(RUNS):
        alone.append(drain(ground, slow=False))
        beside.append(drain(ground, slow=True))
    ratio = median(beside) / median(alone)
    deliveries = SUBSCRIBERS * HAPPENED
    return [
        Line(
            what=f"{deliveries:,} webhook deliveries, beside a subscriber that takes 1 s over each",
            ours=f"{median(beside):.1f} s ({spread(beside)}), {deliveries / median(beside):,.0f}/s",
            yardstick=f"the same without the slow one: {median(alone):.1f} s ({spread(alone)})",
            measured=f"{ratio:.2f} ×",
            bar=f"≤ {BAR} ×",
            met=ratio <= BAR,
        )
    ]


def drain(ground: Ground, *, slow: bool) -> float:
    """Return the seconds from the start of the delivery workers until the four subscribers have received all deliveries. All
    events exist before the workers start."""
    url = ground.fresh_database()
    migrate.upgrade("notification", Database(url))
    settings = Settings(webhook_allow="127.0.0.0/8")
    bench = ServiceHarness(registry, url, policies=None, settings=settings, vault=Vault(new_vault_key()))
    _happen(bench)
    with _sinks([0.0] * SUBSCRIBERS + [1.0] * slow) as ports:
        for port in ports:
            asked = {"url": f"http://127.0.0.1:{port}/in", "types": ["*"], "of_bureau": None, "cursor": None}
            bench.tell("subscribe", PORTAL, **asked)
        with bench.database.write() as session:
            # The events get their positions in the feed only after the subscriptions exist, so that all events are new to the
            # subscribers.
            session.execute(feed.update().values(position=None))
        workers = [worker for worker in job_workers_of(bench.runtime) if worker.name == "webhooks"]
        threads = [threading.Thread(target=w.serve, args=(n,), daemon=True) for w in workers for n in range(w.at_once)]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        while any(_taken(port) < HAPPENED for port in ports[:SUBSCRIBERS]):
            time.sleep(0.05)
        took = time.monotonic() - started
        for worker in workers:
            worker.end()
    for thread in threads:
        thread.join()
    bench.database.close()
    return took


def _happen(bench: ServiceHarness) -> None:
    rows = [
        {
            "id": (id := new_id()),
            "type": "application.stage_passed",
            "subject": f"application/{number}",
            "bureau": "450200",
            "recommender": "450200",
            "public": False,
            "body": {"id": id, "type": "application.stage_passed", "data": EVENTS["application.stage_passed"].example},
            "recorded_at": real_now(),
        }
        for number in range(HAPPENED)
    ]
    with bench.database.write() as session:
        session.execute(insert(feed), rows)


@contextmanager
def _sinks(slowness: list[float]) -> Iterator[list[int]]:
    """Run a subscriber as a separate process for each number, which takes that many seconds for a delivery; yield their ports."""
    command = [sys.executable, "-m", "bench.sink"]
    sinks = [subprocess.Popen([*command, str(slow)], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) for slow in slowness]
    try:
        yield [int(sink.stdout.readline()) for sink in sinks if sink.stdout]
    finally:
        for sink in sinks:
            sink.kill()
            sink.wait()


def _taken(port: int) -> int:
    return int(urllib3.request("GET", f"http://127.0.0.1:{port}/").data)
