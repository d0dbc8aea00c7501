"""The state of the platform, as shown to operators."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.common import Answer, Body, Page, code, one_of, page_of
from services.contracts.gateway.requests import several

_SERVICES = ("application", "review", "evaluation", "documents", "notification")


class Dependency(Answer):
    name = fields.String(required=True)
    available = fields.Boolean(required=True)


class ServiceState(Answer):
    """The state of one service. `parked`: the number of events that the service could not process, at most 1,000; null if the
    service did not answer."""

    service = one_of(*_SERVICES, of="service", required=True)
    title = fields.String(required=True)
    answers = fields.Boolean(required=True)
    parked = fields.Integer(required=True, allow_none=True)


class PlatformState(Answer):
    dependencies = fields.List(fields.Nested(Dependency), required=True)
    services = fields.List(fields.Nested(ServiceState), required=True)


class ParkedQuery(Page):
    service = one_of(*_SERVICES, of="service", required=True)
    bureau = code(20, load_default=None, metadata={"description": "whose review; by default the province's"})


class ParkedEvent(Answer):
    """An event that a service could not process. `error` is the class of the last error; the error's message and the event's
    content are not shown."""

    id = fields.String(required=True)
    type = fields.String(required=True)
    producer = fields.String(required=True)
    subject = fields.String(required=True)
    bureau = fields.String(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    error = fields.String(required=True, allow_none=True)
    received_at = fields.AwareDateTime(required=True)


ParkedPage = page_of(ParkedEvent)


class Replay(Body):
    service = one_of(*_SERVICES, of="service", required=True)
    bureau = code(20, load_default=None, allow_none=True)
    ids = several(code(36), least=1, most=100, required=True)


class ReplayAnswer(Answer):
    """The answer to a replay. `replayed`: how many of the named events were parked and are processed again."""

    replayed = fields.Integer(required=True)
