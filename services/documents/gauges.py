"""Gauges of documents: whether their bytes are intact and how long ago that was checked, unfinished uploads, and case files that
are due for disposal or on legal hold."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.documents.repository.case_files import held, overdue
from services.documents.tables import documents, records
from services.kernel.clock import Clock, real_now


def documents_damaged(session: Session) -> dict[tuple[str, ...], float]:
    """Documents whose bytes are missing or changed."""
    return {(): session.execute(select(func.count()).where(documents.c.state == "damaged")).scalar_one()}


def documents_pending(session: Session) -> dict[tuple[str, ...], float]:
    """Uploads started and not completed; they are deleted after a day."""
    return {(): session.execute(select(func.count()).where(documents.c.state == "pending")).scalar_one()}


def documents_unchecked_age_seconds(session: Session) -> dict[tuple[str, ...], float]:
    """Seconds since the last integrity check of the document that was checked longest ago."""
    checked = (documents.c.state == "clean", documents.c.checked_at.is_not(None))
    oldest = select(documents.c.checked_at).where(*checked).order_by(documents.c.checked_at).limit(1)
    at = session.execute(oldest).scalar_one_or_none()
    return {(): max((real_now() - at).total_seconds(), 0.0)} if at else {}


def documents_files_due(session: Session, clock: Clock) -> dict[tuple[str, ...], float]:
    """Case files whose term is over and that no hold keeps; the next sweep disposes of them."""
    return {(): session.execute(select(func.count()).where(overdue(clock.today()), ~held)).scalar_one()}


def documents_files_held(session: Session) -> dict[tuple[str, ...], float]:
    """Case files that a legal hold keeps."""
    return {(): session.execute(select(func.count()).where(records.c.disposed_on.is_(None), held)).scalar_one()}
