"""A trace can be followed over the bus: to the service, to its events, and to the events that these cause."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from services.kernel.messaging.envelope import Event
from services.kernel.observability import tracing
from services.kernel.persistence import tables
from tests.integration.bus.buses import OFFICER, Bus, EmbeddedBus, eventually
from tests.integration.collector import Collector, Seen, leading_to


def events_of(bus: Bus, story: str) -> list[dict[str, Any]]:
    """Return the events of a story in the teller's outbox."""
    with bus.databases["application"].read() as session:
        bodies = session.execute(select(tables.outbox.c.body).where(tables.outbox.c.subject == f"story/{story}"))
        return [json.loads(body) for body in bodies.scalars()]


def test_one_trace_leads_from_the_question_to_the_last_reaction(bus: Bus, story: str, traced: Collector) -> None:
    # Given a platform that records traces, When a word is told that the bureau stores, and the teller receives the event that it
    # was stored
    with tracing.span("portal", f"tell {story}", "server"):
        bus.tell(story, "followed")
    eventually(lambda: bus.told(f"kept of {story}"))
    # Then all spans belong to one trace, and the parent of each span is the span that caused it
    heard = ("application", "react to word.kept")

    def whole(trace: list[Seen]) -> bool:
        return any((span.service, span.name) == heard for span in trace) and any(span.parent == "" for span in trace)

    trace = traced.trace_of(f"tell {story}", whole)
    last = next(span for span in trace if (span.service, span.name) == heard)
    assert leading_to(last, trace) == [
        ("application", "react to word.kept"),
        ("review", "react to word.told"),
        ("application", "tell"),
        ("gateway", "ask application tell"),
        ("portal", f"tell {story}"),
    ]


def test_a_refusal_is_an_outcome_and_no_failure(bus: Bus, story: str, traced: Collector) -> None:
    with pytest.raises(Exception, match="already_told"), tracing.span("portal", f"refuse {story}", "server"):
        bus.caller.call("application", "refuse", {"story": story}, OFFICER)
    trace = traced.trace_of(f"refuse {story}", lambda trace: len(trace) == 3)
    assert {(span.attributes["guichuang.outcome"], span.failed) for span in trace} == {("conflict", False)}


def test_without_a_collector_messages_are_as_they_were(embedded_bus: EmbeddedBus, story: str) -> None:
    assert tracing.current_traceparent() is None
    embedded_bus.tell(story, "plain")
    [body] = events_of(embedded_bus, story)
    assert "trace" not in body


def test_what_another_version_says_beyond_or_does_not_say_yet_is_no_hindrance(embedded_bus: EmbeddedBus, story: str) -> None:
    # Given a request of a newer gateway, with an unknown field, and a request of an older gateway, without the field `carried` of
    # newer requests
    payload = {"story": story, "word": "new"}
    newer = embedded_bus.signed("tell", payload, expired=False, more={"trace": "of another kind", "mood": "good"})
    older = embedded_bus.signed("tell", payload, expired=False)
    # When the two requests arrive, Then both commands run
    for request in (newer, older):
        assert b"answer" in embedded_bus.transport.send("rpc.application", request, 60)
    # and events of a newer and of an older service can be read
    for body in events_of(embedded_bus, story):
        assert Event.from_json(json.dumps(body | {"trace": "00-x", "mood": "good"})).trace == "00-x"
        assert Event.from_json(json.dumps(body)).trace is None
