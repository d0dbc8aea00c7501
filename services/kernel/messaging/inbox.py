"""The inbox. Each event is stored once, reactions run in order per subject, and each reaction takes effect exactly once.

A service that runs per bureau stores an event once for each bureau that receives it: the bureau addressed and the province. When
a bureau moves to another database, exactly the events that it received move with it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Row, bindparam, cast, column, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.contracts.payload import JsonObject
from services.kernel.clock import real_now
from services.kernel.messaging.envelope import Event
from services.kernel.persistence.tables import inbox
from services.kernel.persistence.typed_rows import typed_row
from services.kernel.retry_policy import RetryPolicy

#: The number of waiting events from which on new events are only stored, and are processed after the waiting ones.
BACKLOG = 1000


@dataclass(frozen=True, slots=True)
class Received:
    """An event that a worker has claimed, and the number of times that its reaction has failed before (`attempts`)."""

    position: int
    attempts: int
    event: Event[JsonObject]
    bureau: str | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as it arrived: the parsed event, its original text (which is stored) and, if the service has one queue per bureau,
    the bureau on whose queue it arrived."""

    event: Event[JsonObject]
    text: str
    bureau: str | None = None

    @classmethod
    def of(cls, body: str | bytes, bureau: str | None = None) -> Arrival:
        """Parse an arriving message. Raises ValueError, KeyError or TypeError if it is not an event."""
        text = body.decode() if isinstance(body, bytes) else body
        return cls(Event.from_json(text), text, bureau)

    @property
    def for_other_bureau(self) -> bool:
        """Return whether the event arrived on the queue of another bureau than the one to which it is addressed."""
        return self.bureau not in (None, self.event.bureau)

    @property
    def id(self) -> str:
        """Return the event's key in the inbox: its own id or, for an event that is addressed to another bureau, an id derived
        from the event's id and the receiving bureau."""
        if self.for_other_bureau:
            return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.event.id}@{self.bureau}"))
        return self.event.id


def receive(session: Session, arrivals: Sequence[Arrival], *, reacting: bool) -> tuple[list[Arrival], int]:
    """Store new events; those that are stored already are skipped. Return the new events that the caller must react to in this
    transaction, in order per subject, and the number of new events that must be fetched with `claim` later. If `reacting` is
    false, all new events must; if it is true, those whose subject already has waiting events."""
    waiting_subjects = _waiting_subjects(session) if reacting else None
    already_received = _received_for_all(session, arrivals)
    now = real_now()
    rows, arrivals_by_id = [], {}
    for arrival in arrivals:
        event, id = arrival.event, arrival.id
        if event.id in already_received:
            continue
        ready = waiting_subjects is not None and (event.producer, event.subject, arrival.bureau) not in waiting_subjects
        arrivals_by_id[id] = arrival
        rows.append(
            {
                "id": id,
                "type": event.type,
                "producer": event.producer,
                "subject": event.subject,
                "sequence": event.sequence,
                # The body of a processed event is not stored here: it can be read in its producer's outbox.
                "body": "" if ready else arrival.text,
                "received_at": now,
                "state": "done" if ready else "pending",
                "next_attempt_at": now,
                "done_at": now if ready else None,
                "bureau": arrival.bureau,
            }
        )
    if not rows:
        return [], 0
    new = _insert(session, rows)
    immediate = [arrivals_by_id[row.id] for row in new if row.state == "done"]
    return sorted(immediate, key=lambda arrival: arrival.event.sequence), len(new) - len(immediate)


def _waiting_subjects(session: Session) -> set[tuple[str, str, str | None]] | None:
    """Return the (producer, subject, bureau) keys of events that wait for `claim`; None if there are too many to list."""
    columns = (inbox.c.producer, inbox.c.subject, inbox.c.bureau)
    pending = select(*columns).where(inbox.c.state == "pending").order_by(inbox.c.position)
    rows = session.execute(pending.limit(BACKLOG)).all()
    return None if len(rows) == BACKLOG else {(row.producer, row.subject, row.bureau) for row in rows}


def _received_for_all(session: Session, arrivals: Sequence[Arrival]) -> set[str]:
    """Return the ids of events for other bureaus that an earlier version, which did not distinguish bureaus, stored once for all
    of them."""
    for_other_bureaus = [arrival.event.id for arrival in arrivals if arrival.for_other_bureau]
    if not for_other_bureaus:
        return set()
    return set(session.execute(select(inbox.c.id).where(inbox.c.id.in_(for_other_bureaus), inbox.c.bureau.is_(None))).scalars())


def _insert(session: Session, rows: Sequence[Mapping[str, object]]) -> Sequence[Row[Any]]:
    """Insert the rows into the inbox, except those that exist already. Return the inserted ones with their state."""
    if session.get_bind().dialect.name == "sqlite":
        return session.execute(_ARRIVE, rows).all()
    # All rows are sent as one JSON value: a statement with a placeholder for each field takes longer to parse than to run.
    as_json = json.dumps(rows, ensure_ascii=False, default=datetime.isoformat)
    return session.execute(_ARRIVE_AS_JSON, {"rows": as_json}).all()


