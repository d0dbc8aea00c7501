"""Load and store the published versions of the policy."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.contracts.payload import JsonObject
from services.evaluation.tables import policies as table
from services.kernel.persistence.database import insert_into


def published(session: Session, known: Collection[str]) -> list[JsonObject]:
    """Return the documents of the published policy versions whose references are not in `known`."""
    return list(session.scalars(select(table.c.document).where(table.c.ref.not_in(known))))


def keep(session: Session, ref: str, document: JsonObject, at: datetime) -> None:
    """Store a published policy version. A version never changes, so a second delivery of the same event changes nothing."""
    row = {"ref": ref, "document": document, "published_at": at}
    session.execute(insert_into(session.get_bind().dialect.name, table).values(**row).on_conflict_do_nothing())
