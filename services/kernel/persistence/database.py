"""Engines, sessions and column types, the same for PostgreSQL and SQLite."""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypedDict

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Engine, Integer, Table, TextClause, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from services.kernel.errors import Unavailable
from services.kernel.observability import outages

#: Seconds for which a statement may run on PostgreSQL, and for which a transaction waits for a connection from the pool.
STATEMENT_TIMEOUT = 30
POOL_TIMEOUT = 10
#: Seconds for which a pooled connection may be idle before it is tested again. Testing at each use would cost every transaction a
#: round trip. If a connection fails in use, all pooled connections are discarded, so only idle connections need the test.
MAX_UNTESTED_IDLE = 1.0
#: Seconds for which SQLite waits while another process writes.
BUSY_TIMEOUT = 30

log = logging.getLogger(__name__)


class Instant(TypeDecorator[datetime]):
    """A column type for an instant in UTC. SQLite stores no time zone, so this type adds UTC when a value is read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: A column type for a row's position in its table: 64 bits on PostgreSQL, the row's own rowid on SQLite.
Position = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON


class IndexWhere(TypedDict):
    postgresql_where: TextClause
    sqlite_where: TextClause


def index_where(condition: str) -> IndexWhere:
    """Return the arguments of a partial index that contains only the rows that fulfil this condition."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


def insert_into(dialect: str, table: Table) -> postgresql.Insert:
    """Return an INSERT that supports ON CONFLICT, for PostgreSQL or SQLite; both inserts have the same methods."""
    return (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)  # type: ignore[return-value]


class Database:
    """The database of one service. `write` opens a transaction that may change rows, `read` a read-only session."""

    def __init__(self, url: str, *, pool: int = 8) -> None:
        self.sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite(url) if self.sqlite else _postgres(url, pool)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        # On PostgreSQL a read needs no transaction: each statement sees the latest commit anyway, and without BEGIN and ROLLBACK
        # a read takes one round trip.
        reading = {"reading": True} if self.sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._readers = sessionmaker(self.engine.execution_options(**reading), expire_on_commit=False)
        # SQLite allows one writer at a time. Threads wait for this lock one after the other; SQLite's own lock is polled with
        # pauses, so that a waiting thread may never get it.
        self._writing = threading.Lock() if self.sqlite else nullcontext()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction that commits at the end of the block and rolls back on any error. Raises Unavailable if the database
        cannot be reached."""
        with connection_errors_translated(), self._writing, self._sessions() as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        with connection_errors_translated(), self._readers() as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Open a read-only transaction in which all reads see the state of the same instant, however long the transaction
        takes."""
        if self.sqlite:
            with self.read() as session:
                yield session
            return
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with connection_errors_translated(), self._sessions(bind=self.engine.execution_options(**options)) as session:
            session.execute(text("SET LOCAL statement_timeout = 0"))
            yield session

    @contextmanager
    def exclusive(self) -> Iterator[Any]:
        """Yield SQLite's own connection outside any transaction, while no thread of this process writes. VACUUM and checkpoints
        need that."""
        with self._writing:
            connection = self.engine.raw_connection()
            try:
                yield connection.driver_connection
            finally:
                connection.close()

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def connection_errors_translated() -> Iterator[None]:
    """Raise Unavailable if the database cannot be reached or no connection becomes free in time. Programming errors pass
    unchanged."""
    try:
        yield
        outages.log_recovery(log, "database_unavailable", "the database is back")
    except (OperationalError, PoolTimeout) as error:
        raise Unavailable("database_unavailable") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable("database_unavailable") from error
        raise


#: The function that writes the values of JSON columns.
_to_json = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


def _postgres(url: str, pool: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        # Reuse the connection that was used last: its statements are prepared, and the server's caches for it are filled.
        pool_use_lifo=True,
        pool_timeout=POOL_TIMEOUT,
        connect_args={
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT * 1000}",
            "connect_timeout": 5,
            # Prepare a statement when it is used the second time: planning most statements takes the server as long as running
            # them.
            "prepare_threshold": 1,
        },
        json_serializer=_to_json,
    )

    # Insert several rows in one statement: the driver's own executemany waits for the network after each row.
    engine.dialect.use_insertmanyvalues_wo_returning = True

    @event.listens_for(engine, "checkin")
    def note_idle_since(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def test_if_idle(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("idle_since", math.inf) > MAX_UNTESTED_IDLE:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error

    return engine


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False}, json_serializer=_to_json)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # The driver must not begin transactions by itself: BEGIN is sent explicitly.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")  # A change that was answered with 2xx must survive a power cut.
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")  # SQLite overwrites deleted data with zeros.

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
