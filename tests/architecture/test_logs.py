"""The operators' page on logs (docs/operations/logs.md) lists every field that a log line can have, and no other."""

from __future__ import annotations

import json
import logging
import re
import sys
from pathlib import Path

from services.kernel import observability
from services.kernel.observability import tracing
from tests.integration.collector import Collector

PAGE = (Path(__file__).parents[2] / "docs/operations/logs.md").read_text(encoding="utf-8")
FIELDS = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))


def test_every_field_of_a_line_is_told_of_and_no_other() -> None:
    # Given a log record with every field that a log line can have
    try:
        raise RuntimeError
    except RuntimeError:
        record = logging.getLogger("made").makeRecord("made", logging.ERROR, "f", 1, "said", (), sys.exc_info())
    record.__dict__.update(dict.fromkeys(observability.LOGGED, "x"))
    with Collector() as collector:
        tracing.begin(collector.url)
        with observability.request("review") as scope, tracing.span("review", "decide", "server"):
            scope.correlation_id = scope.event = "x"
            line = json.loads(observability.JsonFormatter().format(record))
        tracing.end()
    # Then the formatted line has exactly the fields that docs/operations/logs.md lists
    assert set(line) == FIELDS


def test_nothing_is_logged_that_would_be_left_out() -> None:
    root = Path(__file__).parents[2]
    extras = re.compile(r"extra=\{([^}]*)\}")
    named = {
        name
        for path in [*root.glob("services/**/*.py"), *root.glob("gateway/**/*.py"), *root.glob("deploy/**/*.py")]
        for found in extras.findall(path.read_text(encoding="utf-8"))
        for name in re.findall(r'"(\w+)":', found)
    }
    assert named - set(observability.LOGGED) == set()
