"""Take a snapshot of several databases at one instant, while the platform runs.

In the snapshot no consumer may be ahead of its producer: an event in an inbox must also be in the outbox of its origin. So writes
to all outboxes and inboxes are blocked for a moment, in which a snapshot of each database is opened. The tables are then read
from these snapshots.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from sqlalchemy import Connection
from sqlalchemy import text as sql
from sqlalchemy.exc import OperationalError

from services.kernel.clock import real_now
from services.kernel.persistence.database import Database

#: Milliseconds to wait for a lock. During that time all writers wait behind this request, so the time is short and the attempt is
#: repeated. It is shorter than PostgreSQL's deadlock_timeout, so that in a deadlock the backup is the one that gives up.
LOCK_MS = 400
#: The number of attempts that wait `LOCK_MS` for a lock, and the milliseconds for which each later attempt waits. The latter
#: exceeds PostgreSQL's deadlock_timeout, after which PostgreSQL cancels an autovacuum that has the lock and could otherwise
#: continue for minutes.
BRIEFLY, LONGER_MS = 5, 1500
#: Seconds after which no further attempt to take the locks is made.
PATIENCE = 60.0


class Busy(Exception):
    """Other transactions had a lock on an outbox or inbox during all attempts."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot of several databases: `connections` read their databases as of the instant `at`; writers waited for at most
    `held` seconds."""

    at: datetime
    held: float
    connections: Mapping[str, Connection]


@contextmanager
def take_snapshot(databases: Mapping[str, Database]) -> Iterator[Snapshot]:
    """Take the snapshot and keep it until the end of the block. Writers wait only while the snapshot is taken. Raises Busy if the
    locks cannot be taken in time."""
    with ExitStack() as snapshots:
        until = time.monotonic() + PATIENCE
        for tried in count():
            try:
                snapshot = _try_snapshot(databases, snapshots, LOCK_MS if tried < BRIEFLY else LONGER_MS)
                break
            except OperationalError as error:
                snapshots.pop_all().close()
                if time.monotonic() > until:
                    raise Busy(str(error.orig).strip()) from error
                time.sleep(random.uniform(0.05, 0.5))
        yield snapshot


def _try_snapshot(databases: Mapping[str, Database], snapshots: ExitStack, wait: int) -> Snapshot:
    connections = {name: _reading(database, snapshots) for name, database in databases.items()}
    with ExitStack() as locks:
        lockers = [(locks.enter_context(database.engine.connect()), database) for database in databases.values()]
        began = time.monotonic()  # All connections are open already, so that no writer waits while a connection is opened.
        for connection, database in lockers:
            _lock(connection, database, wait)
        at = real_now()
        for name, connection in connections.items():
            _snapshot(connection, databases[name])
    return Snapshot(at, time.monotonic() - began, connections)


def _lock(connection: Connection, database: Database, wait: int) -> None:
    """Lock inbox and outbox until the connection closes. A reaction to an event locks a row of the inbox first and writes the
    outbox later; this function locks the tables in the same order, so that no deadlock arises. This lock mode allows reads, and
    blocks transactions that lock a row of the inbox to react to it."""
    if database.sqlite:
        connection.connection.driver_connection.execute(f"PRAGMA busy_timeout={wait}")  # type: ignore[union-attr]
        connection.begin()
        return
    connection.execute(sql(f"SET LOCAL lock_timeout = {wait}"))
    connection.execute(sql("LOCK TABLE inbox IN EXCLUSIVE MODE"))
    connection.execute(sql("LOCK TABLE outbox IN EXCLUSIVE MODE"))


def _reading(database: Database, snapshots: ExitStack) -> Connection:
    """Return a connection whose queries all read the same snapshot. It is closed with `snapshots`."""
    reading = {"reading": True} if database.sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return snapshots.enter_context(database.engine.connect().execution_options(**reading))


def _snapshot(connection: Connection, database: Database) -> None:
    """Fix the connection's snapshot: PostgreSQL takes it with the first query."""
    if not database.sqlite:
        connection.execute(sql("SET LOCAL statement_timeout = 0"))
        connection.execute(sql("SET LOCAL idle_in_transaction_session_timeout = 0"))
    connection.execute(sql("SELECT 1 FROM outbox LIMIT 1")).all()
