"""What is kept for how long of the mechanism's own tables, and what a database remembers of its backups."""

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

#: Rows looked at, and dropped, in one transaction.
BATCH = 1000

log = logging.getLogger(__name__)


def record_backup(session: Session, what: str, archive: str, at: datetime) -> None:
    """Remember the archive (by its digest) that this database was last saved to (`backup`) or came from (`restore`)."""
    statement = insert_into(session.get_bind().dialect.name, keeping).values(what=what, archive=archive, at=at)
    session.execute(statement.on_conflict_do_update(index_elements=[keeping.c.what], set_={"archive": archive, "at": at}))


def last_backup(session: Session) -> datetime | None:
    """The instant of the newest complete archive; None when there is none."""
    return session.execute(select(keeping.c.at).where(keeping.c.what == "backup")).scalar_one_or_none()


def restored_from(session: Session) -> str | None:
    """The digest of the archive this database came from."""
    return session.execute(select(keeping.c.archive).where(keeping.c.what == "restore")).scalar_one_or_none()


def forget(database: Database, settings: Settings, now: datetime) -> None:
    """Drop what nobody will ask for again. `now` is the domain's clock, by which events occurred; receipts go by the real one. A
    demonstration's date only moves on, so that receipts outlive what may be sent again there too."""
    gone = forget_outbox(database, now - timedelta(days=int(settings.outbox_days)))
    known = forget_inbox(database, real_now() - timedelta(days=int(settings.inbox_days)))
    if gone or known:
        log.info("%d published events and %d receipts are forgotten", gone, known)


def forget_outbox(database: Database, before: datetime) -> int:
    """Drop published events that occurred before an instant; how many."""
    old = outbox.c.occurred_at < before
    return _forget(database, outbox, old, old & outbox.c.published_at.is_not(None))


def forget_inbox(database: Database, before: datetime) -> int:
    """Drop what had its effect before an instant; how many. What is parked stays until somebody has looked at it."""
    old = inbox.c.received_at < before
    return _forget(database, inbox, old, (inbox.c.state == "done") & (inbox.c.done_at < before))


def _forget(database: Database, table: Table, old: ColumnElement[bool], goes: ColumnElement[bool]) -> int:
    """From the oldest on, a batch a transaction, up to the first batch in which nothing is old: rows come in the order of
    their positions, but for moments."""
    place, dropped = 0, 0
    while True:
        with database.write() as session:
            here = select(table.c.position, old.label("old")).where(table.c.position > place)
            batch = session.execute(here.order_by(table.c.position).limit(BATCH)).all()
            if not any(row.old for row in batch):
                return dropped
            within = table.c.position.between(batch[0].position, batch[-1].position)
            dropped += session.execute(delete(table).where(within, goes)).rowcount  # type: ignore[attr-defined]
            place = batch[-1].position


def go_on(session: Session, since: datetime) -> int:
    """A restored database goes on: what occurred since an instant is published again, for whoever had not received it at the
    archive's instant; what was received here counts as received now, so that it is not forgotten before it comes again. Returns
    how many events are published again."""
    session.execute(update(inbox).where(inbox.c.state == "done").values(done_at=real_now()))
    return replay(session, since)
