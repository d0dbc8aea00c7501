"""The envelope of every event, as other systems read it."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields


class Stamp(Schema):
    """The actor of an event: an account, its main role, and the bureau or organisation for which it acted. `acting_for`: the
    chief in whose name an acting chief signed."""

    class Meta:
        unknown = EXCLUDE

    username = fields.String(required=True)
    role = fields.String(required=True, allow_none=True)
    bureau = fields.String(required=True, allow_none=True)
    organisation = fields.String(required=True, allow_none=True)
    acting_for = fields.String()


class Envelope(Schema):
    """The envelope of an event. `bureau` is the bureau to which the event is addressed, `recommender` the case's home bureau.
    `sequence` counts per producer and subject. Within one `version`, an event's data only gets additional fields. `trace` is a
    W3C `traceparent`, present if the platform keeps traces."""

    class Meta:
        unknown = EXCLUDE

    id = fields.UUID(required=True)
    type = fields.String(required=True)
    version = fields.Integer(required=True)
    occurred_at = fields.AwareDateTime(required=True)
    producer = fields.String(required=True)
    subject = fields.String(required=True)
    bureau = fields.String(required=True)
    recommender = fields.String(required=True, allow_none=True)
    sequence = fields.Integer(required=True)
    actor = fields.Nested(Stamp, required=True)
    correlation_id = fields.String(required=True)
    causation_id = fields.String(required=True, allow_none=True)
    data = fields.Dict(required=True)
    trace = fields.String()
