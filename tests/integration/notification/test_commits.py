"""Transactions end in another order than they begin: no reader of the feed and no subscriber misses an event that is committed
late."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deploy.local_services.postgres import Postgres
from services.kernel.identity import SYSTEM
from services.kernel.messaging.envelope import Event
from services.kernel.settings import Settings
from services.kernel.testing import ServiceHarness
from services.kernel.vault import Vault, new_vault_key
from services.notification.registry import registry
from services.notification.tables import feed
from services.notification.webhooks import feed as feed_room
from tests.integration.notification.sample_events import body
from tests.integration.notification.subscriber import Subscriber
from tests.integration.notification.webhook_receiver import ERRAND, PORTAL, subjects, subscribe, work

_numbers = count(1)


@pytest.fixture
def bench(postgres: Postgres) -> Iterator[ServiceHarness]:
    url = postgres.create_database(f"commits_{next(_numbers)}")
    settings = Settings(seed="demo", webhook_allow="127.0.0.0/8")
    made = ServiceHarness(registry, url, policies=None, settings=settings, vault=Vault(new_vault_key()))
    yield made
    made.database.close()


@contextmanager
def happening(bench: ServiceHarness, subject: str) -> Iterator[Session]:
    """Record an event about a subject in a transaction that is committed when the block ends."""
    event = Event.from_json(body(bench, "application.stage_passed", subject=f"application/{subject}"))
    with bench.database.write() as session:
        bench.runtime.begin_unit_of_work(session, SYSTEM, None, None)
        feed_room.record(session, bench.runtime.settings, event)
        session.flush()
        yield session


def look(bench: ServiceHarness) -> None:
    """Run the webhooks' job once. It first gives positions in the feed to the events that have arrived, which makes them
    readable, and then looks for deliveries that are due."""
    bench.runtime.run_job(ERRAND)


def page(bench: ServiceHarness, cursor: str | None) -> tuple[list[str], str]:
    read = bench.ask("read_events", PORTAL, types=[], of_bureau=None, limit=50, cursor=cursor)
    return [item["subject"].partition("/")[2] for item in read["items"]], read["next_cursor"]


def test_a_reader_gets_what_was_recorded_earlier_and_committed_later(bench: ServiceHarness) -> None:
    with happening(bench, "slow"):
        with happening(bench, "quick"):
            pass
        look(bench)
        # Given two concurrent transactions, each with an event, and a reader that has read the event that was committed first
        first, cursor = page(bench, None)
        assert first == ["quick"]
    # When the other transaction commits, Then its event gets a higher position in the feed, and the reader reads it next
    look(bench)
    assert page(bench, cursor)[0] == ["slow"]


def test_a_subscriber_is_sent_what_was_recorded_earlier_and_committed_later(bench: ServiceHarness) -> None:
    with Subscriber() as subscriber:
        subscribe(bench, subscriber)
        with happening(bench, "slow"):
            with happening(bench, "quick"):
                pass
            work(bench)
            assert subjects(subscriber) == ["quick"]
        work(bench)
        with happening(bench, "next"):
            pass
        work(bench)
    assert subjects(subscriber) == ["quick", "slow", "next"]


def test_places_are_given_by_one_at_a_time_and_read_when_they_are_committed(bench: ServiceHarness) -> None:
    for name in ("a", "b"):
        with happening(bench, name):
            pass
    # Given a worker that has assigned positions and has not committed them
    with bench.database.write() as numbering:
        feed_room.number_feed(numbering)
        assert feed_room.last_position(numbering) == 2
        # When another event is recorded, another worker runs, and a reader reads the feed
        with happening(bench, "c"):
            pass
        look(bench)
        found, cursor = page(bench, None)
        # Then no position is assigned twice, and the reader sees no position that may still be rolled back
        assert found == []
    look(bench)
    assert page(bench, cursor)[0] == ["a", "b", "c"]


def test_subscribers_and_readers_see_the_same_order_however_many_record_at_once(bench: ServiceHarness) -> None:
    """Three threads record events, each about its own subject, while two workers send them and a reader reads the feed."""
    ended = threading.Event()

    def record(subject: str) -> None:
        for _ in range(15):
            with happening(bench, subject):
                pass

    def send() -> None:
        while not ended.is_set():
            look(bench)

    with Subscriber() as subscriber:
        subscribe(bench, subscriber)
        recording = [threading.Thread(target=record, args=(name,)) for name in "abc"]
        sending = [threading.Thread(target=send) for _ in range(2)]
        for thread in (*recording, *sending):
            thread.start()
        read: list[str] = []
        cursor: str | None = None
        while any(thread.is_alive() for thread in recording):
            more, cursor = page(bench, cursor)
            read += more
        ended.set()
        for thread in sending:
            thread.join()
        work(bench)
    read += page(bench, cursor)[0]
    with bench.database.read() as session:
        arrived: dict[str, list[Any]] = {}
        for row in session.execute(select(feed.c.subject, feed.c.id).order_by(feed.c.arrived)):
            arrived.setdefault(row.subject, []).append(row.id)
    assert len(read) == 45
    assert subjects(subscriber) == read
    heard = {subject: [event["id"] for event in subscriber.taken if event["subject"] == subject] for subject in arrived}
    assert json.dumps(heard, sort_keys=True) == json.dumps(arrived, sort_keys=True)
