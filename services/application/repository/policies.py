"""Load and store versions of the policy."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session

from services.application.repository.dialect import upsert
from services.application.tables import policies as table
from services.application.tables import policy_previews
from services.contracts.payload import JsonObject
from services.kernel.errors import NotFound


def published(session: Session, known: Collection[str]) -> list[JsonObject]:
    """Return the documents of the published versions whose references are not in `known`."""
    statement = select(table.c.document).where(table.c.status == "published", table.c.ref.not_in(known))
    return list(session.scalars(statement))


def version(session: Session, ref: str, *, lock: bool = False) -> Row[Any]:
    """Return a version that was drafted on this platform. Raises NotFound."""
    statement = select(table).where(table.c.ref == ref)
    row = session.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise no_policy()
    return row


def no_policy() -> NotFound:
    return NotFound("no_such_policy", "没有这一政策版本。", "There is no such version of the policy.")


def drafted(session: Session) -> list[Row[Any]]:
    """Return every version that was drafted on this platform."""
    return list(session.execute(select(table).order_by(table.c.drafted_at)))


def keep_draft(session: Session, row: dict[str, object]) -> None:
    """Store a draft; it replaces an earlier draft of the same version."""
    statement = upsert(session, table).values(**row)
    session.execute(statement.on_conflict_do_update(index_elements=[table.c.ref], set_=row))


def preview_by(session: Session, ref: str, etag: str, account: str) -> Row[Any] | None:
    """Return an account's preview of the text with this digest."""
    key = {"policy": ref, "etag": etag, "previewed_by": account}
    return session.execute(select(policy_previews).filter_by(**key)).one_or_none()


def complete_preview(session: Session, ref: str, etag: str) -> Row[Any] | None:
    """Return the newest preview of the text with this digest that covers all open applications."""
    complete = select(policy_previews).filter_by(policy=ref, etag=etag, next_cursor=None)
    return session.execute(complete.order_by(policy_previews.c.previewed_at.desc()).limit(1)).one_or_none()


def is_preview_begun(session: Session, ref: str, etag: str) -> bool:
    """Return whether an account has read at least a page of a preview of the text with this digest."""
    return session.execute(select(exists(select(policy_previews).filter_by(policy=ref, etag=etag)))).scalar_one()


def keep_preview(session: Session, row: dict[str, object]) -> None:
    """Store an account's preview of one text of a draft; it replaces this account's earlier preview of the same text."""
    statement = upsert(session, policy_previews).values(**row)
    key = [column.name for column in policy_previews.primary_key]
    session.execute(statement.on_conflict_do_update(index_elements=key, set_=row))
