"""The catalogue of event types: which service publishes each, and which of them other systems receive."""

from __future__ import annotations

from services.contracts import application, documents, evaluation, gateway, review
from services.notification.webhooks.public_event import goes_out

#: Event type → its publisher.
PRODUCERS = {
    type: event.producer
    for contract in (application, documents, evaluation, gateway, review)
    for type, event in contract.EVENTS.items()
}
GOING_OUT = tuple(sorted(type for type in PRODUCERS if goes_out(type)))
