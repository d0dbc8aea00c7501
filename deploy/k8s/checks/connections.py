"""Check that a PostgreSQL allows enough connections for the largest number of processes that the autoscalers may start."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.k8s.checks.rendered import Pods, Rendered
from deploy.k8s.checks.scaling import most
from deploy.k8s.tenants import BESIDE_POOL, RESERVED


def check(rendered: Rendered) -> Iterator[str]:
    cluster = rendered.find("Cluster", "guichuang-db")
    if not cluster:
        return
    allowed = int(cluster["spec"]["postgresql"]["parameters"]["max_connections"])
    roles = cluster["spec"].get("managed", {}).get("roles", ())
    # Where several tenants share the server, each role has the limit of its tenant.
    shared = RESERVED + sum(role.get("connectionLimit", 0) for role in roles)
    if (needed := max(shared, needed_connections(rendered))) > allowed:
        yield f"Cluster/guichuang-db allows {allowed} connections; all processes at their most hold {needed}"


def needed_connections(rendered: Rendered) -> int:
    """Return the largest number of database connections that all processes may use at the same time, also during a rollout."""
    return RESERVED + sum(_most_connections(rendered, pods) for pods in rendered.workloads if pods.kind == "Deployment")


def _most_connections(rendered: Rendered, pods: Pods) -> int:
    container = pods.spec["containers"][0]
    variables = dict(rendered.environment(container))
    if not any(name.startswith("GUICHUANG_DB_") for name in variables):
        return 0
    workers = int(variables.get("GUICHUANG_WORKERS") or 1)
    return most(rendered, pods.name) * workers * (int(variables.get("GUICHUANG_POOL") or 8) + BESIDE_POOL)
