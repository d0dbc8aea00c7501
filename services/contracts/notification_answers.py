"""The JSON of the notification service's answers, by the schema that documents each."""

from __future__ import annotations

from typing import TypedDict

from services.contracts.payload import JsonObject


class AboutAnswerDict(TypedDict):
    kind: str
    id: str


class NotificationAnswerDict(TypedDict):
    id: str
    type: str
    subject: str
    about: AboutAnswerDict
    title: str
    body: str
    occurred_at: str
    read: bool


class NotificationPageDict(TypedDict):
    items: list[NotificationAnswerDict]
    next_cursor: str | None
    unread: int


class UnreadCountDict(TypedDict):
    unread: int


class AllReadAnswerDict(UnreadCountDict):
    read: int


class ChannelsAnswerDict(TypedDict):
    email: bool
    sms: bool


QuietHoursAnswerDict = TypedDict("QuietHoursAnswerDict", {"from": str, "to": str})


class PreferencesAnswerDict(TypedDict):
    language: str | None
    muted: list[str]
    channels: ChannelsAnswerDict
    quiet_hours: QuietHoursAnswerDict | None
    digest: str


class LetterAnswerDict(TypedDict):
    id: str
    account: str
    channel: str
    type: str
    state: str
    tries: int
    code: str | None
    to: str | None
    made_at: str
    tried_at: str | None
    next_at: str | None


class CloudEventDict(TypedDict, total=False):
    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    bureau: str
    recommender: str
    sequence: str
    correlationid: str
    data: JsonObject


class FeedPageDict(TypedDict):
    items: list[CloudEventDict]
    next_cursor: str
    more: bool


class WebhookAnswerDict(TypedDict):
    id: str
    owner: str
    bureau: str | None
    url: str
    types: list[str]
    state: str
    reason: str | None
    failures: int
    failing_since: str | None
    created_at: str


class WebhookStateDict(WebhookAnswerDict):
    waiting: int
    behind: int


class WebhookSecretDict(WebhookAnswerDict):
    secret: str


class DeliveryAnswerDict(TypedDict):
    id: str
    event: str
    type: str
    subject: str
    state: str
    tries: int
    status: int | None
    error: str | None
    made_at: str
    tried_at: str | None
    next_at: str | None
