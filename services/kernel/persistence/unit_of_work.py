"""The unit of work of one transaction: the actor, the cause, and the events and audit entries recorded so far. The runtime writes
the events to the outbox and the entries to the audit log just before the commit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.contracts.payload import JsonObject, Payload
from services.kernel.clock import Clock
from services.kernel.identity import SYSTEM, Actor, Stamp
from services.kernel.ids import new_id
from services.kernel.observability import tracing


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """A recorded event, which gets its sequence number when it is written to the outbox."""

    id: str
    type: str
    producer: str
    subject: str
    bureau: str
    recommender: str | None
    occurred_at: datetime
    data: JsonObject
    #: The actor in the form in which an event's envelope records it.
    actor: Stamp


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the audit log. `before` and `after` are digests of the state before and after the change."""

    at: datetime
    bureau: str
    actor: str
    role: str | None
    action: str
    subject: str
    article: str | None
    before: str | None
    after: str | None


@dataclass(slots=True)
class UnitOfWork:
    """The actor and the cause of the current transaction, and the events and audit entries that it has recorded. The unit of work
    is attached to the session, so that commands need not pass it on."""

    service: str
    clock: Clock
    actor: Actor = SYSTEM
    correlation_id: str = field(default_factory=new_id)
    causation_id: str | None = None
    #: The present `traceparent`, if traces are on; the events contain it.
    trace: str | None = field(default_factory=tracing.current_traceparent)
    events: list[RecordedEvent] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)
    #: Whether the transaction created work for the job workers.
    has_jobs: bool = False


def current(session: Session) -> UnitOfWork:
    """Return the unit of work of this session."""
    return session.info["work"]  # type: ignore[no-any-return]


@contextmanager
def as_system(session: Session) -> Iterator[None]:
    """Record the changes in this block as changes that the platform itself makes. For example, when the last expert's score
    completes a stage, the next step's events, timelines and audit entries must not name the expert."""
    work = current(session)
    actor, work.actor = work.actor, SYSTEM
    try:
        yield
    finally:
        work.actor = actor


def wake_job_workers(session: Session) -> None:
    """Wake the job workers after the commit, because this transaction created work for them."""
    current(session).has_jobs = True


def digest(state: Any) -> str | None:
    """Return the SHA-256 of a JSON-serialisable state, for the audit log; None for None (no state)."""
    if state is None:
        return None
    text = json.dumps(state, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def publish(
    session: Session,
    type: str,
    subject: str,
    data: Payload | JsonObject,
    *,
    bureau: str,
    recommender: str | None = None,
    origin: str | None = None,
) -> str:
    """Record an event in this transaction, without an audit entry. Return its id."""
    work = current(session)
    event = RecordedEvent(
        id=new_id(),
        type=type,
        producer=f"{work.service}.{origin}" if origin else work.service,
        subject=subject,
        bureau=bureau,
        recommender=recommender,
        occurred_at=work.clock.now(),
        data=data.to_dict() if isinstance(data, Payload) else data,
        actor=work.actor.stamp(),
    )
    work.events.append(event)
    return event.id


def record_change(
    session: Session,
    type: str,
    subject: str,
    data: Payload | JsonObject,
    *,
    bureau: str,
    recommender: str | None = None,
    article: str | None = None,
    origin: str | None = None,
    before: Any = None,
    after: Any = None,
) -> str:
    """Record a change of state in this transaction: an event and an audit entry. Return the event's id.

    `bureau` is the bureau to which the event is addressed, `recommender` the case's home bureau, `article` the citation that
    allows the change, `origin` the bureau through whose exchange the event is published (required in a service that runs per
    bureau). `before` and `after` are the states, stored as digests.
    """
    if article:
        data = data.with_header(article=article) if isinstance(data, Payload) else data | {"article": article}
    audit_only(session, type, subject, bureau=origin or bureau, article=article, before=before, after=after)
    return publish(session, type, subject, data, bureau=bureau, recommender=recommender, origin=origin)


def audit_only(
    session: Session,
    action: str,
    subject: str,
    *,
    bureau: str,
    article: str | None = None,
    before: Any = None,
    after: Any = None,
) -> None:
    """Record a change that no other service needs to know: an audit entry without an event. `before` and `after` are stored as
    digests."""
    work = current(session)
    stamp = work.actor.stamp()
    work.entries.append(
        AuditEntry(
            at=work.clock.now(),
            bureau=bureau,
            actor=stamp["username"],
            role=stamp["role"],
            action=action,
            subject=subject,
            article=article,
            before=digest(before),
            after=digest(after),
        )
    )
