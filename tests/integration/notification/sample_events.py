"""Events as other services publish them: the examples of their contracts, with changes."""

from __future__ import annotations

from itertools import count
from typing import Any

from services.contracts import documents
from services.contracts.application import events as application_events
from services.contracts.evaluation import events as evaluation_events
from services.contracts.gateway import requests as gateway_requests
from services.contracts.review import requests as review_requests
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.testing import ServiceHarness

SAID = {
    type: event
    for contract in (application_events, review_requests, documents, gateway_requests, evaluation_events)
    for type, event in contract.EVENTS.items()
}
_numbers = count(1)


def body(
    bench: ServiceHarness,
    type: str,
    *,
    bureau: str = "450200",
    recommender: str | None = "450200",
    subject: str = "application/1",
    actor: str = "lead",
    **change: Any,
) -> str:
    """Return an event of this type, with the example of its contract and `change` as its data, in the form in which the bus
    transports it."""
    event = SAID[type]
    return Event(
        id=new_id(),
        type=type,
        version=1,
        occurred_at=bench.clock.now(),
        producer=f"review.{bureau}" if event.producer == "review" else event.producer,
        subject=subject,
        bureau=bureau,
        recommender=recommender,
        sequence=next(_numbers),
        actor={"username": actor, "role": "officer", "bureau": bureau, "organisation": None},
        correlation_id="c",
        causation_id=None,
        data=event.example | change,
    ).to_json()
