"""The notification service as others see it. It publishes no events."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.base import Answer, Body, EventType, Page, one_of, page_of

EVENTS: dict[str, EventType] = {}


class NotificationsPage(Page):
    """Which messages to list."""

    unread = fields.Boolean(load_default=None, metadata={"description": "only unread ones, or only read ones"})


class NotificationAnswer(Answer):
    """`type` is that of the event, `subject` what it leads to."""

    id = fields.String(required=True)
    type = fields.String(required=True)
    subject = fields.String(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    occurred_at = fields.AwareDateTime(required=True)
    read = fields.Boolean(required=True)


NotificationPage = page_of(NotificationAnswer)


class Preferences(Body):
    """How an account wants to be told: `language` null is the request's, `muted` are types of events."""

    language = one_of("zh", "en", required=True, allow_none=True)
    muted = fields.List(fields.String(), required=True)


class PreferencesAnswer(Answer):
    language = fields.String(required=True, allow_none=True)
    muted = fields.List(fields.String(), required=True)
