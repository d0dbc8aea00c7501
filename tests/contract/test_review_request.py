"""Every event that opens a review case contains one review request, whose fields are those of earlier releases."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.application import events as application
from services.contracts.evaluation import events as evaluation
from services.contracts.review.requests import EVENTS as REVIEW
from services.contracts.review.review_request import CompetingCall, ReviewedData, ReviewRequest, ReviewRequestData, ReviewTerms

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
#: The fields in the order in which every release has sent them.
MEMBERS = [
    "round",
    "kind",
    "title",
    "field",
    "lead",
    "units",
    "related_units",
    "call",
    "policy",
    "stage",
    "pipeline",
    "questions",
    "waivable",
    "findings",
    "documents",
]


def request_of(data: dict[str, Any]) -> ReviewRequest:
    return ReviewRequest(
        round=data["round"],
        kind=data["kind"],
        title=data["title"],
        field=data["field"],
        lead=data["lead"] if data["kind"] in ("formation", "special_case") else None,
        units=data["units"],
        related_units=data.get("related_units"),
        call=CompetingCall(**data["call"]) if data["call"] else None,
        stage=data["stage"],
        terms=ReviewTerms(data["policy"], data["pipeline"], data["questions"], data["waivable"]),
        waivable=bool(data["waivable"]),
        findings=data["findings"],
        documents=data["documents"],
    )


@pytest.mark.parametrize("type", sorted(OPENING))
def test_an_opening_event_contains_the_request_as_earlier_releases_sent_it(type: str) -> None:
    # Given the published example of the event
    event = OPENING[type]
    assert issubclass(event.data, ReviewRequestData)
    # When the request is built from the event and sent again
    sent = request_of(event.example).to_dict()
    # Then the request is the same, member by member, in the same order
    assert sent == {name: event.example[name] for name in sent}
    assert list(sent) == [name for name in MEMBERS if name in sent]
    # And only the lead of an application and the related units may be missing
    assert set(MEMBERS) - set(sent) <= {"lead", "related_units"}


def test_all_opening_events_were_found() -> None:
    assert len(OPENING) == 6


def test_a_recommendation_passes_the_request_on() -> None:
    assert issubclass(REVIEW["review.recommended"].data, ReviewedData)
