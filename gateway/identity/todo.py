"""The tasks of an account in the service identity: registrations on which its bureau must decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from gateway.identity.tables import registrations
from services.contracts.labels import label
from services.contracts.todo import TaskCounts, Worklist
from services.kernel.clock import Clock
from services.kernel.identity import Actor
from services.kernel.worklist import Entry, Waiting, task_counts, worklist


def todo(session: Session, clock: Clock, actor: Actor) -> Worklist:
    """Query: return the actor's tasks."""
    return worklist(session, clock, _pending_registrations(actor))


def todo_counts(session: Session, clock: Clock, actor: Actor) -> TaskCounts:
    """Query: return the number of the actor's tasks of each kind."""
    return task_counts(session, clock, _pending_registrations(actor))


def _pending_registrations(actor: Actor) -> Iterator[Waiting]:
    """Yield the registrations addressed to the actor's bureau (A6(1)); those of organisations outside Guangxi are addressed to
    the province."""
    if actor.official:
        columns = (registrations.c.id, registrations.c.name, registrations.c.kind)
        pending = select(*columns).where(registrations.c.bureau == actor.bureau, registrations.c.status == "pending")
        yield Waiting("registration", "decide", pending.order_by(registrations.c.id), _registration)


def _registration(row: Row[Any]) -> Entry:
    return Entry(f"registration/{row.id}", row.name, label("organisation_kind", row.kind).to_dict())
