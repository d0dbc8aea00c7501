"""JSON logs: one object per line, on standard error. `docs/operations/logs.md` explains each field."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from services.kernel.observability import tracing
from services.kernel.observability.context import current_scope

#: The keys of `extra` that a log call may add to its line. Names, phone numbers and contents are not among them.
LOGGED = ("event", "parked", "id", "operation", "status", "code", "method", "route", "ms", "correlation_id")


class JsonFormatter(logging.Formatter):
    """Formats a log line as JSON: time, level, logger, message, and the context of the operation that runs now."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if scope := current_scope():
            line["service"] = scope.service
            line["correlation_id"] = scope.correlation_id
            line["event"] = scope.event
        line["trace_id"] = tracing.trace_id()
        line |= {name: getattr(record, name) for name in LOGGED if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({name: value for name, value in line.items() if value is not None}, ensure_ascii=False, default=str)


def log_to_stderr(level: str) -> None:
    """Make every logger of this process write JSON lines to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
