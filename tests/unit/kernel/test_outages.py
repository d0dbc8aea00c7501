"""An outage is logged once when it begins and once when it ends, however many threads notice it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from services.kernel.observability import outages

log = logging.getLogger(__name__)
#: A function that returns (level, message, code) of each line that was logged since its last call.
Lines = Callable[[], list[tuple[str, str, str]]]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("services.kernel.observability.outages.time.monotonic", clock)
    return clock


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Yield a function that returns (level, message, code) of each line that was logged since its last call."""
    monkeypatch.setattr(outages, "_ongoing", {})
    monkeypatch.setattr(outages, "_last_logged", {})
    caplog.set_level("INFO")

    def since() -> list[tuple[str, str, str]]:
        found = [(record.levelname, record.getMessage(), record.code) for record in caplog.records]  # type: ignore[attr-defined]
        caplog.clear()
        return found

    yield since


def broker_away(what: str = "events") -> None:
    outages.log_outage(log, "bus_unavailable", "%s: the broker is away", what)


def test_many_threads_that_meet_an_outage_log_it_once(clock: Clock, lines: Lines) -> None:
    # Given an outage, When eight threads notice it repeatedly
    threads = [threading.Thread(target=lambda: [broker_away() for _ in range(20)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Then one line in the log reports the outage, with its error code
    assert lines() == [("WARNING", "events: the broker is away", "bus_unavailable")]
    # and one line reports the end of the outage, however many threads notice it
    clock.now += 12
    for _ in range(3):
        outages.log_recovery(log, "bus_unavailable", "the broker is back")
    assert lines() == [("INFO", "the broker is back after 12 s", "bus_unavailable")]


def test_one_that_lasts_is_logged_again_each_minute(clock: Clock, lines: Lines) -> None:
    for _ in range(121):
        broker_away()
        clock.now += 1
    assert len(lines()) == 3


def test_each_code_and_each_queue_has_an_outage_of_its_own(clock: Clock, lines: Lines) -> None:
    broker_away()
    outages.log_outage(log, "database_unavailable", "away")
    for queue in ("rpc.review.450200", "rpc.review.450300", "rpc.review.450200"):
        outages.log_outage(log, "service_unavailable", "no process serves %s", queue, about=queue)
    outages.log_recovery(log, "service_unavailable", "served again", about="rpc.review.450300")
    assert [message for _, message, _ in lines()] == [
        "events: the broker is away",
        "away",
        "no process serves rpc.review.450200",
        "no process serves rpc.review.450300",
        "served again after 0 s",
    ]


def test_a_server_that_comes_and_goes_fills_no_log_and_a_later_outage_is_logged(clock: Clock, lines: Lines) -> None:
    for _ in range(10):
        broker_away()
        outages.log_recovery(log, "bus_unavailable", "the broker is back")
        clock.now += 0.1
    assert len(lines()) == 2
    clock.now += outages.PAUSE_SECONDS
    broker_away()
    assert [level for level, _, _ in lines()] == ["WARNING"]
