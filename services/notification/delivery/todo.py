"""The operator's tasks in this service: failed letters, and parked events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from services.contracts.labels import label
from services.contracts.todo import TaskCounts, Worklist
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.kernel.worklist import Entry, Waiting, parked_events, task_counts, worklist
from services.notification.delivery import confidential
from services.notification.delivery.letter import LetterState
from services.notification.tables import letters


def todo(session: Session, clock: Clock, actor: Actor) -> Worklist:
    """Query: return the actor's tasks. Only operators have tasks here."""
    return worklist(session, clock, _waiting(actor))


def todo_counts(session: Session, clock: Clock, actor: Actor) -> TaskCounts:
    """Query: return how many tasks of each kind the actor has."""
    return task_counts(session, clock, _waiting(actor))


def _waiting(actor: Actor) -> Iterator[Waiting]:
    if not actor.has("operator"):
        return
    columns = (letters.c.id, letters.c.type, letters.c.channel)
    failed = (
        select(*columns)
        .where(letters.c.state == LetterState.FAILED, letters.c.type.not_in(confidential.TYPES))
        .order_by(letters.c.id.desc())
    )
    yield Waiting("letter", "retry", failed, _letter)
    yield parked_events(lambda type: label("event", type).to_dict())


def _letter(row: Row[Any]) -> Entry:
    return Entry(f"letter/{row.id}", label("event", row.type).to_dict(), label("letter_channel", row.channel).to_dict())
