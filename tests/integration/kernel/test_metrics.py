"""A service's metrics show operators the number of its answers, of its refusals and of the items that wait."""

from collections.abc import Callable

import pytest
from prometheus_client import REGISTRY

from services.kernel import observability
from services.kernel.errors import Conflict
from tests.integration.kernel.sample_service import OFFICER, Made


def requests(outcome: str, operation: str = "put") -> float:
    labels = {"service": "application", "operation": operation, "outcome": outcome}
    return REGISTRY.get_sample_value("guichuang_requests_total", labels) or 0.0


def gauge(name: str) -> float | None:
    return REGISTRY.get_sample_value(f"guichuang_{name}", {"service": "application"})


def test_a_request_is_counted_by_how_it_ended(made: Made) -> None:
    answered, refused = requests("ok"), requests("conflict")
    made.bench.tell("put", OFFICER, thing="1")
    with pytest.raises(Conflict):
        made.bench.tell("put", OFFICER, thing="2", refuse=True)
    assert (requests("ok"), requests("conflict")) == (answered + 1, refused + 1)


def test_an_operation_nobody_offers_makes_no_series_of_its_own(made: Made) -> None:
    with pytest.raises(Exception, match="unknown_operation"):
        made.bench.tell("made_up_by_a_stranger", OFFICER)
    assert b"made_up_by_a_stranger" not in observability.exposition()


def test_events_that_wait_and_events_given_up_show(made: Made, arriving: Callable[..., str]) -> None:
    made.bench.tell("put", OFFICER, thing="1")
    assert gauge("outbox_age_seconds") > 0
    assert (gauge("dead_letters"), gauge("inbox_lag_seconds"), gauge("database_up")) == (0, 0, 1)
    made.trouble = {"bad"}
    made.bench.runtime.receive([arriving("bad")])
    assert gauge("inbox_lag_seconds") > 0
    while made.bench.runtime.process(2):
        pass
    assert gauge("dead_letters") == 1
    assert gauge("inbox_lag_seconds") == 0
