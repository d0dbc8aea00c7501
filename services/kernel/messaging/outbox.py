"""The outbox. An event is first stored as a row, in the transaction that caused it; it is published afterwards, and the row is
kept for replay and restore."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from services.contracts.payload import JsonObject
from services.kernel.clock import real_now
from services.kernel.messaging.envelope import Event
from services.kernel.persistence.database import insert_into
from services.kernel.persistence.tables import outbox, sequences
from services.kernel.persistence.unit_of_work import RecordedEvent, UnitOfWork

#: The largest number of rows that the relay publishes in one batch.
BATCH = 500
#: The key of the advisory lock in a service's database that makes a process the leader: the process that publishes events, seals
#: the audit log and runs sweeps.
LEADER_LOCK = 0x6775_6963


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A row of the outbox that is to be published."""

    position: int
    id: str
    producer: str
    routing_key: str
    body: str


def delete_events(session: Session, type: str, subject: str) -> None:
    """Delete earlier events about a person whose data is erased. Deleted events cannot be published again, and deleted events
    that were not published yet never are. Consumers do not wait for the numbers that are then missing in the sequence."""
    session.execute(delete(outbox).where(outbox.c.type == type, outbox.c.subject == subject))


def write(session: Session, works: Iterable[UnitOfWork], locking: Iterable[tuple[str, str]] = ()) -> None:
    """Write recorded events to the outbox, numbered per (producer, subject). Lock the counters of these (producer, subject) pairs
    and of those in `locking`. Call this function just before the commit, so that the counters' rows stay locked as briefly as
    possible."""
    recorded = [(event, work) for work in works for event in work.events]
    counts = Counter((event.producer, event.subject) for event, _ in recorded)
    if session.get_bind().dialect.name != "sqlite":  # SQLite needs no lock: it has one writer at a time.
        counts.update(dict.fromkeys(locking, 0))
    numbers = _reserve_numbers(session, counts)
    events = [_event_of(event, next(numbers[event.producer, event.subject]), work) for event, work in recorded]
    rows = [
        {
            "id": event.id,
            "type": event.type,
            "producer": event.producer,
            "subject": event.subject,
            "routing_key": event.routing_key,
            "body": event.to_json(),
            "occurred_at": event.occurred_at,
        }
        for event in events
    ]
    if rows:
        session.execute(insert(outbox), rows)


def _reserve_numbers(session: Session, counts: Counter[tuple[str, str]]) -> dict[tuple[str, str], Iterator[int]]:
    """Reserve the next numbers of each (producer, subject), as many as `counts` says. All transactions lock the counters in the
    same order, which prevents deadlocks."""
    if not counts:
        return {}
    rows = [{"producer": producer, "subject": subject, "last": counts[producer, subject]} for producer, subject in sorted(counts)]
    counted = session.execute(_increment_statement(session.get_bind().dialect.name), rows)
    return {(row.producer, row.subject): iter(range(row.last - counts[row[:2]] + 1, row.last + 1)) for row in counted}


def _event_of(recorded: RecordedEvent, sequence: int, work: UnitOfWork) -> Event[JsonObject]:
    return Event(
        id=recorded.id,
        type=recorded.type,
        version=1,
        occurred_at=recorded.occurred_at,
        producer=recorded.producer,
        subject=recorded.subject,
        bureau=recorded.bureau,
        recommender=recorded.recommender,
        sequence=sequence,
        actor=recorded.actor,
        correlation_id=work.correlation_id,
        causation_id=work.causation_id,
        data=recorded.data,
        trace=work.trace,
    )


@cache
def _increment_statement(dialect: str) -> ReturningInsert[Any]:
    statement = insert_into(dialect, sequences)
    return statement.on_conflict_do_update(
        index_elements=[sequences.c.producer, sequences.c.subject], set_={"last": sequences.c.last + statement.excluded.last}
    ).returning(sequences.c.producer, sequences.c.subject, sequences.c.last)


def unpublished(session: Session, limit: int = BATCH) -> list[Outgoing]:
    """Return events that are not published yet, in the order of their rows. Transactions may commit in a different order than
    that of their rows, so each call starts at the oldest unpublished row."""
    columns = (outbox.c.position, outbox.c.id, outbox.c.producer, outbox.c.routing_key, outbox.c.body)
    rows = session.execute(select(*columns).where(outbox.c.published_at.is_(None)).order_by(outbox.c.position).limit(limit))
    return [Outgoing(*row) for row in rows]


def mark_published(session: Session, batch: Sequence[Outgoing]) -> None:
    """Mark a batch as published after the bus has confirmed it. The rows stay, for replay and restore."""
    session.execute(update(outbox).where(outbox.c.position.in_([row.position for row in batch])).values(published_at=real_now()))


def replay(session: Session, since: datetime) -> int:
    """Mark everything that occurred since an instant as unpublished, so that it is published again. Consumers skip the events
    that they have received already. Return the number of marked events."""
    result = session.execute(update(outbox).where(outbox.c.occurred_at >= since).values(published_at=None))
    return result.rowcount  # type: ignore[attr-defined, no-any-return]
