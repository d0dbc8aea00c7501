"""Log lines can be followed from service to service, and contain no personal data."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from services.kernel import observability
from services.kernel.messaging.envelope import Event
from services.kernel.observability import tracing


def line_of(**extra: object) -> dict[str, object]:
    record = logging.getLogger("services.made").makeRecord("services.made", logging.WARNING, "f", 1, "said %s", ("so",), None)
    record.__dict__.update(extra)
    return json.loads(observability.JsonFormatter().format(record))  # type: ignore[no-any-return]


def test_a_line_in_a_request_carries_its_service_and_correlation_id() -> None:
    with observability.request("review") as scope:
        scope.correlation_id = "c-1"
        line = line_of()
    assert (line["message"], line["level"], line["service"], line["correlation_id"]) == ("said so", "WARNING", "review", "c-1")
    assert "correlation_id" not in line_of()


def test_a_line_in_a_reaction_carries_the_event() -> None:
    event = Event(
        id="e-1",
        type="thing.done",
        version=1,
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        producer="application",
        subject="thing/1",
        bureau="450200",
        recommender=None,
        sequence=1,
        actor={},
        correlation_id="c-2",
        causation_id=None,
        data={},
    )
    with observability.reaction("review", event):
        line = line_of()
    assert (line["correlation_id"], line["event"]) == ("c-2", "e-1")


def test_only_listed_extras_are_logged() -> None:
    line = line_of(parked=True, phone="13900000000")
    assert line["parked"] is True
    assert "phone" not in line


@pytest.fixture(scope="module")
def without_its_collector() -> Iterator[None]:
    """Let this process record traces for a collector that is down."""
    tracing.begin("http://127.0.0.1:1")
    yield
    tracing.end()


@pytest.mark.usefixtures("without_its_collector")
def test_with_traces_a_line_says_its_trace_and_a_collector_that_is_away_hinders_nothing() -> None:
    with tracing.span("review", "decide", "server"):
        place = tracing.current_traceparent()
        assert place is not None
        assert line_of()["trace_id"] == place.split("-")[1]
    assert "trace_id" not in line_of()


@pytest.mark.usefixtures("without_its_collector")
@pytest.mark.parametrize("strange", ["", "00-abc-def-01", f"00-{'0' * 32}-{'0' * 16}-01", f"00-{'g' * 32}-{'1' * 16}-01"])
def test_what_is_no_place_in_a_trace_begins_one(strange: str) -> None:
    with tracing.span("gateway", "GET", "server", after=strange):
        place = tracing.current_traceparent()
    assert place is not None
    assert not strange[3:35] or strange[3:35] not in place


def test_without_a_collector_nothing_of_opentelemetry_is_loaded() -> None:
    code = """
import sys
from services.kernel.observability import tracing
tracing.begin("")
with tracing.span("gateway", "GET", "server", after=None):
    assert tracing.current_traceparent() is None
tracing.describe("GET /", failed=False)
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
"""
    subprocess.run([sys.executable, "-c", code], check=True)
