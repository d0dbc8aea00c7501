"""The event feed and webhooks, through which portals receive events."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.common import Answer, Body, Cursor, Flag, Page, code, one_of, page_of, text
from services.contracts.gateway.requests import several

#: The name of the order of all events. A cursor of this order is valid with any filter of types and bureau.
FEED = "feed"


class FeedQuery(Page):
    """The query of the event feed: the position to start from, and the types of events, separated by commas; `application.*`
    selects all types with that prefix."""

    cursor = Cursor(of=FEED, load_default=None)

    types = code(2000, load_default=None)
    bureau = code(20, load_default=None, metadata={"description": "only cases of this bureau"})


class CloudEvent(Answer):
    """An event as CloudEvents 1.0, structured mode. `data` only identifies the object concerned; a portal reads everything else
    through the API."""

    specversion = fields.String(required=True)
    id = fields.String(required=True)
    source = fields.String(required=True)
    type = fields.String(required=True)
    subject = fields.String(required=True)
    time = fields.AwareDateTime(required=True)
    datacontenttype = fields.String(required=True)
    bureau = fields.String(required=True)
    recommender = fields.String()
    sequence = fields.String(required=True, metadata={"description": "order within a subject; rising, with gaps"})
    correlationid = fields.String(required=True)
    data = fields.Dict(required=True)


class FeedPage(Answer):
    """One page of the event feed. `next_cursor` is always present: it is the position from which to continue. `more` is false at
    the end of the feed."""

    items = fields.List(fields.Nested(CloudEvent), required=True)
    next_cursor = fields.String(required=True)
    more = fields.Boolean(required=True)


class NewWebhook(Body):
    url = text(500, one_line=True, required=True)
    types = several(code(80), least=1, most=100, required=True)
    bureau = code(20, load_default=None, allow_none=True, metadata={"description": "your own bureau; may be left out"})
    cursor = Cursor(
        of=FEED, load_default=None, allow_none=True, metadata={"description": "a place in the feed; from now on without"}
    )


class Resumption(Body):
    skip = Flag(load_default=False, metadata={"description": "go on from now, not from where it stopped"})


class WebhookAnswer(Answer):
    id = fields.String(required=True)
    owner = fields.String(required=True)
    bureau = fields.String(required=True, allow_none=True)
    url = fields.String(required=True)
    types = fields.List(fields.String(), required=True)
    state = one_of("active", "paused", "ended", of="webhook_state", required=True)
    reason = one_of("by_owner", "failing", "gone", "account_closed", of="webhook_reason", required=True, allow_none=True)
    failures = fields.Integer(required=True, metadata={"description": "failed connections in a row"})
    failing_since = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


class WebhookState(WebhookAnswer):
    waiting = fields.Integer(required=True, metadata={"description": "deliveries that wait"})
    behind = fields.Integer(required=True, metadata={"description": "places of the feed not looked at yet"})


class WebhookSecret(WebhookAnswer):
    secret = fields.String(required=True, metadata={"description": "shown this once"})


WebhookPage = page_of(WebhookAnswer)
DELIVERY_STATES = ("waiting", "delivered", "given_up")


class DeliveryQuery(Page):
    state = one_of(*DELIVERY_STATES, of="delivery_state", load_default=None)


class DeliveryAnswer(Answer):
    id = fields.String(required=True)
    event = fields.String(required=True)
    type = fields.String(required=True)
    subject = fields.String(required=True)
    state = one_of(*DELIVERY_STATES, of="delivery_state", required=True)
    tries = fields.Integer(required=True)
    status = fields.Integer(required=True, allow_none=True)
    error = fields.String(required=True, allow_none=True)
    made_at = fields.AwareDateTime(required=True)
    tried_at = fields.AwareDateTime(required=True, allow_none=True)
    next_at = fields.AwareDateTime(required=True, allow_none=True)


DeliveryPage = page_of(DeliveryAnswer)
