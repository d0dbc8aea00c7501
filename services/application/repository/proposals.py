"""Consortia of the plan of 2021 that are proposed for the register, in the database."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application.domain.proposal import PROPOSED, Proposal
from services.application.repository.register import no_consortium
from services.application.tables import proposed_consortia as table


def find(session: Session, id: str) -> Proposal | None:
    """A proposal by the id of its consortium; None where there is none."""
    return session.get(Proposal, id)


def proposal(session: Session, id: str) -> Proposal:
    """One that is to be answered, locked. Raises NotFound."""
    found = session.get(Proposal, id, with_for_update=True, populate_existing=True)
    if found is None:
        raise no_consortium()
    return found


def is_proposed(session: Session, lead: str, name: str) -> bool:
    """Whether this lead's consortium of this name waits for its answer."""
    waiting = select(table.c.id).where(table.c.lead == lead, table.c.name == name, table.c.status == PROPOSED)
    return session.execute(waiting).first() is not None
