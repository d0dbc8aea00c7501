"""The requests and answers of the notification service. It publishes no events."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from services.contracts.common import Answer, Body, EventType, Flag, Page, code, one_of, page_of, text
from services.contracts.text_fields import matching

EVENTS: dict[str, EventType] = {}


def clock_time(**kwargs: Any) -> fields.String:
    return matching(
        "([01][0-9]|2[0-3]):[0-5][0-9]", "bad_time", "请填写 HH:MM，例如 22:00。", "Give HH:MM, such as 22:00.", **kwargs
    )


class NotificationsPage(Page):
    """The query of the list of messages."""

    unread = fields.Boolean(load_default=None, metadata={"description": "only unread ones, or only read ones"})
    type = code(80, load_default=None, metadata={"description": "only those of one type of event"})


class AboutAnswer(Answer):
    kind = fields.String(required=True)
    id = fields.String(required=True)


class NotificationAnswer(Answer):
    """A message to an account. `type` is the type of the event that caused the message, `subject` the object that the message
    links to, and `about` the same object as kind and id."""

    id = fields.String(required=True)
    type = fields.String(required=True)
    subject = fields.String(required=True)
    about = fields.Nested(AboutAnswer, required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    occurred_at = fields.AwareDateTime(required=True)
    read = fields.Boolean(required=True)


class NotificationPage(page_of(NotificationAnswer)):  # type: ignore[misc]
    """One page of messages. `unread`: the number of unread messages, at most 1,000."""

    unread = fields.Integer(required=True)


class UnreadCount(Answer):
    """The number of unread messages, at most 1,000."""

    unread = fields.Integer(required=True)


class AllRead(Body):
    """The request to mark messages as read. `up_to`: the id of the newest message that was shown; later messages stay unread."""

    up_to = code(36, load_default=None, allow_none=True)


class AllReadAnswer(UnreadCount):
    """The answer to the request to mark messages as read. `read`: the number of messages that were marked."""

    read = fields.Integer(required=True)


class Channels(Body):
    """The channels that an account uses in addition to the platform itself. Only urgent messages are sent by SMS."""

    email = Flag(load_default=True)
    sms = Flag(load_default=False)


class QuietHours(Body):
    """The hours, in Beijing time, in which no message is sent; they include midnight if `from` is later than `to`."""

    from_ = clock_time(required=True, data_key="from", attribute="from")
    to = clock_time(required=True)


class ChannelsAnswer(Answer):
    email = fields.Boolean(required=True)
    sms = fields.Boolean(required=True)


class QuietHoursAnswer(Answer):
    from_ = fields.String(required=True, data_key="from", attribute="from")
    to = fields.String(required=True)


class Preferences(Body):
    """An account's choices for notifications. `language` null: the language of the request is used. `muted`: the types of events
    about which it wants no message."""

    language = one_of("zh", "en", of="language", required=True, allow_none=True)
    muted = fields.List(code(80), required=True)
    channels = fields.Nested(Channels, load_default=lambda: {"email": True, "sms": False})
    quiet_hours = fields.Nested(QuietHours, load_default=None, allow_none=True)
    digest = one_of("none", "daily", "weekly", of="digest", load_default="none")


class PreferencesAnswer(Answer):
    language = fields.String(required=True, allow_none=True)
    muted = fields.List(fields.String(), required=True)
    channels = fields.Nested(ChannelsAnswer, required=True)
    quiet_hours = fields.Nested(QuietHoursAnswer, required=True, allow_none=True)
    digest = fields.String(required=True)


class LetterQuery(Page):
    state = one_of("waiting", "sent", "failed", of="letter_state", load_default=None)
    channel = one_of("email", "sms", of="letter_channel", load_default=None)


class LetterAnswer(Answer):
    """One e-mail or SMS to an account. `to` is masked; `code` gives the reason of a failed delivery."""

    id = fields.String(required=True)
    account = fields.String(required=True)
    channel = one_of("email", "sms", of="letter_channel", required=True)
    type = fields.String(required=True)
    state = one_of("waiting", "sent", "failed", of="letter_state", required=True)
    tries = fields.Integer(required=True)
    code = fields.String(required=True, allow_none=True)
    to = fields.String(required=True, allow_none=True)
    made_at = fields.AwareDateTime(required=True)
    tried_at = fields.AwareDateTime(required=True, allow_none=True)
    next_at = fields.AwareDateTime(required=True, allow_none=True)


LetterPage = page_of(LetterAnswer)


class Bounce(Body):
    code = text(60, required=True, metadata={"description": "why, such as 5.1.1; no address"})
