"""Queries about an account's messages and preferences."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.notification_answers import NotificationPageDict, PreferencesAnswerDict, UnreadCountDict
from services.kernel.identity import Actor
from services.notification import repository
from services.notification.domain import audiences_of, shown


def list_notifications(
    session: Session, actor: Actor, *, unread: bool | None, type: str | None = None, limit: int, cursor: str | None
) -> NotificationPageDict:
    """Return one page of the account's messages, the newest first, with the total number of unread ones. `unread` (true or false)
    and `type` filter the page. Messages of muted types are left out."""
    wishes, audiences = repository.preferences_of(session, actor.username), audiences_of(actor)
    rows, next_cursor = repository.inbox(
        session, actor.username, audiences, muted=wishes["muted"], unread=unread, type=type, limit=limit, cursor=cursor
    )
    return {
        "items": [shown(row, wishes["language"]) for row in rows],
        "next_cursor": next_cursor,
        "unread": repository.count_unread(session, actor.username, audiences, wishes["muted"]),
    }


def unread_count(session: Session, actor: Actor) -> UnreadCountDict:
    """Return the number of unread messages of the account, at most 1,000. Messages of muted types are left out."""
    muted = repository.preferences_of(session, actor.username)["muted"]
    return {"unread": repository.count_unread(session, actor.username, audiences_of(actor), muted)}


def get_preferences(session: Session, actor: Actor) -> PreferencesAnswerDict:
    """Return the account's preferences. `language` None means that the language of each request is used; `muted` are event
    types."""
    return repository.preferences_of(session, actor.username)
