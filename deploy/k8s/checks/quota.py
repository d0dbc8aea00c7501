"""Check that the largest request of a tenant's pods and volumes fits into its quota; otherwise Kubernetes would refuse scaling or
a rollout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from deploy.k8s.checks.rendered import Document, Pods, Rendered, name_of
from deploy.k8s.checks.scaling import most

#: Kubernetes' suffixes of quantities, with their factors.
SUFFIXES: dict[str, Decimal | int] = {
    "m": Decimal("0.001"),
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
}


def check(rendered: Rendered) -> Iterator[str]:
    for quota in rendered.of("ResourceQuota"):
        needed = needs(rendered)
        for name, amount in quota["spec"]["hard"].items():
            if needed[name] > quantity(amount):
                yield f"ResourceQuota/{name_of(quota)} allows {amount} of {name}; all pods at their most ask for {needed[name]:f}"


def needs(rendered: Rendered) -> Counter[str]:
    """Return the resources that all pods and volumes of an overlay request at their largest scale."""
    total: Counter[str] = Counter()
    for pods in rendered.workloads:
        count = most(rendered, pods.name) if pods.kind == "Deployment" else 1
        _add(total, count, *(container.get("resources", {}).get("requests", {}) for container in pods.spec["containers"]))
        _store(total, count, *(_claimed(volume["ephemeral"]["volumeClaimTemplate"]) for volume in _own_volumes(pods)))
    for cluster in rendered.of("Cluster"):
        spec = cluster["spec"]
        _add(total, spec["instances"], spec["resources"]["requests"])
        _store(total, spec["instances"], spec["storage"]["size"], spec["walStorage"]["size"])
    for broker in rendered.of("RabbitmqCluster"):
        _add(total, broker["spec"]["replicas"], broker["spec"]["resources"]["requests"])
        _store(total, broker["spec"]["replicas"], broker["spec"]["persistence"]["storage"])
    for claim in rendered.of("PersistentVolumeClaim"):
        _store(total, 1, _claimed(claim))
    return total


def _own_volumes(pods: Pods) -> list[Mapping[str, Any]]:
    """Return the volumes that are created with a pod and removed with it."""
    return [volume for volume in pods.spec.get("volumes", ()) if "ephemeral" in volume]


def quantity(text: Any) -> Decimal:
    """Return a quantity of Kubernetes as a number."""
    word = str(text)
    for suffix, factor in SUFFIXES.items():
        if word.endswith(suffix):
            return Decimal(word.removesuffix(suffix)) * factor
    return Decimal(word)


def _add(total: Counter[str], count: int, *requests: Mapping[str, Any]) -> None:
    total["pods"] += count
    for requests_of_container in requests:
        for name in ("cpu", "memory"):
            total[f"requests.{name}"] += count * quantity(requests_of_container.get(name, 0))  # type: ignore[assignment]


def _store(total: Counter[str], count: int, *sizes: str) -> None:
    total["requests.storage"] += count * sum(map(quantity, sizes))  # type: ignore[assignment]


def _claimed(claim: Document) -> str:
    return str(claim["spec"]["resources"]["requests"]["storage"])
