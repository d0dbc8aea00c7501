"""Compare the event pipeline, from the outbox row to the committed effect, with raw py-amqp on the same broker and queue type."""

from __future__ import annotations

import subprocess
import sys
import time

from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.orm import Session

from bench import sample_service
from bench.infrastructure import CHECKOUT, READY_SECONDS, Ground, median, spread
from bench.table import Line
from services.kernel.amqp import topology
from services.kernel.clock import DomainClock
from services.kernel.ids import new_id
from services.kernel.messaging import outbox
from services.kernel.persistence.unit_of_work import UnitOfWork

RUNS = 5
EVENTS = 20_000
#: The share of the rate of raw py-amqp that the event pipeline must reach.
BAR = 0.60


def measure(ground: Ground) -> list[Line]:
    """Measure the event pipeline and raw py-amqp alternately, several times, and compare the medians."""
    raw, ours = [], []
    for _ in range(RUNS):
        rate, body = pipeline(ground)
        ours.append(rate)
        raw.append(plain(ground, body))
    ratio = median(ours) / median(raw)
    return [
        Line(
            what=f"event pipeline, outbox row to committed effect, {EVENTS:,} events of {len(body):,} bytes",
            ours=f"{median(ours):,.0f}/s ({spread(ours)})",
            yardstick=f"raw py-amqp, no database: {median(raw):,.0f}/s ({spread(raw)})",
            measured=f"{ratio:.0%}",
            bar=f"≥ {BAR:.0%}",
            met=ratio >= BAR,
        )
    ]


def pipeline(ground: Ground) -> tuple[float, bytes]:
    """Measure the event pipeline. Return the events per second, from the commit that puts all of them into the outbox to the
    commit of the last effect; and the body of one event."""
    urls = {service: ground.fresh_database() for service in ("application", "notification")}
    engines = {service: create_engine(url, isolation_level="AUTOCOMMIT") for service, url in urls.items()}
    for url in urls.values():
        sample_service.prepare(url)
    body = _prepare_events(engines["application"])
    folder = str(ground.folder / "var")
    topology.declare(ground.broker.uri(), [sample_service.runtime(service, url, folder) for service, url in urls.items()])
    environment = {"GUICHUANG_BUS": ground.broker.uri(), "GUICHUANG_VAR": folder}
    environment |= {f"GUICHUANG_DB_{service.upper()}": url for service, url in urls.items()}
    with (
        ground.process("producer", ["bench.served", "application"], environment),
        ground.process("consumer", ["bench.served", "notification"], environment),
    ):
        _let_go(engines["application"], first=1, last=1)  # The effect of this first event shows that both sides are connected.
        _wait_for(engines["notification"], 1)
        _let_go(engines["application"], first=2, last=EVENTS)
        started = time.monotonic()
        _wait_for(engines["notification"], EVENTS)
        took = time.monotonic() - started
    for engine in engines.values():
        engine.dispose()
    return (EVENTS - 1) / took, body


def _prepare_events(engine: Engine) -> bytes:
    """Let the kernel write the outbox rows of all events, and move the rows to a separate table, so that they can be published at
    a chosen moment; return the body of one event."""
    clock = DomainClock()
    for _ in range(EVENTS // 100):
        with Session(engine.execution_options(isolation_level="READ COMMITTED")) as session, session.begin():
            work = session.info["work"] = UnitOfWork("application", clock, sample_service.APPLICANT)
            for _ in range(100):
                sample_service.hand_in(session, clock, sample_service.APPLICANT, title="关于组建广西某某创新联合体的申请")
            outbox.write(session, [work])
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE aside AS SELECT * FROM outbox")
        connection.exec_driver_sql("TRUNCATE outbox")
        body: str = connection.exec_driver_sql("SELECT body FROM aside LIMIT 1").scalar_one()
    return body.encode()


def _let_go(engine: Engine, *, first: int, last: int) -> None:
    with engine.connect() as connection:
        connection.execute(
            text("INSERT INTO outbox SELECT * FROM aside WHERE position BETWEEN :first AND :last"), {"first": first, "last": last}
        )
        connection.exec_driver_sql("NOTIFY outbox")


def _wait_for(engine: Engine, effects: int) -> None:
    deadline = time.monotonic() + 2 * READY_SECONDS
    with engine.connect() as connection:
        while connection.execute(select(func.count()).select_from(sample_service.notes)).scalar_one() < effects:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{effects} events did not get through")
            time.sleep(0.02)


def plain(ground: Ground, body: bytes) -> float:
    """Measure raw py-amqp. Return the messages per second, for messages with this body, from the first published to the last
    acknowledged. Publisher and consumer run at the same time."""
    file = ground.folder / "body"
    file.write_bytes(body)
    arguments = [ground.broker.uri(), f"raw-{new_id()}", str(EVENTS), str(file)]
    ends = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.raw", role, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
        )
        for role in ("publish", "consume")
    ]
    for end in ends:
        assert end.stdout.readline()
    started = time.time()
    for end in ends:
        end.stdin.write("go\n")
        end.stdin.flush()
    finished = max(float(end.stdout.readline()) for end in ends)
    for end in ends:
        end.wait()
    return EVENTS / (finished - started)
