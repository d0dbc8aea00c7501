"""Set how an account wants to be notified."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.notification_answers import ChannelsAnswerDict, PreferencesAnswerDict, QuietHoursAnswerDict
from services.kernel.errors import FieldError, Invalid, Text
from services.kernel.identity import Actor
from services.notification import repository
from services.notification.domain import TYPES


def set_preferences(
    session: Session,
    actor: Actor,
    *,
    language: str | None,
    muted: list[str],
    channels: ChannelsAnswerDict,
    quiet_hours: QuietHoursAnswerDict | None,
    digest: str,
) -> PreferencesAnswerDict:
    """Replace the account's preferences. Raises Invalid if a muted event type has no messages."""
    text = Text("没有这种消息，请从消息类型中选择。", "There is no such message; choose one of the types of messages.")
    errors = tuple(FieldError(f"/muted/{n}", "unknown_type", text) for n, type in enumerate(muted) if type not in TYPES)
    if errors:
        raise Invalid("invalid_input", text.zh, text.en, errors=errors)
    if quiet_hours and quiet_hours["from"] == quiet_hours["to"]:
        quiet_hours = None  # Quiet hours that start and end at the same minute have no length.
    wishes: PreferencesAnswerDict = {
        "language": language,
        "muted": list(dict.fromkeys(muted)),
        "channels": channels,
        "quiet_hours": quiet_hours,
        "digest": digest,
    }
    repository.prefer(session, actor.username, wishes)
    return repository.preferences_of(session, actor.username)
