"""Events arrive in the inbox: each id once, each subject in order, each effect exactly once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from services.kernel.clock import real_now
from services.kernel.database import insert_into
from services.kernel.envelope import Event
from services.kernel.tables import inbox


@dataclass(frozen=True, slots=True)
class Received:
    """An event in hand, and how often it failed before."""

    position: int
    attempts: int
    event: Event


def receive(session: Session, bodies: Iterable[str | bytes]) -> int:
    """Take events in; those already here are passed over. Returns how many were new."""
    now = real_now()
    rows = []
    for body in bodies:
        text = body.decode() if isinstance(body, bytes) else body
        event = Event.from_json(text)
        rows.append(
            {
                "id": event.id,
                "type": event.type,
                "producer": event.producer,
                "subject": event.subject,
                "sequence": event.sequence,
                "body": text,
                "received_at": now,
                "next_attempt_at": now,
            }
        )
    if not rows:
        return 0
    statement = insert_into(session.get_bind().dialect.name, inbox).values(rows)
    return session.execute(statement.on_conflict_do_nothing(index_elements=[inbox.c.id])).rowcount  # type: ignore[attr-defined, no-any-return]


def claim(session: Session, limit: int) -> list[Received]:
    """The next events to react to, at most one per (producer, subject), locked against other workers.

    An event waits while an earlier one of its producer and subject is pending, so a failing one holds back its own
    subject and nobody else's. Gaps are not waited for: what is not here cannot be earlier."""
    earlier = inbox.alias("earlier")
    blocked = exists().where(
        earlier.c.subject == inbox.c.subject,
        earlier.c.producer == inbox.c.producer,
        earlier.c.sequence < inbox.c.sequence,
        earlier.c.state == "pending",
    )
    statement = (
        select(inbox.c.position, inbox.c.attempts, inbox.c.body)
        .where(inbox.c.state == "pending", inbox.c.next_attempt_at <= real_now(), ~blocked)
        .order_by(inbox.c.position)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Received(row.position, row.attempts, Event.from_json(row.body)) for row in session.execute(statement)]


def finish(session: Session, received: Sequence[Received]) -> None:
    """These have had their effect."""
    session.execute(
        update(inbox)
        .where(inbox.c.position.in_([item.position for item in received]))
        .values(state="done", done_at=real_now(), error=None)
    )


def fail(session: Session, received: Received, error: str, delays: Sequence[float]) -> bool:
    """Try it again later, or park it when the delays (seconds) are used up. Returns whether it was parked."""
    parked = received.attempts >= len(delays)
    values: dict[str, Any] = {"attempts": received.attempts + 1, "error": error}
    if parked:
        values["state"] = "parked"
    else:
        values["next_attempt_at"] = real_now() + timedelta(seconds=delays[received.attempts])
    session.execute(update(inbox).where(inbox.c.position == received.position).values(**values))
    return parked


def next_due(session: Session) -> datetime | None:
    """When the earliest pending event may be tried; None when nothing waits."""
    return session.execute(
        select(inbox.c.next_attempt_at).where(inbox.c.state == "pending").order_by(inbox.c.next_attempt_at).limit(1)
    ).scalar_one_or_none()


def parked(session: Session, event_id: str | None = None) -> list[dict[str, Any]]:
    """The parked events with their errors, oldest first; or the one with this id."""
    columns = (
        inbox.c.id,
        inbox.c.type,
        inbox.c.subject,
        inbox.c.attempts,
        inbox.c.error,
        inbox.c.received_at,
        inbox.c.body,
    )
    statement = select(*columns).where(inbox.c.state == "parked").order_by(inbox.c.position)
    if event_id:
        statement = statement.where(inbox.c.id == event_id)
    return [dict(row._mapping) for row in session.execute(statement)]


def unpark(session: Session, event_ids: Sequence[str]) -> int:
    """Give parked events a fresh start."""
    result = session.execute(
        update(inbox)
        .where(inbox.c.id.in_(event_ids), inbox.c.state == "parked")
        .values(state="pending", attempts=0, next_attempt_at=bindparam("now", real_now()))
    )
    return result.rowcount  # type: ignore[attr-defined, no-any-return]
