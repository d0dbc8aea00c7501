"""Measure the cost of a case (an application and the consortium that it becomes), step by step: the CPU time of each kind of
process, and the bytes added to the databases."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from bench import resource_use
from deploy import composition
from deploy.cluster.local_cluster import LocalCluster
from deploy.demo.client import Server
from deploy.demo.formation import Formation, open_call, register, sweep_after
from deploy.demo.invented import TWELVE, consortium
from deploy.demo.oversight import AnnualReport, Calendar, Member, Participation, notice
from deploy.demo.people import People
from deploy.demo.platform import accounts
from services.kernel.settings import Settings

RESULTS = Path(__file__).parent / "CAPACITY.md"
CASES, CLIENTS = 24, 6
#: The seconds for which each step waits, so that the other services finish its work; and the seconds for which the idle platform
#: is measured.
SETTLE, IDLE = 5.0, 20.0


@dataclass(frozen=True, slots=True)
class Step:
    """The cost of one step. `cpu`: kind of process → milliseconds of CPU per case; `events`: events per case; `bytes`: bytes per
    case that the step added to the databases."""

    name: str
    cpu: dict[str, float]
    events: float
    bytes: float


def measure() -> str:
    """Take some cases through the whole procedure, each step for all cases before the next step. Write the table of costs and
    return it."""
    with TemporaryDirectory(prefix="guichuang-bench-") as name, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        http = f"127.0.0.1:{probe.getsockname()[1]}"
        probe.close()
        with LocalCluster(Settings(http=http, var=name, seed="demo", rate_limit="0", log_level="WARNING")) as machine:
            people = People(Server(f"http://{http}"), accounts(Path(name)))
            lives = _Lives(people, _Kept(machine))
            steps = lives.play()
    return _write(steps, lives.idle)


class _Kept:
    """Reads how much the databases contain now: the number of events, and the bytes of rows, indexes and large values. Dead rows
    count too, because they occupy the disk."""

    def __init__(self, machine: LocalCluster) -> None:
        settings = {name: machine.postgres.create_database(name) for name in (*composition.PARTIES, "review_450200")}
        self._urls = {name: url.replace("+psycopg", "") for name, url in settings.items()}

    def look(self) -> tuple[int, int]:
        events = size = 0
        for url in self._urls.values():
            with psycopg.connect(url) as connection:
                count, here = connection.execute(
                    "SELECT (SELECT count(*) FROM outbox), pg_database_size(current_database())"
                ).fetchone() or (0, 0)
                events, size = events + count, size + here
        return events, size


class _Lives:
    """Takes the measured cases through the steps of the procedure, and records the cost of each step."""

    def __init__(self, people: People, kept: _Kept) -> None:
        self._people = people
        self._kept = kept
        self._steps: list[Step] = []
        self._pool = ThreadPoolExecutor(CLIENTS)
        #: Kind of process → the milliseconds of CPU per second that it uses while there are no requests.
        self.idle = _idle()

    def play(self) -> list[Step]:
        people = self._people
        call = str(open_call(people, places=CASES)["id"])
        everyone = [consortium(TWELVE) for _ in range(CASES)]
        self._step("12 units register and enter their data", lambda units: register(people, units), everyone)
        cases = self._step("draft, 10 papers, 11 confirmations", lambda units: Formation.complete(people, call, units), everyone)
        self._step("submission", Formation.submit, cases)
        self._step("recommendation (officer and chief)", Formation.recommend, cases)
        self._step("formal check (officer and chief)", Formation.check, cases)
        panels = self._step("panel drawn", Formation.appoint, cases)
        scored = list(zip(cases, panels, strict=True))
        self._step("five experts score", lambda pair: pair[0].score(pair[1]["experts"]), scored)
        self._step("decision", Formation.decide, cases)
        self._step("publicity ends, recognition", self._recognise, [cases])
        members = [self._member(case) for case in cases]
        year = min(report["year"] for report in members[0].lead.get(f"{members[0].path}/annual-reports")["items"])
        self._step("annual report written, handed in, accepted", lambda member: _report(member, year), members)
        round = notice(Calendar(people), allow_younger=True, title="capacity")
        parts = [Participation(member, round) for member in members]
        self._step("evaluation: report, opinion, check, panel, scores", lambda part: _evaluated(part), parts)
        return self._steps

    def _step(self, name: str, act: Callable[[Any], Any], things: Sequence[Any]) -> list[Any]:
        events, size = self._kept.look()
        before, began = resource_use.cpu(), time.monotonic()
        done = list(self._pool.map(act, things))
        time.sleep(SETTLE)
        cpu, took = resource_use.between(before, resource_use.cpu(), CASES), time.monotonic() - began
        cpu = {kind: max(ms - self.idle.get(kind, 0.0) * took / CASES, 0.0) for kind, ms in cpu.items()}
        now_events, now_size = self._kept.look()
        self._steps.append(Step(name, cpu, (now_events - events) / CASES, (now_size - size) / CASES))
        return done

    def _recognise(self, cases: Sequence[Formation]) -> None:
        last = max(case.reaches("publicised")["publicity"]["ends_on"] for case in cases)
        sweep_after(self._people, last)
        for case in cases:
            case.reaches("recognised")

    def _member(self, case: Formation) -> Member:
        return Member(self._people, case.units, case.reaches("recognised")["consortium"], case.recommender)


def _idle() -> dict[str, float]:
    time.sleep(SETTLE)
    before = resource_use.cpu()
    time.sleep(IDLE)
    return {kind: ms / IDLE for kind, ms in resource_use.between(before, resource_use.cpu(), 1).items()}


def _report(member: Member, year: int) -> None:
    report = AnnualReport(member, year)
    report.write()
    report.submit()
    report.opine(member.recommender, "acceptance")
    report.reaches("accepted")


def _evaluated(part: Participation) -> None:
    part.hand_in()
    part.scored((85, 86, 87))


def _write(steps: Sequence[Step], idle: Mapping[str, float]) -> str:
    kinds = sorted({kind for step in steps for kind in step.cpu}, key=lambda kind: -sum(s.cpu.get(kind, 0) for s in steps))
    head = ["step, for one case of twelve units", *kinds, "all but clients", "events", "KB kept"]
    rows = [head, ["---"] * len(head)]
    for step in [*steps, _all(steps)]:
        platform = sum(ms for kind, ms in step.cpu.items() if kind != "clients")
        figures = [f"{step.cpu.get(kind, 0):.0f}" for kind in kinds]
        rows.append([step.name, *figures, f"{platform:.0f}", f"{step.events:.1f}", f"{step.bytes / 1024:.0f}"])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    text = [
        "# The cost of a case",
        "",
        f"Milliseconds of CPU by process, mean of {CASES} cases played by {CLIENTS} clients at once on the cluster shape,",
        "everything on one machine. What other services do in reaction is included, and so is what people's screens ask on the",
        "way (inboxes, states); what the idle platform spends in the same time is not. Kept: growth of all databases, indexes",
        "and dead rows included; papers in the object store come on top.",
        "",
        table,
        "",
        f"Idle, in milliseconds of CPU a second: {', '.join(f'{kind} {idle.get(kind, 0):.0f}' for kind in kinds)}.",
        "",
        f"`python -m bench capacity`, {os.cpu_count()} cores, {date.today().isoformat()}",
    ]
    RESULTS.write_text("\n".join(text) + "\n", encoding="utf-8")
    return table


def _all(steps: Sequence[Step]) -> Step:
    kinds = {kind for step in steps for kind in step.cpu}
    cpu = {kind: sum(step.cpu.get(kind, 0.0) for step in steps) for kind in kinds}
    return Step("**the whole life**", cpu, sum(step.events for step in steps), sum(step.bytes for step in steps))
