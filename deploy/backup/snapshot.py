"""One instant of several databases: every table as it was then, while the platform goes on.

What counts is that nobody is ahead of the producer: an event in an inbox must be in the outbox it came from. So for a moment
nothing enters any outbox or inbox; in that moment a snapshot of each database is taken, from which its tables are then read.
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

#: Milliseconds a lock is waited for. All who would write wait behind us meanwhile, so it is short, and we come again; it is
#: shorter than PostgreSQL's deadlock_timeout, so that in a deadlock it is we who step back.
LOCK_MS = 400
#: After so many times it is waited longer than PostgreSQL's deadlock_timeout: only then it ends a vacuum of its own that is in
#: the way, which would go on for minutes.
BRIEFLY, LONGER_MS = 5, 1500
#: Seconds for which we come again.
PATIENCE = 60.0


class Busy(Exception):
    """Somebody held an outbox or inbox all the time."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`connections` see their databases as of `at`; writers waited for `held` seconds at most."""

    at: datetime
    held: float
    connections: Mapping[str, Connection]


@contextmanager
def take_snapshot(databases: Mapping[str, Database]) -> Iterator[Snapshot]:
    """The instant lasts as long as the block; only its beginning holds anybody up. Raises Busy."""
    with ExitStack() as snapshots:
        until = time.monotonic() + PATIENCE
        for tried in count():
            try:
                taken = _take(databases, snapshots, LOCK_MS if tried < BRIEFLY else LONGER_MS)
                break
            except OperationalError as error:
                snapshots.pop_all().close()
                if time.monotonic() > until:
                    raise Busy(str(error.orig).strip()) from error
                time.sleep(random.uniform(0.05, 0.5))
        yield taken


def _take(databases: Mapping[str, Database], snapshots: ExitStack, wait: int) -> Snapshot:
    connections = {name: _reading(database, snapshots) for name, database in databases.items()}
    with ExitStack() as locks:
        lockers = [(locks.enter_context(database.engine.connect()), database) for database in databases.values()]
        began = time.monotonic()  # everybody is connected: nobody waits for that
        for connection, database in lockers:
            _lock(connection, database, wait)
        at = real_now()
        for name, connection in connections.items():
            _snapshot(connection, databases[name])
    return Snapshot(at, time.monotonic() - began, connections)


def _lock(connection: Connection, database: Database, wait: int) -> None:
    """Until the connection closes. A reaction touches its inbox first and writes its outbox later, so that is the order; this
    mode lets readers through and nobody who locks a row to react to it."""
    if database.sqlite:
        connection.connection.driver_connection.execute(f"PRAGMA busy_timeout={wait}")  # type: ignore[union-attr]
        connection.begin()
        return
    connection.execute(sql(f"SET LOCAL lock_timeout = {wait}"))
    connection.execute(sql("LOCK TABLE inbox IN EXCLUSIVE MODE"))
    connection.execute(sql("LOCK TABLE outbox IN EXCLUSIVE MODE"))


def _reading(database: Database, snapshots: ExitStack) -> Connection:
    """A connection that will see one instant only."""
    reading = {"reading": True} if database.sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return snapshots.enter_context(database.engine.connect().execution_options(**reading))


def _snapshot(connection: Connection, database: Database) -> None:
    """From its first query on a connection sees what was then."""
    if not database.sqlite:
        connection.execute(sql("SET LOCAL statement_timeout = 0"))
        connection.execute(sql("SET LOCAL idle_in_transaction_session_timeout = 0"))
    connection.execute(sql("SELECT 1 FROM outbox LIMIT 1")).all()
