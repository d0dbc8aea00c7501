"""The operators' page on metrics (docs/operations/metrics.md) lists every metric that exists, and no other; names follow the
conventions of Prometheus."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.exported import registering_modules, shown

PAGE = (Path(__file__).parents[2] / "docs/operations/metrics.md").read_text(encoding="utf-8")
#: Matches a row of the page's table: | `name` | kind | labels | meaning |
ROW = re.compile(r"^\| `(guichuang_\w+)` \| (\w+) \| ([^|]*) \| ([^|]+) \|$", re.MULTILINE)
ROWS = {name: (kind, tuple(re.findall(r"`(\w+)`", labels)), about) for name, kind, labels, about in ROW.findall(PAGE)}


def test_every_metric_is_told_of_with_its_kind_and_labels_and_no_other() -> None:
    assert {name: row[:2] for name, row in ROWS.items()} == {
        name: (metric.kind, metric.labels) for name, metric in shown().items()
    }


def test_what_is_told_is_what_the_metric_itself_says() -> None:
    told = {name: row[2].strip() for name, row in ROWS.items()}
    assert told == {name: metric.about for name, metric in shown().items()}


def test_metrics_are_made_where_this_looks_for_them() -> None:
    assert registering_modules() == [
        "deploy.console_telemetry",
        "gateway.request_telemetry",
        "services.kernel.observability.metrics",
    ]


@pytest.mark.parametrize("name", sorted(shown()))
def test_names_end_in_their_unit_and_labels_hold_few_values(name: str) -> None:
    metric = shown()[name]
    assert name.startswith("guichuang_")
    assert (metric.kind == "counter") == name.endswith("_total")
    assert not re.search(r"_(ms|milliseconds|minutes|hours|days|kb|mb)(_|$)", name)
    if metric.kind in ("histogram", "summary"):
        assert name.endswith("_seconds")
    # Each label has few possible values, such as services, operations, types of events and bureaus.
    assert set(metric.labels) <= {
        *("service", "operation", "outcome", "type", "bureau", "errand", "sweep", "stage", "state", "reason", "channel"),
        *("method", "route", "status", "version", "revision"),
    }
