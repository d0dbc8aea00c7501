"""An archive contains all databases at one instant, at which no consumer is ahead of its producer. Making it lets no request wait
long, and aborts no transaction."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from deploy.backup import snapshot as cutting
from deploy.backup.snapshot import Busy, take_snapshot
from deploy.local_services.postgres import Postgres
from services.kernel.messaging.envelope import Event
from services.kernel.persistence.database import Database
from services.kernel.persistence.unit_of_work import record_change
from services.kernel.registry import Registry
from services.kernel.testing import ServiceHarness
from tests.integration.kernel.sample_service import OFFICER

#: The number of events that the two services exchange about each subject ("ball").
RALLY = 40


class Player:
    """A service that answers each event ("ball.hit") of the other service with an event of its own, so that each is the other's
    producer and consumer."""

    def __init__(self, name: str, other: str, url: str | Path) -> None:
        registry = Registry(name)
        registry.command(self.serve)
        registry.reaction(other, "ball.hit", self.on_hit)
        self.bench = ServiceHarness(registry, url, policies=None)

    @staticmethod
    def serve(session: Any, *, ball: str) -> None:
        record_change(session, "ball.hit", f"ball/{ball}", {"times": 1}, bureau="450200")

    @staticmethod
    def on_hit(session: Any, event: Event) -> None:
        if event.data["times"] < RALLY:
            record_change(session, "ball.hit", event.subject, {"times": event.data["times"] + 1}, bureau="450200")


@pytest.fixture(params=["sqlite", "postgresql"])
def players(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, Player]]:
    names = ("application", "evaluation")
    if request.param == "sqlite":
        urls: dict[str, str | Path] = {name: tmp_path / f"{name}.db" for name in names}
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        urls = {name: postgres.create_database(f"cut_{name}") for name in names}
    made = {name: Player(name, other, urls[name]) for name, other in zip(names, reversed(names), strict=True)}
    a, b = made.values()
    a.bench.bus.consumers.append(b.bench.runtime)
    b.bench.bus.consumers.append(a.bench.runtime)
    yield made
    for player in made.values():
        player.bench.database.close()


@contextmanager
def at_play(players: dict[str, Player]) -> Iterator[list[BaseException]]:
    """Keep events going back and forth between two services until the block ends; yield their errors. Some events are processed
    as they arrive, and some from the inbox."""
    stop, failures = threading.Event(), list[BaseException]()

    def again_and_again(what: Callable[[int], object]) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                what(number)
            except BaseException as error:
                failures.append(error)

    threads = []
    for name, player in players.items():
        runtime, bench = player.bench.runtime, player.bench
        for what in (
            lambda number, bench=bench, name=name: bench.tell("serve", OFFICER, ball=f"{name}-{number}"),
            lambda _, runtime=runtime, bench=bench: runtime.relay(bench.bus.publish),
            lambda _, runtime=runtime: runtime.process(),
        ):
            threads.append(threading.Thread(target=again_and_again, args=(what,)))
    for thread in threads:
        thread.start()
    try:
        yield failures
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def opened(player: Player) -> Database:
    """Return the database of a service, with a connection pool of its own, as another process would open it."""
    return Database(player.bench.database.engine.url.render_as_string(hide_password=False), pool=2)


def test_no_receiver_is_ahead_of_its_producer(players: dict[str, Player], monkeypatch: pytest.MonkeyPatch) -> None:
    # Given two services that exchange events all the time, and snapshots of their databases that are taken some time apart
    snapshot = cutting._snapshot
    monkeypatch.setattr(cutting, "_snapshot", lambda *those: [time.sleep(0.15), snapshot(*those)][1])
    databases = {name: opened(player) for name, player in players.items()}
    heard: set[str] = set()
    with at_play(players) as failures:
        # When a cut through both databases is taken, Then every event that one service had received at the cut was published by
        # the other before the cut
        for _ in range(6):
            time.sleep(0.05)
            with take_snapshot(databases) as taken:
                heard = {id for seen in taken.connections.values() for id in seen.execute(text("SELECT id FROM inbox")).scalars()}
                said = {id for seen in taken.connections.values() for id in seen.execute(text("SELECT id FROM outbox")).scalars()}
                assert heard <= said
    # and no service failed while the cuts were taken
    assert failures == []
    assert heard
    for database in databases.values():
        database.close()


def test_where_an_inbox_is_held_all_the_time_it_gives_up(players: dict[str, Player], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "PATIENCE", 0.5)
    database = players["evaluation"].bench.database
    with database.write() as session, pytest.raises(Busy):
        session.execute(text("UPDATE inbox SET attempts = 0"))
        with take_snapshot({"evaluation": opened(players["evaluation"])}):
            pass
