"""Check that pods have only the rights that they need, that data outlive their manifests, and that manifests contain no Secrets.
Rights, resources and image tags of single containers are left to checkov (tests/deploy/test_checkov.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.k8s.checks.rendered import Document, Rendered, name_of

#: The permission bits of mounted files, such as keys, that only their own process should read.
KEYS_MODE = 0o440


#: Kinds whose removal also removes data, and the annotation that makes Argo CD keep such objects when an overlay no longer
#: contains them.
KEEPS_DATA = ("Namespace", "Cluster", "Database", "RabbitmqCluster", "PersistentVolumeClaim")
KEPT = "argocd.argoproj.io/sync-options"


def is_kept(document: Document) -> bool:
    """Return whether Argo CD neither prunes the object nor deletes it with its Application."""
    options = document["metadata"].get("annotations", {}).get(KEPT, "").split(",")
    return {"Prune=false", "Delete=false"} <= set(options)


def check(rendered: Rendered) -> Iterator[str]:
    for document in rendered.of(*KEEPS_DATA):
        if not is_kept(document):
            yield f"{document['kind']}/{name_of(document)} has data, and Argo CD would prune it"
    for namespace in rendered.of("Namespace"):
        if namespace["metadata"]["labels"].get("pod-security.kubernetes.io/enforce") != "restricted":
            yield f"Namespace/{name_of(namespace)} does not enforce the restricted profile"
    for account in rendered.of("ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            yield f"ServiceAccount/{name_of(account)} hands out tokens of the API"
    if rendered.of("Secret"):
        yield "there are Secrets in the manifests: only their names belong here"
    if missing := [kind for kind in ("LoadBalancer", "NodePort") if kind in _service_types(rendered)]:
        yield f"a Service is open to the outside by itself: {', '.join(missing)}"
    for pods in rendered.workloads:
        for fault in _pod(pods.spec):
            yield f"{pods} {fault}"
        for container in pods.containers:
            for fault in _container(container):
                yield f"{pods}, container {container['name']}, {fault}"


def _service_types(rendered: Rendered) -> set[str]:
    return {service["spec"].get("type", "ClusterIP") for service in rendered.of("Service")}


def _pod(spec: Mapping[str, Any]) -> Iterator[str]:
    context = spec.get("securityContext", {})
    if not context.get("runAsNonRoot") or not context.get("runAsUser"):
        yield "may run as root"
    for volume in spec.get("volumes", ()):
        if "hostPath" in volume:
            yield f"reaches into the node's disk ({volume['name']})"
        if "emptyDir" in volume and "sizeLimit" not in (volume["emptyDir"] or {}):
            yield f"may fill the node's disk ({volume['name']})"
        if "projected" in volume and volume["projected"].get("defaultMode") != KEYS_MODE:
            yield f"lets others read its keys ({volume['name']})"


def _container(container: Mapping[str, Any]) -> Iterator[str]:
    context = container.get("securityContext", {})
    if context.get("runAsUser") == 0 or context.get("runAsNonRoot") is False:
        yield "may run as root"
