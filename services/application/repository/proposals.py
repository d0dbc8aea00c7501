"""Load and store proposals to register consortia of the plan of 2021."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application.domain.proposal import PROPOSED, Proposal
from services.application.repository.register import no_consortium
from services.application.tables import proposed_consortia as table


def find(session: Session, id: str) -> Proposal | None:
    """Return the proposal that has this consortium id; None if no proposal has it."""
    return session.get(Proposal, id)


def lock_proposal(session: Session, id: str) -> Proposal:
    """Lock and return a proposal that is about to be answered. Raises NotFound."""
    row = session.get(Proposal, id, with_for_update=True, populate_existing=True)
    if row is None:
        raise no_consortium()
    return row


def is_proposed(session: Session, lead: str, name: str) -> bool:
    """Return whether a proposal with this lead and this name waits for its answer."""
    waiting = select(table.c.id).where(table.c.lead == lead, table.c.name == name, table.c.status == PROPOSED)
    return session.execute(waiting).first() is not None
