"""Check that every object to which another object refers exists: settings, secrets, accounts, volumes, ports, and the targets of
selectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.k8s.checks.rendered import Document, Pods, Rendered, name_of, selects

#: ConfigMaps that people who operate the platform create by hand: the public keys, and the certificate authorities.
BROUGHT = {"guichuang-public-keys", "guichuang-authorities"}
#: The document that lists the secrets: each name with its keys.
CONTRACT = Path(__file__).parents[3] / "docs" / "operations" / "secrets.md"

#: The labels of pods that other Kubernetes operators create.
FOREIGN_PODS = ({"matchLabels": {"app.kubernetes.io/name": "rabbitmq"}}, {"matchLabels": {"cnpg.io/cluster": "guichuang-db"}})


def secrets() -> dict[str, set[str]]:
    """Return the names of the documented secrets with their keys, from the table in docs/operations/secrets.md."""
    keys_by_secret: dict[str, set[str]] = {}
    for line in CONTRACT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `") and len(cells) > 1:
            keys = {key.strip(" `") for key in cells[1].split(",")}
            for name in cells[0].split(","):
                keys_by_secret.setdefault(name.strip(" `"), set()).update(keys)
    return keys_by_secret


def check(rendered: Rendered) -> Iterator[str]:
    contract = secrets()
    for pods in rendered.workloads:
        yield from _pods(rendered, pods, contract)
    yield from _selectors(rendered)
    yield from _ways_in(rendered)
    for document in rendered.of("TriggerAuthentication"):
        for reference in document["spec"]["secretTargetRef"]:
            yield from _secret(f"TriggerAuthentication/{name_of(document)}", reference, contract)
    for document in rendered.of("ScaledObject"):
        for trigger in document["spec"]["triggers"]:
            name = trigger.get("authenticationRef", {}).get("name")
            if name and not rendered.find("TriggerAuthentication", name):
                yield f"ScaledObject/{name_of(document)} names TriggerAuthentication/{name}, which is not there"


def _pods(rendered: Rendered, pods: Pods, contract: Mapping[str, set[str]]) -> Iterator[str]:
    account = pods.spec.get("serviceAccountName")
    if not account or not rendered.find("ServiceAccount", account):
        yield f"{pods} runs as ServiceAccount/{account}, which is not there"
    volumes = {volume["name"] for volume in pods.spec.get("volumes", ())}
    mounted = set()
    for container in pods.containers:
        for mount in container.get("volumeMounts", ()):
            mounted.add(mount["name"])
            if mount["name"] not in volumes:
                yield f"{pods} mounts the volume {mount['name']}, which is not there"
        for source in container.get("envFrom", ()):
            yield from _config(rendered, pods, source.get("configMapRef", {}))
        for variable in container.get("env", ()):
            if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                yield from _secret(str(pods), reference, contract)
        yield from _probes(pods, container)
    for name in sorted(volumes - mounted):
        yield f"{pods} has the volume {name}, which no container mounts"
    for volume in pods.spec.get("volumes", ()):
        for source in [volume, *volume.get("projected", {}).get("sources", ())]:
            yield from _config(rendered, pods, source.get("configMap", {}))
            name = source.get("secret", {}).get("name") or source.get("secret", {}).get("secretName")
            if name and name not in contract:
                yield f"{pods} mounts the secret {name}, which the contract does not have"


def _config(rendered: Rendered, pods: Pods, reference: Mapping[str, Any]) -> Iterator[str]:
    name = reference.get("name")
    if name and name not in BROUGHT and not rendered.find("ConfigMap", name):
        yield f"{pods} names ConfigMap/{name}, which is not there"


def _secret(what: str, reference: Mapping[str, Any], contract: Mapping[str, set[str]]) -> Iterator[str]:
    if reference["name"] not in contract:
        yield f"{what} names the secret {reference['name']}, which the contract does not have"
    elif reference["key"] not in contract[reference["name"]]:
        yield f"{what} wants {reference['key']} of the secret {reference['name']}, which the contract does not have"


def _probes(pods: Pods, container: Mapping[str, Any]) -> Iterator[str]:
    ports = {port["name"] for port in container.get("ports", ())} | {port["containerPort"] for port in container.get("ports", ())}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        http_get = container.get(probe, {}).get("httpGet")
        if http_get and http_get["port"] not in ports:
            yield f"{pods} is probed at the port {http_get['port']}, which its container does not have"


def _selectors(rendered: Rendered) -> Iterator[str]:
    deployments = rendered.of("Deployment")
    for document in deployments:
        pods = next(pods for pods in rendered.workloads if (pods.kind, pods.name) == ("Deployment", name_of(document)))
        selected = [str(workload) for workload in rendered.workloads if selects(document["spec"]["selector"], workload.labels)]
        if selected != [str(pods)]:
            yield f"{pods} selects {', '.join(selected) or 'nothing'}, not its own pods alone"
        for constraint in pods.spec.get("topologySpreadConstraints", ()):
            if not selects(constraint["labelSelector"], pods.labels):
                yield f"{pods} is spread by labels its pods do not have"
    for document in rendered.of("Service", "PodDisruptionBudget", "PodMonitor"):
        yield from _selected(rendered, document)


def _selected(rendered: Rendered, document: Document) -> Iterator[str]:
    spec, what = document["spec"], f"{document['kind']}/{name_of(document)}"
    selector = {"matchLabels": spec["selector"]} if document["kind"] == "Service" else spec["selector"]
    if selector in FOREIGN_PODS:
        return
    selected = [pods for pods in rendered.workloads if selects(selector, pods.labels)]
    if not selected:
        yield f"{what} selects nothing"
    if document["kind"] in ("Service", "PodDisruptionBudget") and len(selected) > 1:
        yield f"{what} selects {', '.join(map(str, selected))}: one of them is meant"


def _ways_in(rendered: Rendered) -> Iterator[str]:
    for document in rendered.of("Service"):
        selected = [pods for pods in rendered.workloads if selects({"matchLabels": document["spec"]["selector"]}, pods.labels)]
        offered = {port["name"] for pods in selected for container in pods.containers for port in container.get("ports", ())}
        for port in document["spec"]["ports"]:
            if port["targetPort"] not in offered:
                yield f"Service/{name_of(document)} leads to the port {port['targetPort']}, which its pods do not have"
    for document in rendered.of("HTTPRoute"):
        what = f"HTTPRoute/{name_of(document)}"
        for parent in document["spec"]["parentRefs"]:
            gateway = rendered.find("Gateway", parent["name"])
            if not gateway or parent["sectionName"] not in [listener["name"] for listener in gateway["spec"]["listeners"]]:
                yield f"{what} hangs on the listener {parent['sectionName']} of Gateway/{parent['name']}, which is not there"
        for rule in document["spec"]["rules"]:
            for backend in rule.get("backendRefs", ()):
                service = rendered.find("Service", backend["name"])
                if not service or backend["port"] not in [port["port"] for port in service["spec"]["ports"]]:
                    yield f"{what} leads to the port {backend['port']} of Service/{backend['name']}, which is not there"
    for document in rendered.of("Gateway"):
        for listener in document["spec"]["listeners"]:
            for certificate in listener.get("tls", {}).get("certificateRefs", ()):
                if certificate["name"] not in secrets():
                    yield f"Gateway/{name_of(document)} wants the secret {certificate['name']}, which the contract does not have"
