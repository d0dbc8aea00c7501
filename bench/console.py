"""Measure the console: how much longer a page takes than its API calls, and the memory of an idle process."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import urllib3

from bench.infrastructure import CHECKOUT, READY_SECONDS, median
from bench.reading import free_address
from bench.table import Line
from console.api import Answer, HttpTransport
from console.app import create_app
from console.session import Sealer, Session
from console.settings import ConsoleSettings
from deploy.cluster.local_cluster import LocalCluster
from deploy.demo.client import Account, Server
from deploy.demo.formation import Formation, open_call, register
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.people import People
from deploy.demo.platform import Embedded, accounts
from deploy.keys.key_folder import CONSOLE, KeysFolder
from deploy.local_services import Process
from services.kernel.settings import Settings

#: The number of times that a page and its API calls are requested, alternately; and the number of earlier requests that do not
#: count.
TIMES, WARM_UP = 30, 5
#: The number of applications that are created: one of them stays a draft, the others are submitted to one bureau.
CASES = 10
#: The milliseconds by which a page may take longer than its API calls alone, at most.
BAR = 30.0
#: The memory in megabytes that an idle console process may use at most, and the seconds for which it is idle before the
#: measurement.
MOST_MEMORY, IDLE = 90, 5.0


@dataclass
class Recording:
    """A transport to the API that records the requests which the console sends through it."""

    inner: HttpTransport
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, client: str) -> Answer:
        if "/vocabulary" not in target:  # Requests for the vocabulary do not count, because the console caches it for minutes.
            self.asked.append((target, headers))
        return self.inner.send(method, target, headers, body, client)


@dataclass(frozen=True, slots=True)
class Bench:
    """A platform with a console, and the pages to measure: (name in the table, path, the account that opens the page)."""

    shape: str
    base: str
    keys: Callable[[], tuple[str, ...]]
    pages: Sequence[tuple[str, str, Account | None]]

    def lines(self) -> list[Line]:
        pool = urllib3.PoolManager(retries=False)
        return [self._line(pool, name, path, account) for name, path, account in self.pages]

    def _line(self, pool: urllib3.PoolManager, name: str, path: str, account: Account | None) -> Line:
        cookie = visitor_cookie(self.keys, account)
        calls = self._calls(path, cookie)
        page_times, call_times = [], []
        for turn in range(TIMES + WARM_UP):
            page = timed(pool, self.base + path, {"Cookie": cookie, "Accept-Language": "zh-CN"})
            bare = sum(timed(pool, self.base + target, headers) for target, headers in calls)
            if turn >= WARM_UP:
                page_times.append(page)
                call_times.append(bare)
        beyond = median(page_times) - median(call_times)
        return Line(
            what=f"console, {self.shape}: {name}",
            ours=spread_of(page_times),
            yardstick=f"its calls alone ({len(calls)}): {spread_of(call_times)}",
            measured=f"{beyond:+.1f} ms",
            bar=f"≤ {BAR:g} ms",
            met=beyond <= BAR,
        )

    def _calls(self, path: str, cookie: str) -> list[tuple[str, Mapping[str, str]]]:
        """Return the API calls of a page, recorded at a console that runs in this process."""
        recording = Recording(HttpTransport(self.base))
        client = create_app(recording, ConsoleSettings(self.keys)).test_client(use_cookies=False)
        answer = client.get(path, headers={"Cookie": cookie, "Accept-Language": "zh-CN"})
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return recording.asked


def measure() -> list[Line]:
    """Measure the pages of the embedded platform and then of the cluster, both with the console in the gateway's process; and the
    memory of an idle console in a process of its own."""
    with TemporaryDirectory(prefix="guichuang-bench-") as name:
        folder = Path(name)
        with Embedded(folder, GUICHUANG_RATE_LIMIT="0", GUICHUANG_LOG_LEVEL="WARNING") as platform:
            bench = _prepare("embedded", platform.server, folder)
            lines = [_memory(platform.server.base, folder), *bench.lines()]
    with TemporaryDirectory(prefix="guichuang-bench-") as name:
        settings = Settings(http=free_address(), var=name, seed="demo", rate_limit="0", log_level="WARNING")
        with LocalCluster(settings, cities=()):
            lines += _prepare("cluster", Server(f"http://{settings.http}"), Path(name)).lines()
    return lines


def _prepare(shape: str, server: Server, folder: Path) -> Bench:
    """Create `CASES` applications at one bureau, of which all but one are submitted; return the pages to measure."""
    people = People(server, accounts(folder))
    call = str(open_call(people, places=10000)["id"])
    cases = [_case(people, call) for _ in range(CASES)]
    for case in cases[1:]:
        case.submit()
    draft, last = cases[0], cases[-1]
    review = last.review(last.recommender, "recommendation")
    lead, other, officer = draft.lead, last.lead, people.officer(last.recommender)
    pages: list[tuple[str, str, Account | None]] = [
        ("home", "/", None),
        ("calls", "/calls", None),
        ("register", "/register", None),
        ("regulation", "/regulation", None),
        ("login", "/login", None),
        ("an applicant's to-do list", "/todo", lead),
        ("messages", "/messages", lead),
        ("applications", "/applications", lead),
        ("one application", f"/applications/{last.id}", other),
        ("the form's members", f"/applications/{draft.id}/form/members", lead),
        ("the form's papers", f"/applications/{draft.id}/form/papers", lead),
        (f"an inbox of {CASES - 1} cases", "/reviews", officer),
        ("one case", f"/reviews/{review}", officer),
    ]
    return Bench(shape, server.base, KeysFolder(folder / "keys").sealing_keys(CONSOLE), pages)


def _case(people: People, call: str) -> Formation:
    """Create a complete draft with a lead of its own, because a lead may have only one application per call."""
    units = consortium(EIGHT)
    register(people, units)
    return Formation.complete(people, call, units)


def visitor_cookie(keys: Callable[[], tuple[str, ...]], account: Account | None) -> str:
    """Return the Cookie header of a browser in which an account is logged in; an empty text if there is no account."""
    sealer = Sealer(keys)
    return f"guichuang={sealer.seal_session(_session(sealer, account))}" if account else ""


def _session(sealer: Sealer, account: Account) -> Session:
    me = account.get("/me")
    summary = {name: me[name] for name in ("username", "name", "roles", "bureau", "organisation")}
    return sealer.begin_session(account.token(), 3600, summary | {"unit": "某单位", "may_sign": True})


def timed(pool: urllib3.PoolManager, url: str, headers: Mapping[str, str]) -> float:
    """Send a GET request; return the milliseconds until the answer is complete."""
    began = time.perf_counter()
    answer = pool.request("GET", url, headers=dict(headers), redirect=False)
    spent = (time.perf_counter() - began) * 1000
    # A page requests the account's working copy (typed text that was not sent), which need not exist.
    assert answer.status == 200 or (answer.status == 404 and "/working-copies/" in url), f"{url}: {answer.status}"
    return spent


def spread_of(times: Sequence[float]) -> str:
    """Return a text with the median and the 95th percentile of durations in milliseconds."""
    return f"p50 {median(times):.1f} ms, p95 {statistics.quantiles(times, n=20)[-1]:.1f} ms"


def _memory(api: str, folder: Path) -> Line:
    """Measure the resident memory of a console's worker that has rendered each language once and is now idle."""
    address = free_address()
    process = Process("console", folder)
    told = {"GUICHUANG_CONSOLE_API": api, "GUICHUANG_HTTP": address, "GUICHUANG_VAR": str(folder), "GUICHUANG_WORKERS": "1"}
    process.start([sys.executable, "-m", "deploy.cli", "serve", "console"], {**os.environ, "PYTHONPATH": str(CHECKOUT), **told})
    try:
        process.wait_until(lambda: _answers(address), READY_SECONDS)
        time.sleep(IDLE)
        assert process.pid is not None
        # The largest child is the worker; a resource tracker that may run beside it uses almost no memory.
        memory = max(map(_resident, children(process.pid)))
        return Line(
            what="console: idle memory of its process (RSS)",
            ours=f"{memory} MB; the supervisor beside it {_resident(process.pid)} MB",
            yardstick="",
            measured=f"{memory} MB",
            bar=f"≤ {MOST_MEMORY} MB",
            met=memory <= MOST_MEMORY,
        )
    finally:
        process.stop()


def _answers(address: str) -> bool:
    try:
        pages = [urllib3.request("GET", f"http://{address}/calls", headers={"Accept-Language": each}) for each in ("zh", "en")]
    except urllib3.exceptions.HTTPError:
        return False
    return all(page.status == 200 for page in pages)


def children(pid: int) -> list[int]:
    """Return the ids of a process's child processes."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # The process may end before its file is read.
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024
