"""Observability: JSON logs with a correlation id across services, Prometheus metrics, and traces across the bus."""

from services.kernel.observability import outages, tracing
from services.kernel.observability.context import failed, job, reacted, reaction, request, sealed, sweep_action, swept
from services.kernel.observability.logs import LOGGED, JsonFormatter, log_to_stderr
from services.kernel.observability.metrics import exposition, published, received, report_build
from services.kernel.settings import Settings

__all__ = [
    "LOGGED",
    "JsonFormatter",
    "exposition",
    "failed",
    "job",
    "log_to_stderr",
    "outages",
    "published",
    "reacted",
    "reaction",
    "received",
    "request",
    "sealed",
    "start",
    "sweep_action",
    "swept",
]


def start(settings: Settings) -> None:
    """Set up logs, traces and the build metric. Every process calls this first."""
    log_to_stderr(settings.log_level)
    tracing.begin(settings.otlp)
    report_build(settings.revision)
