"""Old rows of outbox and inbox are deleted. A published event is deleted before the inbox rows that record its receipt, so that
an event that is published again never has a second effect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from services.kernel.messaging import outbox
from services.kernel.persistence import housekeeping
from services.kernel.persistence.tables import inbox
from services.kernel.persistence.tables import outbox as outbox_table
from services.kernel.settings import Settings
from tests.integration.kernel.sample_service import OFFICER, Made

LATER = datetime(2031, 1, 1, tzinfo=UTC)


def left(made: Made, table: object) -> int:
    with made.bench.database.read() as session:
        return len(session.execute(select(table)).all())  # type: ignore[call-overload]


def test_published_events_go_when_they_are_old_and_others_stay(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    # Given five published events and one that is not published
    for n in range(5):
        made.bench.tell("put", OFFICER, thing=str(n))
    made.bench.settle()
    made.bench.tell("put", OFFICER, thing="waits")
    database = made.bench.database
    # When the events are younger than the retention period, Then none is deleted
    assert housekeeping.delete_published(database, made.bench.clock.now() - timedelta(days=90)) == 0
    # When the events are older, Then the published events are deleted, and the unpublished event stays
    assert housekeeping.delete_published(database, LATER) == 5
    assert left(made, outbox_table) == 1
    made.bench.settle()
    assert housekeeping.delete_published(database, LATER) == 1


def test_receipts_go_when_they_are_old_but_not_what_is_parked(
    made: Made, arriving: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    # Given an inbox with three parked events and, after them, four completed ones
    for n in range(7):
        made.bench.react(arriving(str(n), subject=f"thing/{n}"))
    database = made.bench.database
    with database.write() as session:
        session.execute(update(inbox).where(inbox.c.position <= 3).values(state="parked"))
    # When all events are older than the retention period, Then the completed events are deleted, wherever they are in the table
    assert housekeeping.delete_processed(database, LATER) == 4
    assert left(made, inbox) == 3


def test_what_was_restored_is_not_forgotten_before_it_is_published_again(made: Made, arriving: Callable[..., str]) -> None:
    # Given a database restored from an archive that is older than the retention period of the inbox
    made.bench.tell("put", OFFICER, thing="1")
    made.bench.react(arriving("1"))
    made.bench.settle()
    database = made.bench.database
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with database.write() as session:
        session.execute(update(inbox).values(received_at=long_ago, done_at=long_ago))
        session.execute(update(outbox_table).values(occurred_at=long_ago))
        # When the service resumes on the restored database
        assert housekeeping.resume_restored(session, long_ago - timedelta(days=7)) == 2
    housekeeping.delete_expired(database, Settings(), made.bench.clock.now())
    # Then the row in the inbox is still there, and the events in the outbox wait to be published again
    assert left(made, inbox) == 1
    with database.read() as session:
        assert len(outbox.unpublished(session)) == 2


def test_receipts_must_outlive_what_can_be_sent_again() -> None:
    with pytest.raises(ValueError, match="GUICHUANG_INBOX_DAYS"):
        Settings(outbox_days="200")
    assert Settings(outbox_days="200", inbox_days="400").outbox_days == "200"
