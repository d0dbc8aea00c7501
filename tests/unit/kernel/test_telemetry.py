"""Logs can be followed from service to service, and say nothing about people."""

import json
import logging

from services.kernel import telemetry


def line_of(**extra: object) -> dict[str, object]:
    record = logging.getLogger("services.made").makeRecord("services.made", logging.WARNING, "f", 1, "said %s", ("so",), None)
    record.__dict__.update(extra)
    return json.loads(telemetry.JsonFormatter().format(record))  # type: ignore[no-any-return]


def test_a_line_in_a_request_carries_its_service_and_correlation_id() -> None:
    with telemetry.request("review") as scope:
        scope.correlation_id = "c-1"
        line = line_of()
    assert (line["message"], line["level"], line["service"], line["correlation_id"]) == ("said so", "WARNING", "review", "c-1")
    assert "correlation_id" not in line_of()


def test_a_line_in_a_reaction_carries_the_event() -> None:
    with telemetry.reaction("review", "c-2", "e-1"):
        line = line_of()
    assert (line["correlation_id"], line["event"]) == ("c-2", "e-1")


def test_only_listed_extras_are_logged() -> None:
    line = line_of(parked=True, phone="13900000000")
    assert line["parked"] is True
    assert "phone" not in line
