"""The feed: all events that other systems may read, in one fixed order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from services.contracts.notification_answers import FeedPageDict
from services.contracts.payload import JsonObject
from services.kernel.clock import real_now
from services.kernel.errors import Conflict, Forbidden
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.envelope import Event
from services.kernel.persistence.database import insert_into
from services.kernel.persistence.paging import decode_cursor, encode_cursor
from services.kernel.persistence.tables import sequences
from services.kernel.persistence.unit_of_work import wake_job_workers
from services.kernel.settings import Settings
from services.notification.tables import feed
from services.notification.webhooks.public_event import PUBLIC, cloud_event, of_draft, placed

#: The most positions that are scanned for one page. A reader of rare events may get a page with few events or none; the page's
#: cursor still moves on.
WINDOW = 5000
#: The most events that get their positions in one transaction.
BATCH = 1000
#: The number of positions that are skipped after a restore. It is larger than the number of positions that can have been assigned
#: since the restored backup was made.
LEAP = 100_000
#: Days for which an event stays in the feed.
KEPT_DAYS = 90
#: The key of the PostgreSQL advisory lock that allows only one process to assign positions at a time.
_NUMBERING = 0x6665_6564


def record(session: Session, settings: Settings, event: Event[JsonObject]) -> None:
    """Reaction to every event that other systems may read: store it in the feed. Its position is assigned after the commit."""
    if of_draft(event):
        return
    row = {
        "id": event.id,
        "type": event.type,
        "subject": event.subject,
        "bureau": event.bureau,
        "recommender": event.recommender,
        "public": event.type in PUBLIC,
        "body": cloud_event(event, settings.public_url),
        "recorded_at": real_now(),
    }
    session.execute(insert_into(session.get_bind().dialect.name, feed).values(**row).on_conflict_do_nothing())
    wake_job_workers(session)


def number_feed(session: Session) -> None:
    """Assign positions to new events. Only one process at a time does so. Transactions commit in another order than they start:
    if each transaction assigned a position to its own event, an event could appear at a position that a reader has passed
    already."""
    if session.get_bind().dialect.name == "postgresql":
        locked = session.execute(sql("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _NUMBERING}).scalar_one()
        if not locked:
            return
    last = max(last_position(session), _last_given(session))
    arrived = select(feed.c.arrived).where(feed.c.position.is_(None)).order_by(feed.c.arrived).limit(BATCH).subquery()
    numbered = select(arrived.c.arrived, (func.row_number().over(order_by=arrived.c.arrived) + last).label("place")).subquery()
    session.execute(
        update(feed).where(feed.c.arrived == numbered.c.arrived).values(position=numbered.c.place),
        execution_options={"synchronize_session": False},
    )


def skip_positions(session: Session) -> None:
    """After a restore, skip the positions that may have been assigned since the backup. Otherwise a reader that has read up to
    such a position would miss the new events that get the same positions."""
    position = last_position(session) + LEAP
    row = {"producer": "notification", "subject": "feed", "last": position}
    session.execute(
        insert_into(session.get_bind().dialect.name, sequences)
        .values(row)
        .on_conflict_do_update(index_elements=[sequences.c.producer, sequences.c.subject], set_={"last": position})
    )


def _last_given(session: Session) -> int:
    conditions = (sequences.c.producer == "notification", sequences.c.subject == "feed")
    return session.execute(select(sequences.c.last).where(*conditions)).scalar_one_or_none() or 0


def last_position(session: Session) -> int:
    """Return the newest position in the feed."""
    return session.execute(select(func.max(feed.c.position))).scalar_one() or 0


def between(bureau: str | None, types: Sequence[str], after: int, up_to: int) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that select the events which a bureau's systems may read between two positions. `bureau` None:
    systems without a bureau."""
    readable: list[ColumnElement[bool]] = [feed.c.public.is_(True)]
    if bureau is not None:
        readable += [feed.c.bureau == bureau, feed.c.recommender == bureau]
    # The province reads all events, except those of an application that has not reached the province yet.
    if bureau == PROVINCE:
        readable.append(feed.c.subject.not_like("application/%"))
    conditions = [feed.c.position > after, feed.c.position <= up_to, or_(*readable)]
    if types:
        conditions.append(or_(*(_of_type(pattern) for pattern in types)))
    return tuple(conditions)


def _of_type(pattern: str) -> ColumnElement[bool]:
    """Return the condition for events of a type; `application.*` selects every type with that prefix."""
    return feed.c.type.startswith(pattern[:-1], autoescape=True) if pattern.endswith("*") else feed.c.type == pattern


def read_events(
    session: Session, actor: Actor, *, types: list[str], of_bureau: str | None, limit: int, cursor: str | None
) -> FeedPageDict:
    """Return one page of the feed, the oldest first, always with the next cursor. `more` is false at the end. `of_bureau` limits
    the page to one bureau's cases. Raises Conflict if events after the cursor are no longer kept."""
    after, last = place_of(session, cursor), last_position(session)
    up_to = min(after + WINDOW, last)
    statement = select(feed.c.position, feed.c.body).where(*between(bureau_of(actor), types, after, up_to))
    if of_bureau is not None:
        statement = statement.where(or_(feed.c.bureau == of_bureau, feed.c.recommender == of_bureau))
    rows = session.execute(statement.order_by(feed.c.position).limit(limit)).all()
    cursor_position = rows[-1].position if len(rows) == limit else max(up_to, after)
    return {
        "items": [placed(row.body, row.position) for row in rows],
        "next_cursor": encode_cursor([cursor_position]),
        "more": cursor_position < last,
    }


def bureau_of(actor: Actor) -> str | None:
    """Return the bureau whose events an account may read: the bureau of an official or of a portal. Raises Forbidden for other
    roles."""
    if not actor.has("portal", "officer", "chief"):
        raise Forbidden(
            "role_required",
            "只有主管部门及其门户可以读取事件。",
            "Events are for bureaus and their portals.",
            roles=["portal", "officer", "chief"],
        )
    return actor.bureau


def place_of(session: Session, cursor: str | None) -> int:
    """Return the position in a cursor; without a cursor, the position before the oldest event that is still in the feed. Raises
    Conflict if events after the cursor's position are no longer in the feed."""
    if cursor is None:
        return _first(session) - 1
    position = int(decode_cursor(cursor, [int])[0])
    require_kept(session, position)
    return position


def require_kept(session: Session, position: int) -> None:
    """Raise Conflict if events after this position are no longer kept."""
    if position + 1 < _first(session):
        raise Conflict(
            "cursor_gone",
            f"此处之后的事件已超过 {KEPT_DAYS} 天，不再保留；请重新读取全部数据，再从最新位置继续。",
            f"Events after this place are older than {KEPT_DAYS} days and gone; read all again, then go on from the newest.",
        )


def _first(session: Session) -> int:
    return session.execute(select(func.min(feed.c.position))).scalar_one() or 1


def older_than(instant: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that select events which were recorded before an instant and may be deleted. The newest event is
    never deleted, because the next position is counted from it and a position must never be assigned twice."""
    return feed.c.recorded_at < instant, feed.c.position < select(func.max(feed.c.position)).scalar_subquery()


def drop_before(session: Session, instant: datetime) -> None:
    """Delete the events recorded before an instant."""
    session.execute(delete(feed).where(*older_than(instant)), execution_options={"synchronize_session": False})
