"""The two databases between which a bureau moves. The command has a lock in each database from the first step to the last, so
only one command at a time moves the bureau."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.kernel.persistence.database import Database
from services.kernel.persistence.migrate import current, heads
from services.kernel.relocation import fencing

#: The first half of the advisory lock's key; the second half is the hash of the bureau's code.
MOVING_LOCK = 0x6D6F_7665
#: Seconds for which one try to raise a fence may delay other transactions, and the pause before the next try.
LOCK_SECONDS, PAUSE = 3, 1.0
#: The number of attempts to raise a fence.
TRIES = 20
#: PostgreSQL's error code for a lock that was not granted in time.
LOCK_NOT_AVAILABLE = "55P03"

_IDENTITY = text(
    "SELECT system_identifier || '/' || (SELECT oid FROM pg_database WHERE datname = current_database()) FROM pg_control_system()"
)


class MoveRefused(Exception):
    """The move cannot start or continue in the present state. The message says why and what to do."""


class Endpoint:
    """One of the two databases of a move. All transactions of a move in this database run on the connection that has the lock. If
    that connection is lost, the move must be started again."""

    def __init__(self, name: str, url: str, service: str, bureau: str) -> None:
        self.name = name
        self._database = Database(url, pool=2)
        if self._database.sqlite:
            raise MoveRefused(f"{name} is an SQLite database; a bureau moves between PostgreSQL databases only")
        if current(self._database) != heads(service):
            raise MoveRefused(f"{name} is not at this version: run `guichuang migrate {service}` there")
        self._connection = self._database.engine.connect()
        lock_key = {"lock": MOVING_LOCK, "bureau": bureau}
        locked = self._connection.execute(text("SELECT pg_try_advisory_lock(:lock, hashtext(:bureau))"), lock_key).scalar_one()
        self._connection.exec_driver_sql("SET statement_timeout = 0")
        #: Identifies the database itself, whatever address is used to reach it.
        self.identity = str(self._connection.execute(_IDENTITY).scalar_one())
        self._connection.commit()
        if not locked:
            self.close()
            raise MoveRefused(f"another command is moving {bureau} from or to {name}, or both databases are the same one")

    def close(self) -> None:
        self._connection.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a transaction that commits at the end of the block and rolls back on any error."""
        with Session(self._connection) as session, session.begin():
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Open a transaction in which all reads see the same instant."""
        with Session(self._connection) as session, session.begin():
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield session

    def raise_fence(self, bureau: str, state: str, move: str, other: str) -> None:
        """Raise a fence. When this returns, no transaction in this database changes anything of the bureau. To raise a fence,
        this transaction must wait for running transactions, and new transactions wait behind it; therefore it tries several times
        and waits only briefly each time."""
        for _ in range(TRIES):
            try:
                with self.transaction() as session:
                    session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
                    fencing.raise_fence(session, bureau, state, move, other)
                return
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                    raise
                time.sleep(PAUSE)
        raise MoveRefused(f"transactions in {self.name} last too long to wait for; run the command again when it is quieter")
