"""Remove erased personal data from a database permanently: from the stored answers of commands, and from the database's files,
where deleted rows may remain."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, Text, cast, delete, or_, select
from sqlalchemy.orm import Session

from services.contracts.payload import Payload
from services.kernel.clock import real_now
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import housekeeping
from services.kernel.persistence.database import Database, connection_errors_translated
from services.kernel.persistence.tables import idempotency, inbox, outbox
from services.kernel.persistence.tables import keeping as keeping

#: The key of the row of the table `keeping` that stores the instant since which the database's files may contain deleted personal
#: data.
DUE = "erasure"
#: The kernel's own tables that may have contained personal data.
_KERNEL = (idempotency, inbox, outbox)


@dataclass(frozen=True, kw_only=True)
class ErasedAccount(Payload):
    """The member of `account.erased` that every service needs."""

    username: str


def forget_account(session: Session, event: Event[ErasedAccount]) -> None:
    """Reaction to `account.erased`: delete the stored answers of commands that this account sent, and stored answers that contain
    its name."""
    forget_answers(session, event.data.username, ())


def forget_answers(session: Session, username: str, values: Iterable[str | None]) -> None:
    """Delete the stored answers of commands that the account sent, and stored answers that contain its name or one of these
    values, such as the id of its registration or its phone number. A command whose answer was deleted runs again if it is
    repeated, on the state at that time."""
    answer = cast(idempotency.c.answer, Text)
    texts = [json.dumps(value, ensure_ascii=False) for value in (username, *values) if value]
    naming_person = (answer.contains(text, autoescape=True) for text in texts)
    session.execute(delete(idempotency).where(or_(idempotency.c.account == username, *naming_person)))
    note_erasure(session)


def note_erasure(session: Session) -> None:
    """Record that personal data was deleted, so that `scrub` removes it from the database's files too."""
    housekeeping.record_backup(session, DUE, "", real_now())


def scrub(database: Database, tables: Iterable[Table]) -> bool:
    """Remove deleted data from the database's files if an erasure is due. `tables`: the tables that contained the data, in
    addition to the kernel's own. Return whether the data were removed. If the process is killed meanwhile, the removal is
    repeated after its next start.

    SQLite: the file is rewritten and the write-ahead log emptied, so that no byte remains. PostgreSQL: VACUUM frees the deleted
    rows; docs/operations/identity.md says what free space, the server's log and archives may still contain.
    """
    with database.read() as session:
        due = session.execute(select(keeping.c.at).where(keeping.c.what == DUE)).scalar_one_or_none()
    if due is None:
        return False
    if not (_rewrite(database) if database.sqlite else _vacuum(database, tables)):
        return False
    with database.write() as session:
        session.execute(delete(keeping).where(keeping.c.what == DUE, keeping.c.at == due))
    return True


def pending(session: Session) -> datetime | None:
    """Return the instant since which the database's files may contain erased data; None if they contain none."""
    return session.execute(select(keeping.c.at).where(keeping.c.what == DUE)).scalar_one_or_none()


def _rewrite(database: Database) -> bool:
    """Rewrite the SQLite file. Return False if a reader keeps the write-ahead log open for too long; the next run tries again."""
    with connection_errors_translated(), database.exclusive() as connection:
        connection.execute("VACUUM")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


def _vacuum(database: Database, tables: Iterable[Table]) -> bool:
    names = ", ".join(f'"{table.name}"' for table in (*tables, *_KERNEL))
    with connection_errors_translated(), database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        try:
            connection.exec_driver_sql(f"VACUUM {names}")
        finally:
            connection.exec_driver_sql("RESET statement_timeout")
    return True
