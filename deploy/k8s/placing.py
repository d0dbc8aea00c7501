"""Generate the settings that say where the cluster runs a tenant and how much of the cluster the tenant may use: registry,
storage, priority, zones, quota."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

from deploy.k8s.manifest import Patch
from deploy.k8s.tenants import Table, Tenant

#: Kind of Kubernetes object → the JSON pointer to the spec of its pods.
PODS = {
    "Deployment": "/spec/template/spec",
    "Job": "/spec/template/spec",
    "CronJob": "/spec/jobTemplate/spec/template/spec",
    "Cluster": "/spec",
    "RabbitmqCluster": "/spec/override/statefulSet/spec/template/spec",
}
#: Kind of Kubernetes object → the JSON pointer to the name of its storage class.
STORAGE = {
    "PersistentVolumeClaim": ("/spec/storageClassName",),
    "Cluster": ("/spec/storage/storageClass", "/spec/walStorage/storageClass"),
    "RabbitmqCluster": ("/spec/persistence/storageClassName",),
}
#: A quota's name for a resource in the table → its name in a ResourceQuota.
QUOTA = {"cpu": "requests.cpu", "memory": "requests.memory", "storage": "requests.storage", "pods": "pods"}


def of_cluster(table: Table) -> Iterator[Patch]:
    """Yield the patches that adapt an overlay to its cluster; nothing if the cluster's defaults apply."""
    if table.pull_secret:
        secrets = [{"name": table.pull_secret}]
        yield patch("ServiceAccount", ".*", {"/imagePullSecrets": secrets}, op="add")
        for kind in ("Cluster", "RabbitmqCluster"):
            yield patch(kind, ".*", {"/spec/imagePullSecrets": secrets}, op="add")
    if table.storage_class:
        for kind, paths in STORAGE.items():
            yield patch(kind, ".*", dict.fromkeys(paths, table.storage_class), op="add")
    if table.priority_class:
        for kind, path in PODS.items():
            yield patch(kind, ".*", {f"{path}/priorityClassName": table.priority_class}, op="add")
    if not table.zones_required:
        for kind in ("Deployment", "Cluster", "RabbitmqCluster"):
            yield patch(kind, ".*", {f"{PODS[kind]}/topologySpreadConstraints/0/whenUnsatisfiable": "ScheduleAnyway"})


def of_quota(tenant: Tenant) -> Iterator[Patch]:
    """Yield the patch that limits the resources of a tenant's namespace; nothing if the tenant has no quota."""
    if tenant.quota:
        hard = {QUOTA[name]: amount for name, amount in tenant.quota.items()}
        yield patch("ResourceQuota", "guichuang", {"/spec/hard": hard})


def patch(kind: str, name: str, values: Mapping[str, object], *, op: str = "replace") -> Patch:
    """Return a patch that replaces (or adds) these values in the object of this kind and name."""
    steps = [{"op": op, "path": path, "value": value} for path, value in values.items()]
    return {"target": {"kind": kind, "name": name}, "patch": yaml.safe_dump(steps, sort_keys=False, width=1000)}
