"""Operators follow one submission through the whole house: from the portal that sent it to the last that heard of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.formation import Formation, open_call
from deploy.demo.people import People
from deploy.demo.platform import Embedded, accounts
from tests.integration.collector import SOON, Collector, Seen, leading_to

#: What a portal that keeps traces of its own sends along: trace, span, sampled.
PORTAL = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "01")
SUBMISSION = "POST /api/v1/applications/<id>/submission"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


def test_a_submission_is_one_trace_through_gateway_and_four_services(tmp_path: Path, collector: Collector) -> None:
    # Given a platform whose operator runs a collector, and an application ready to be submitted
    settings = {"GUICHUANG_RATE_LIMIT": "0", "GUICHUANG_OTLP": collector.url, **SOON}
    with Embedded(tmp_path, **settings) as platform:
        people = People(platform.server, accounts(tmp_path))
        case = Formation.complete(people, open_call(people)["id"])
        # When a portal that keeps traces hands it in
        answer = case.lead.send("POST", f"{case.path}/submission", headers={"traceparent": f"00-{'-'.join(PORTAL)}"})
        assert answer.body["status"] == "submitted"

        # Then it is one trace, the portal's, and tells who asked whom and what came of it
        heard = {("review", "react to application.submitted"), ("notification", "react to review.opened")}

        def whole(trace: list[Seen]) -> bool:
            return heard <= {(span.service, span.name) for span in trace}

        trace = collector.trace_of(SUBMISSION, whole)
    assert {span.trace for span in trace} == {PORTAL[0]}
    assert {span.service for span in trace} >= {"gateway", "documents", "application", "review", "notification"}
    assert [(span.service, span.name) for span in trace if span.parent == PORTAL[1]] == [("gateway", SUBMISSION)]

    def way(service: str, name: str) -> list[tuple[str, str]]:
        return leading_to(next(span for span in trace if (span.service, span.name) == (service, name)), trace)

    gateway = [("gateway", SUBMISSION)]
    submitted = [("application", "submit_application"), ("gateway", "ask application submit_application"), *gateway]
    assert way("documents", "document_states")[1:] == [("gateway", "ask documents document_states"), *gateway]
    assert way("application", "submit_application") == submitted
    assert way("review", "react to application.submitted")[1:] == submitted
    assert way("notification", "react to review.opened")[1:] == [("review", "react to application.submitted"), *submitted]
    # and nothing in it tells of people
    assert {name for span in trace for name in span.attributes} <= {
        "guichuang.correlation_id",
        "guichuang.event",
        "guichuang.producer",
        "guichuang.outcome",
        "http.route",
        "http.response.status_code",
    }
