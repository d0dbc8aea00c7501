"""Mark messages as read."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.notification_answers import AllReadAnswerDict, NotificationAnswerDict
from services.kernel.clock import Clock
from services.kernel.errors import NotFound
from services.kernel.identity import Actor
from services.notification import repository
from services.notification.domain import audiences_of, shown


def mark_all_read(session: Session, clock: Clock, actor: Actor, *, up_to: str | None) -> AllReadAnswerDict:
    """Mark the account's messages as read. `up_to` is the id of the newest message that the user has seen; later messages stay
    unread. Messages of types that the account has muted are not marked."""
    audiences, muted = audiences_of(actor), repository.preferences_of(session, actor.username)["muted"]
    read = repository.mark_all(session, actor.username, audiences, muted, up_to, clock.now())
    return {"read": read, "unread": repository.count_unread(session, actor.username, audiences, muted)}


def mark_read(session: Session, clock: Clock, actor: Actor, *, id: str) -> NotificationAnswerDict:
    """Mark a message as read for this account, and return the message. It stays unread for other accounts to which it is
    addressed. Raises NotFound if no such message is addressed to the account."""
    row = repository.find(session, id, audiences_of(actor))
    if row is None:
        raise NotFound("no_such_notification", "没有这条消息。", "There is no such message.")
    repository.mark(session, actor.username, id, clock.now())
    return shown(row, repository.preferences_of(session, actor.username)["language"])
