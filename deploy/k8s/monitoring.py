"""Alerts and dashboards for Kubernetes: the files of alerting rules and dashboards, each wrapped in an object."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from deploy.k8s.manifest import Resource

SOURCE = Path(__file__).parents[1] / "monitoring"


def alerts() -> Iterator[Resource]:
    """Yield a PrometheusRule for each file of rules."""
    for path in sorted((SOURCE / "rules").glob("*.yaml")):
        groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        metadata = {"name": f"guichuang-{path.stem}"}
        yield {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": metadata,
            "spec": {"groups": groups},
        }


def dashboards() -> Iterator[Resource]:
    """Yield a ConfigMap for each dashboard, with the label by which Grafana's sidecar finds it."""
    for path in sorted((SOURCE / "dashboards").glob("*.json")):
        metadata = {"name": f"guichuang-dashboard-{path.stem}", "labels": {"grafana_dashboard": "1"}}
        data = {path.name: path.read_text(encoding="utf-8")}
        yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
