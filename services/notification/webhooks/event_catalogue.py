"""The catalogue of event types: which service publishes each type, and which types other systems receive."""

from __future__ import annotations

from services.contracts import documents
from services.contracts.application import events as application_events
from services.contracts.evaluation import events as evaluation_events
from services.contracts.gateway import requests as gateway_requests
from services.contracts.review import requests as review_requests
from services.notification.webhooks.public_event import goes_out

#: Event type → the service that publishes it.
PRODUCERS = {
    type: event.producer
    for contract in (application_events, documents, evaluation_events, gateway_requests, review_requests)
    for type, event in contract.EVENTS.items()
}
GOING_OUT = tuple(sorted(type for type in PRODUCERS if goes_out(type)))
