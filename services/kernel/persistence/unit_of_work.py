"""One unit of work: who acts, why, and what has happened so far in this transaction. The kernel writes it out at the end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.kernel.clock import Clock
from services.kernel.identity import SYSTEM, Actor
from services.kernel.ids import new_id
from services.kernel.observability import tracing


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event before it has its sequence."""

    id: str
    type: str
    producer: str
    subject: str
    bureau: str
    recommender: str | None
    occurred_at: datetime
    data: dict[str, Any]
    #: Who did it, as it goes into the envelope.
    actor: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log; `before` and `after` are digests of the state."""

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
    """What the current transaction has recorded. It hangs on the session, so that commands need not pass it about."""

    service: str
    clock: Clock
    actor: Actor = SYSTEM
    correlation_id: str = field(default_factory=new_id)
    causation_id: str | None = None
    #: The place in the present trace, where one is kept: it goes along with the events.
    trace: str | None = field(default_factory=tracing.here)
    events: list[RecordedEvent] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)
    #: Whether something was left for the workers of errands.
    has_jobs: bool = False


def current(session: Session) -> UnitOfWork:
    """The unit of work of this session."""
    return session.info["work"]  # type: ignore[no-any-return]


@contextmanager
def as_system(session: Session) -> Iterator[None]:
    """Record what follows by itself as the platform's own act. A case that goes on because the last expert has scored must not
    name that expert in its events, timelines and audit entries."""
    work = current(session)
    who, work.actor = work.actor, SYSTEM
    try:
        yield
    finally:
        work.actor = who


def leave_job(session: Session) -> None:
    """Something in this transaction is to be carried: the workers look for it as soon as it is committed."""
    current(session).has_jobs = True


def digest(state: Any) -> str | None:
    """A SHA-256 over a JSON-able state, for the audit log; None stays None (nothing was there)."""
    if state is None:
        return None
    text = json.dumps(state, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def publish(
    session: Session,
    type: str,
    subject: str,
    data: dict[str, Any],
    *,
    bureau: str,
    recommender: str | None = None,
    origin: str | None = None,
) -> str:
    """Record an event for others, in this transaction, without a line in the audit log. Returns its id."""
    work = current(session)
    happened = RecordedEvent(
        id=new_id(),
        type=type,
        producer=f"{work.service}.{origin}" if origin else work.service,
        subject=subject,
        bureau=bureau,
        recommender=recommender,
        occurred_at=work.clock.now(),
        data=data,
        actor=work.actor.stamp(),
    )
    work.events.append(happened)
    return happened.id


def record_change(
    session: Session,
    type: str,
    subject: str,
    data: dict[str, Any],
    *,
    bureau: str,
    recommender: str | None = None,
    article: str | None = None,
    origin: str | None = None,
    before: Any = None,
    after: Any = None,
) -> str:
    """Record a change of state: an event for others and a line in the audit log, in this transaction.

    `bureau` is the one addressed, `recommender` the case's home bureau, `article` the citation by which it was done,
    `origin` the bureau whose own exchange it leaves by (a service that runs per bureau must say it), `before` and `after`
    the state, digested. Returns the event's id.
    """
    if article:
        data = data | {"article": article}
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
    """A line in the audit log alone: a change nobody else needs to hear of. `before` and `after` are digested here."""
    work = current(session)
    who = work.actor.stamp()
    work.entries.append(
        AuditEntry(
            at=work.clock.now(),
            bureau=bureau,
            actor=who["username"],
            role=who["role"],
            action=action,
            subject=subject,
            article=article,
            before=digest(before),
            after=digest(after),
        )
    )
