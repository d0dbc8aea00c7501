"""All metrics that the platform's processes can export: the metrics that modules register, and the gauges that services compute
from their databases."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass

from prometheus_client import Counter, Gauge, Histogram, Summary

import deploy
import gateway
from deploy import console_telemetry
from deploy.composition import PARTIES, registry_of
from gateway import request_telemetry
from services.kernel.observability import gauges, metrics


@dataclass(frozen=True, slots=True)
class Shown:
    """One exported metric. `kind` is counter, gauge, histogram or summary; `about` is its help text."""

    name: str
    kind: str
    about: str
    labels: tuple[str, ...]

    @property
    def series(self) -> dict[str, tuple[str, ...]]:
        """Return the names of the metric's time series in Prometheus, each with its labels."""
        if self.kind == "histogram":
            return {
                f"{self.name}_bucket": (*self.labels, "le"),
                f"{self.name}_sum": self.labels,
                f"{self.name}_count": self.labels,
            }
        if self.kind == "summary":
            return {f"{self.name}_sum": self.labels, f"{self.name}_count": self.labels}
        return {self.name: self.labels}


def shown() -> dict[str, Shown]:
    """Return all exported metrics, keyed by name."""
    kinds = (Counter, Gauge, Histogram, Summary)
    counted = [
        value
        for module in (metrics, request_telemetry, console_telemetry)
        for value in vars(module).values()
        if type(value) in kinds
    ]
    found = []
    for metric in counted:
        [described] = metric.describe()
        name = f"{described.name}_total" if described.type == "counter" else described.name
        found.append(Shown(name, described.type, described.documentation, metric._labelnames))
    for name, about in (gauges.PROCESS | gauges.BACKLOG).items():
        found.append(Shown(f"guichuang_{name}", "gauge", about, ("service",)))
    for service in PARTIES:
        for measure in registry_of(service).gauges:
            found.append(Shown(f"guichuang_{measure.name}", "gauge", measure.about, measure.labels))
    return {metric.name: metric for metric in found}


def registering_modules() -> list[str]:
    """Return the names of the modules of services, gateway and deploy that create Prometheus metrics of their own."""
    import services

    names = [
        module.name
        for package in (services, gateway, deploy)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if "migrations" not in module.name
    ]
    return sorted(name for name in names if _makes_metrics(name))


def _makes_metrics(name: str) -> bool:
    spec = importlib.util.find_spec(name)
    assert spec and spec.origin
    with open(spec.origin, encoding="utf-8") as source:
        text = source.read()
    return "from prometheus_client import" in text and any(
        word in text for word in ("Counter(", "Gauge(", "Histogram(", "Summary(")
    )
