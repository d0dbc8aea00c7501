"""Every object fits the schema of its kind, in the oldest and in the newest version of Kubernetes that is supported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

import kubernetes_validate

from deploy.k8s.checks.rendered import Rendered, name_of

#: The versions of Kubernetes on which the platform is to run, oldest and newest.
SUPPORTED = ("1.31.0", "1.37.0")
#: Kinds that operators bring, of which Kubernetes itself has no schema: group and version, and the kinds we use.
FOREIGN = {
    "argoproj.io/v1alpha1": {"AppProject", "ApplicationSet"},
    "barmancloud.cnpg.io/v1": {"ObjectStore"},
    "gateway.networking.k8s.io/v1": {"Gateway", "HTTPRoute"},
    "keda.sh/v1alpha1": {"ScaledObject", "TriggerAuthentication"},
    "monitoring.coreos.com/v1": {"PodMonitor", "PrometheusRule", "ServiceMonitor"},
    "postgresql.cnpg.io/v1": {"Cluster", "Database", "ScheduledBackup"},
    "rabbitmq.com/v1beta1": {
        "Exchange",
        "Federation",
        "Permission",
        "Policy",
        "RabbitmqCluster",
        "TopicPermission",
        "User",
        "Vhost",
    },
}


def check(rendered: Rendered) -> Iterator[str]:
    """Unknown fields are mistakes too; a kind nobody knows is one unless it is listed."""
    seen = set()
    for document in rendered.documents:
        what = f"{document['kind']}/{name_of(document)}"
        key = (document["apiVersion"], document["kind"], document["metadata"].get("namespace"), name_of(document))
        if key in seen:
            yield f"{what} is there twice"
        seen.add(key)
        if document["kind"] in FOREIGN.get(document["apiVersion"], ()):
            if not document.get("spec"):
                yield f"{what} has no spec"
            continue
        for version in SUPPORTED:
            for wrong in _misfits(json.dumps(document, sort_keys=True), version):
                yield f"{what} {wrong}"


@cache
def _misfits(document: str, version: str) -> tuple[str, ...]:
    """What is wrong with one object, as JSON; overlays have most of theirs in common."""
    given = json.loads(document)
    try:
        kubernetes_validate.validate(given, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        where = ".".join(str(step) for step in error.path)
        return (f"does not fit Kubernetes {version}: {where}: {error.message[:300]}",)
    except (kubernetes_validate.SchemaNotFoundError, kubernetes_validate.InvalidSchemaError):
        return (f"is of a kind nobody knows in Kubernetes {version}: {given['apiVersion']} {given['kind']}",)
    return ()
