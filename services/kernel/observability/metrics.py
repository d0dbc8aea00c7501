"""Counters and histograms. Each label has few values (services, operations, event types, bureaus, outcomes); ids are never
labels. `docs/operations/metrics.md` explains each metric."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from importlib.metadata import version

from prometheus_client import Counter, Gauge, Histogram, Summary, disable_created_metrics, generate_latest

#: Upper bounds of the latency buckets, in seconds.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# prometheus_client also exports the creation time of each series, which would double the size of a scrape and is not used.
disable_created_metrics()  # type: ignore[no-untyped-call]

REQUESTS = Counter(
    "guichuang_requests",
    "Requests answered, by how they ended: ok, a refusal's kind, or broken.",
    ("service", "operation", "outcome"),
)
REQUEST_SECONDS = Histogram("guichuang_request_seconds", "Time to answer a request.", ("service", "operation"), buckets=BUCKETS)
EVENTS = Counter("guichuang_events", "Events processed, failed (to be tried again) or parked.", ("service", "outcome"))
RECEIVED = Counter("guichuang_events_received", "Events taken from the bus, repeats included.", ("service",))
PUBLISHED = Counter(
    "guichuang_events_published",
    "Events confirmed by the bus, by type and by the bureau addressed; republished events count again.",
    ("service", "type", "bureau"),
)
REACTION_SECONDS = Summary("guichuang_reaction_seconds", "Time to react to an event, by its type.", ("service", "type"))
JOBS = Counter("guichuang_errands", "Jobs run, or failed by an unexpected error.", ("service", "errand", "outcome"))
JOB_SECONDS = Summary("guichuang_errand_seconds", "Time to carry an errand.", ("service", "errand"))
SWEEP_ACTIONS = Counter("guichuang_sweep_acts", "What was due and was done, or failed.", ("service", "sweep", "outcome"))
LAST_SWEEP = Gauge("guichuang_sweep_timestamp_seconds", "When this process last finished a sweep, in Unix time.", ("service",))
ENTRIES_REFUSED = Gauge(
    "guichuang_audit_refused",
    "Entries of the audit log that the sealer last refused to seal: forged, or unmarked (sealed, and marked as not sealed).",
    ("service", "reason"),
)
HEADS_REFUSED = Counter(
    "guichuang_audit_heads_refused",
    "Heads of audit chains that their keeper refused: not the producer's own, or other than the one kept before.",
    ("service",),
)
BUILD = Gauge("guichuang_build_info", "1; which version of the code this is, and of which revision.", ("version", "revision"))


def received(service: str, count: int) -> None:
    """Count events received from the bus."""
    RECEIVED.labels(service).inc(count)


def published(service: str, routing_keys: Iterable[str]) -> None:
    """Count events that the bus confirmed, by routing key (`<type>.<bureau>`)."""
    for key, count in Tally(routing_keys).items():
        type, _, bureau = key.rpartition(".")
        PUBLISHED.labels(service, type, bureau).inc(count)


def report_build(revision: str) -> None:
    """Set the build metric to the revision that the image names."""
    BUILD.labels(version("guichuang"), revision).set(1)


def exposition() -> bytes:
    """Return all metrics of this process in Prometheus' text format (`text/plain; version=0.0.4`)."""
    return generate_latest()
