"""What an account has been told, and how it wants to be told."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.kernel.identity import Actor
from services.notification import repository
from services.notification.domain import audiences_of, shown


def list_notifications(session: Session, actor: Actor, *, unread: bool | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the account's messages, newest first; `unread` true or false narrows it. Muted types are left out."""
    wishes = repository.preferences_of(session, actor.username)
    rows, next_cursor = repository.inbox(
        session, actor.username, audiences_of(actor), muted=wishes["muted"], unread=unread, limit=limit, cursor=cursor
    )
    return {"items": [shown(row, wishes["language"]) for row in rows], "next_cursor": next_cursor}


def get_preferences(session: Session, actor: Actor) -> dict[str, Any]:
    """The account's preferences: `language` null is the request's, `muted` are event types."""
    return repository.preferences_of(session, actor.username)