_COLUMNS = (
    "id",
    "type",
    "producer",
    "subject",
    "sequence",
    "body",
    "received_at",
    "state",
    "next_attempt_at",
    "done_at",
    "bureau",
)
_ARRIVE = sqlite.insert(inbox).on_conflict_do_nothing(index_elements=[inbox.c.id]).returning(inbox.c.id, inbox.c.state)
_as_rows = func.json_to_recordset(cast(bindparam("rows"), postgresql.JSON)).table_valued(
    *(column(name, inbox.c[name].type) for name in _COLUMNS)
)
_ARRIVE_AS_JSON = (
    postgresql.insert(inbox)
    .from_select(_COLUMNS, select(_as_rows.render_derived(with_types=True)))
    .on_conflict_do_nothing(index_elements=[inbox.c.id])
    .returning(inbox.c.id, inbox.c.state)
)


def claim(session: Session, limit: int, bureaus: Collection[str] | None = None) -> list[Received]:
    """Claim the next events to react to, at most one per (producer, subject), and lock them against other workers. `bureaus`:
    claim only events received for these bureaus, in a service that runs per bureau.

    An event waits while an earlier one of the same producer and subject is pending, so a failing event delays only its own
    subject. A gap in the sequence delays nothing: the missing event was deleted or never existed.
    """
    earlier = inbox.alias("earlier")
    blocked = exists().where(
        earlier.c.subject == inbox.c.subject,
        earlier.c.producer == inbox.c.producer,
        earlier.c.sequence < inbox.c.sequence,
        earlier.c.state == "pending",
        earlier.c.bureau.is_not_distinct_from(inbox.c.bureau),
    )
    statement = (
        select(inbox.c.position, inbox.c.attempts, inbox.c.body, inbox.c.bureau)
        .where(inbox.c.state == "pending", inbox.c.next_attempt_at <= real_now(), ~blocked)
        .order_by(inbox.c.position)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if bureaus is not None:
        statement = statement.where(or_(inbox.c.bureau.is_(None), inbox.c.bureau.in_(bureaus)))
    rows = session.execute(statement)
    return [Received(row.position, row.attempts, Event.from_json(row.body), row.bureau) for row in rows]


def finish(session: Session, received: Sequence[Received]) -> None:
    """Mark these events as processed."""
    session.execute(
        update(inbox)
        .where(inbox.c.position.in_([item.position for item in received]))
        .values(state="done", done_at=real_now(), error=None, body="")
    )


def fail(session: Session, received: Received, error: str, policy: RetryPolicy) -> bool:
    """Record that the reaction to an event failed: schedule another try, or park the event if the retry policy allows no more
    tries. Return whether it was parked. An event that another worker has processed in the meantime stays processed."""
    failures = received.attempts + 1
    next_try = policy.next_try(failures, real_now())
    values: dict[str, object] = {"attempts": failures, "error": error}
    values |= {"state": "parked"} if next_try is None else {"next_attempt_at": next_try}
    this_event = (inbox.c.position == received.position, inbox.c.state == "pending")
    session.execute(update(inbox).where(*this_event).values(**values))
    return next_try is None


class ParkedRow(TypedDict):
    """A parked event: the columns that `parked` reads. `body`: the event as it arrived."""

    id: str
    type: str
    subject: str
    attempts: int
    error: str | None
    received_at: datetime
    body: str


def parked(session: Session, event_id: str | None = None) -> list[ParkedRow]:
    """Return the parked events with their errors, the oldest first; or, if an id is given, only the parked event with this id."""
    names = ("id", "type", "subject", "attempts", "error", "received_at", "body")
    statement = select(*(inbox.c[name] for name in names)).where(inbox.c.state == "parked").order_by(inbox.c.position)
    if event_id:
        statement = statement.where(inbox.c.id == event_id)
    return [typed_row(ParkedRow, row) for row in session.execute(statement)]


def unpark(session: Session, event_ids: Sequence[str]) -> int:
    """Make parked events pending again, with the full number of tries. Return the number of these events."""
    result = session.execute(
        update(inbox)
        .where(inbox.c.id.in_(event_ids), inbox.c.state == "parked")
        .values(state="pending", attempts=0, next_attempt_at=bindparam("now", real_now()))
    )
    return result.rowcount  # type: ignore[attr-defined, no-any-return]


def erase_bodies(session: Session, type: str, subject: str) -> None:
    """Empty the bodies of events about a person whose data is erased. Their ids stay, so that the events are not received again.
    Parked events are marked as processed, because another try would restore the erased data."""
    of_person = (inbox.c.type == type, inbox.c.subject == subject, inbox.c.state.in_(("done", "parked")))
    done_at = func.coalesce(inbox.c.done_at, bindparam("now", real_now()))
    session.execute(update(inbox).where(*of_person).values(body="{}", state="done", error=None, done_at=done_at))
