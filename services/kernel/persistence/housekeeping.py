"""The retention of the kernel's own tables, and the record of a database's backups."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete, select, update
from sqlalchemy.orm import Session

from services.kernel.clock import real_now
from services.kernel.messaging.outbox import replay
from services.kernel.persistence.database import Database, insert_into
from services.kernel.persistence.tables import inbox, keeping, outbox
from services.kernel.settings import Settings

#: The largest number of rows that are read, and deleted, in one transaction.
BATCH = 1000

log = logging.getLogger(__name__)


def record_backup(session: Session, what: str, archive: str, at: datetime) -> None:
    """Record the digest of the archive to which this database was last saved (`backup`) or from which it was restored
    (`restore`)."""
    statement = insert_into(session.get_bind().dialect.name, keeping).values(what=what, archive=archive, at=at)
    session.execute(statement.on_conflict_do_update(index_elements=[keeping.c.what], set_={"archive": archive, "at": at}))


def last_backup(session: Session) -> datetime | None:
    """Return the instant of the newest complete archive; None if there is none."""
    return session.execute(select(keeping.c.at).where(keeping.c.what == "backup")).scalar_one_or_none()


def restored_from(session: Session) -> str | None:
    """Return the digest of the archive from which this database was restored; None if it was not restored."""
    return session.execute(select(keeping.c.archive).where(keeping.c.what == "restore")).scalar_one_or_none()


def delete_expired(database: Database, settings: Settings, now: datetime) -> None:
    """Delete outbox and inbox rows after their retention period. The age of an outbox row is counted to `now`, an instant of the
    domain's clock, because that clock dates its event; the age of an inbox row by the real clock. A demonstration only moves the
    domain's clock forward, so an inbox row always outlives the events that may be published again."""
    events = delete_published(database, now - timedelta(days=int(settings.outbox_days)))
    receipts = delete_processed(database, real_now() - timedelta(days=int(settings.inbox_days)))
    if events or receipts:
        log.info("%d published events and %d receipts are forgotten", events, receipts)


def delete_published(database: Database, before: datetime) -> int:
    """Delete published events that occurred before an instant. Return the number of deleted events."""
    old = outbox.c.occurred_at < before
    return _delete_old(database, outbox, old, old & outbox.c.published_at.is_not(None))


def delete_processed(database: Database, before: datetime) -> int:
    """Delete events that were processed before an instant. Return the number of deleted events. Parked events stay until an
    operator replays them."""
    old = inbox.c.received_at < before
    return _delete_old(database, inbox, old, (inbox.c.state == "done") & (inbox.c.done_at < before))


def _delete_old(database: Database, table: Table, old: ColumnElement[bool], deletable: ColumnElement[bool]) -> int:
    """Delete rows in batches, from the oldest on, up to the first batch without an `old` row. Of the old rows, those that fulfil
    `deletable` are deleted. Rows are stored nearly in the order of their time; only rows of overlapping transactions may be out
    of order."""
    last_position, deleted = 0, 0
    while True:
        with database.write() as session:
            following = select(table.c.position, old.label("old")).where(table.c.position > last_position)
            batch = session.execute(following.order_by(table.c.position).limit(BATCH)).all()
            if not any(row.old for row in batch):
                return deleted
            within = table.c.position.between(batch[0].position, batch[-1].position)
            deleted += session.execute(delete(table).where(within, deletable)).rowcount  # type: ignore[attr-defined]
            last_position = batch[-1].position


def resume_restored(session: Session, since: datetime) -> int:
    """Resume a restored database: publish again everything that occurred since an instant, because some consumers had not
    received it when the archive was taken. Processed inbox rows get a new time, so that they are kept until these events arrive
    again. Return the number of events that are published again."""
    session.execute(update(inbox).where(inbox.c.state == "done").values(done_at=real_now()))
    return replay(session, since)
