"""What operators see: JSON logs that can be followed from service to service, Prometheus metrics, and traces over the bus."""

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
    """What a process does before anything else that could be watched: its log, its traces, which version it is."""
    log_to_stderr(settings.log_level)
    tracing.begin(settings.otlp)
    report_build(settings.revision)
