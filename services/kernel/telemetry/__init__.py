"""What operators see: JSON logs that can be followed from service to service, Prometheus metrics, and traces over the bus."""

from services.kernel.settings import Settings
from services.kernel.telemetry import outages, traces
from services.kernel.telemetry.logs import LOGGED, JsonFormatter, log_to_stderr
from services.kernel.telemetry.numbers import metrics, published, received, say_build
from services.kernel.telemetry.scope import act, errand, failed, reacted, reaction, request, sealed, swept

__all__ = [
    "LOGGED",
    "JsonFormatter",
    "act",
    "begin",
    "errand",
    "failed",
    "log_to_stderr",
    "metrics",
    "outages",
    "published",
    "reacted",
    "reaction",
    "received",
    "request",
    "sealed",
    "swept",
]


def begin(settings: Settings) -> None:
    """What a process does before anything else that could be watched: its log, its traces, which version it is."""
    log_to_stderr(settings.log_level)
    traces.begin(settings.otlp)
    say_build(settings.revision)
