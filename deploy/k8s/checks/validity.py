"""Check that every object conforms to the schema of its kind, in the oldest and in the newest supported version of Kubernetes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

import kubernetes_validate

from deploy.k8s.checks.rendered import Rendered, name_of

#: The oldest and the newest version of Kubernetes on which the platform must run.
SUPPORTED = ("1.31.0", "1.37.0")
#: Kinds that Kubernetes operators define and for which Kubernetes itself has no schema: API group and version → the kinds that
#: the manifests use.
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
    """Yield the faults of all objects. Unknown fields are faults, and so are unknown kinds that `FOREIGN` does not list."""
    names_seen = set()
    for document in rendered.documents:
        name = f"{document['kind']}/{name_of(document)}"
        key = (document["apiVersion"], document["kind"], document["metadata"].get("namespace"), name_of(document))
        if key in names_seen:
            yield f"{name} is there twice"
        names_seen.add(key)
        if document["kind"] in FOREIGN.get(document["apiVersion"], ()):
            if not document.get("spec"):
                yield f"{name} has no spec"
            continue
        for version in SUPPORTED:
            for fault in _schema_errors(json.dumps(document, sort_keys=True), version):
                yield f"{name} {fault}"


@cache
def _schema_errors(document: str, version: str) -> tuple[str, ...]:
    """Return the faults of one object, given as JSON. The result is cached, because overlays have most of their objects in
    common."""
    document_json = json.loads(document)
    try:
        kubernetes_validate.validate(document_json, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        path = ".".join(str(step) for step in error.path)
        return (f"does not fit Kubernetes {version}: {path}: {error.message[:300]}",)
    except (kubernetes_validate.SchemaNotFoundError, kubernetes_validate.InvalidSchemaError):
        return (f"is of a kind unknown in Kubernetes {version}: {document_json['apiVersion']} {document_json['kind']}",)
    return ()
