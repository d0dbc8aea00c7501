"""Load and store verifications of organisations' facts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application.domain.verification import Verification
from services.application.repository.legal_holds import verification_held
from services.application.tables import verifications as table


def in_force(session: Session, codes: Iterable[str]) -> dict[str, dict[str, Verification]]:
    """Return the verifications in force: organisation → fact → verification. A command that changes verifications must lock the
    organisation first."""
    statement = select(Verification).where(table.c.uscc.in_(set(codes)), table.c.ended_at.is_(None)).order_by(table.c.id)
    verifications_by_unit: dict[str, dict[str, Verification]] = {}
    for verification in session.scalars(statement):
        verifications_by_unit.setdefault(verification.uscc, {})[verification.fact] = verification
    return verifications_by_unit


def of_organisation(session: Session, code: str) -> dict[str, Verification]:
    """Return the verifications in force of one organisation, by fact."""
    return in_force(session, [code]).get(code, {})


def ended_before(session: Session, instant: datetime, limit: int) -> list[str]:
    """Return the ids of verifications that ended before an instant and that no legal hold keeps, the oldest first, at most
    `limit`."""
    statement = select(table.c.id).where(table.c.ended_at < instant, ~verification_held)
    return list(session.scalars(statement.order_by(table.c.ended_at, table.c.id).limit(limit)))


def is_held(session: Session, id: str) -> bool:
    """Return whether a legal hold keeps the verification."""
    return bool(session.scalar(select(verification_held).where(table.c.id == id)))
