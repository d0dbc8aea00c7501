"""Every event that opens a review case contains the request for the review, with the fields that earlier releases sent."""

from __future__ import annotations

import pytest

from services.contracts.application import events as application
from services.contracts.evaluation import events as evaluation
from services.contracts.review.requests import EVENTS as REVIEW
from services.contracts.review.review_request import ReviewedData, ReviewRequest, ReviewRequestData

OPENING = {
    type: event
    for type, event in (application.EVENTS | evaluation.EVENTS).items()
    if type
    in (
        "application.submitted",
        "application.resubmitted",
        "change.requested",
        "support.requested",
        "report.submitted",
        "participation.submitted",
    )
}
#: The names of the request's fields, in the order in which every release has sent them.
MEMBERS = [
    "round",
    "kind",
    "title",
    "field",
    "units",
    "call",
    "policy",
    "stage",
    "pipeline",
    "questions",
    "waivable",
    "findings",
    "documents",
]


@pytest.mark.parametrize("type", sorted(OPENING))
def test_an_opening_event_contains_the_request_as_earlier_releases_sent_it(type: str) -> None:
    # Given the published example of the event
    event = OPENING[type]
    assert issubclass(event.data, ReviewRequestData)
    assert event.payload
    assert issubclass(event.payload, ReviewRequest)
    # When a service reads the request from the event and writes it again
    sent = ReviewRequest.from_dict(event.example).to_dict()
    # Then the written request has the same fields, in the same order, with the same values
    assert sent == {name: event.example[name] for name in MEMBERS}
    assert list(sent) == MEMBERS


def test_all_opening_events_were_found() -> None:
    assert len(OPENING) == 6


def test_a_recommendation_passes_the_request_on() -> None:
    assert issubclass(REVIEW["review.recommended"].data, ReviewedData)
