"""Check that network policies allow exactly the connections that are needed: one policy for each dependency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.k8s.checks.processes import GATEWAY, PROBES, PUBLIC, serves
from deploy.k8s.checks.rendered import Document, Pods, Rendered, name_of, selects

#: `NEEDS`: prefix of an environment variable of a process → the dependency that the process needs. `PORTS`: dependency → the
#: ports on which the cluster offers it.
NEEDS = {"GUICHUANG_BUS": "broker", "GUICHUANG_DB_": "database", "GUICHUANG_S3": "store", "GUICHUANG_SMTP": "outside"}
PORTS = {"broker": {5671}, "database": {5432}, "api": {8000}}


def check(rendered: Rendered) -> Iterator[str]:
    policies = rendered.of("NetworkPolicy")
    for direction in ("Ingress", "Egress"):
        if not any(_denies_all(policy, direction) for policy in policies):
            yield f"{direction} is not refused by default"
    for policy in policies:
        for rule in policy["spec"].get("ingress", ()):
            if not rule.get("from"):
                yield f"NetworkPolicy/{name_of(policy)} lets everybody in"
    for pods in rendered.workloads:
        egress_rules = [
            rule for policy in policies if _applies_to(policy, pods, "Egress") for rule in policy["spec"].get("egress", ())
        ]
        into = [rule for policy in policies if _applies_to(policy, pods, "Ingress") for rule in policy["spec"].get("ingress", ())]
        yield from _reach_faults(rendered, pods, egress_rules)
        if pods.kind == "Deployment":
            port, public = PROBES[1], GATEWAY[1]
            if not any(_allows_port(rule, port) and _allows_namespace(rule, "monitoring") for rule in into):
                yield f"the health of {pods} cannot be checked: port {port} is closed to the monitoring"
            if any(_allows_port(rule, port) and _allows_namespace(rule, "ingress") for rule in into):
                yield f"the public reaches the metrics of {pods}: port {port} is open to the ingress"
            if serves(pods) in PUBLIC and not any(
                _allows_port(rule, public) and _allows_namespace(rule, "ingress") for rule in into
            ):
                yield f"the public does not reach {pods}: port {public} is closed to the ingress"


def _denies_all(policy: Document, direction: str) -> bool:
    spec = policy["spec"]
    return spec["podSelector"] == {} and direction in spec.get("policyTypes", ()) and not spec.get(direction.lower())


def _applies_to(policy: Document, pods: Pods, direction: str) -> bool:
    return direction in policy["spec"].get("policyTypes", ()) and selects(policy["spec"]["podSelector"], pods.labels)


def _reach_faults(rendered: Rendered, pods: Pods, rules: list[Mapping[str, Any]]) -> Iterator[str]:
    names = {name for container in pods.containers for name, value in rendered.environment(container) if value is None}
    needed = {need for start, need in NEEDS.items() if any(name.startswith(start) for name in names)}
    if serves(pods) == "console":
        needed |= {"api"} | ({"store"} if "GUICHUANG_S3_PUBLIC" in rendered.settings else set())
        needed |= {"outside"} if "GUICHUANG_PROVINCE_URL" in rendered.settings else set()
    elif pods.name == "operator":
        needed.add("api")
    labelled = {label.partition("/")[2] for label in pods.labels if label.startswith("needs.guichuang/")}
    if unlabelled := needed - labelled:
        yield f"{pods} needs {', '.join(sorted(unlabelled))} and is not labelled so: no policy lets it there"
    if superfluous := labelled - needed - ({"outside"} if "gateway" in str(pods) else set()):
        yield f"{pods} is let to {', '.join(sorted(superfluous))}, which it does not need"
    for need in sorted(needed & labelled):
        label = {f"needs.guichuang/{need}": "yes"}
        opened = [
            policy
            for policy in rendered.of("NetworkPolicy")
            if policy["spec"]["podSelector"].get("matchLabels") == label and policy["spec"].get("egress")
        ]
        if not opened:
            yield f"{pods} needs the {need}, and no policy lets it there"
        inside = [policy for policy in opened if "ipBlock" not in str(policy["spec"]["egress"])]
        for policy in inside:
            if not any(_allows_port(rule, port) for rule in policy["spec"]["egress"] for port in PORTS.get(need, ())):
                yield f"NetworkPolicy/{name_of(policy)} does not open the port of the {need}"
    if not any(_allows_port(rule, 53) for rule in rules):
        yield f"{pods} cannot look up names"


def _allows_port(rule: Mapping[str, Any], port: int) -> bool:
    return not rule.get("ports") or any(opened.get("port") == port for opened in rule["ports"])


def _allows_namespace(rule: Mapping[str, Any], what: str) -> bool:
    """Return whether a rule allows connections with the namespace of this purpose, such as monitoring or ingress."""
    labels = {f"serves.guichuang/{what}": "yes"}
    return any(peer.get("namespaceSelector", {}).get("matchLabels") == labels for peer in rule.get("from", ()))
