"""Check that every service has enough processes to survive the loss of one, and that only one Kubernetes object sets their
number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deploy.k8s.checks.rendered import Document, Rendered, name_of, selects


def check(rendered: Rendered) -> Iterator[str]:
    scalers: dict[str, list[str]] = {}
    for document in rendered.of("HorizontalPodAutoscaler", "ScaledObject"):
        name, target = f"{document['kind']}/{name_of(document)}", document["spec"]["scaleTargetRef"]["name"]
        scalers.setdefault(target, []).append(name)
        if not rendered.find("Deployment", target):
            yield f"{name} scales Deployment/{target}, which is not there"
        fewest, at_most = _bounds(document)
        if not 2 <= fewest <= at_most:
            yield f"{name} lets there be {fewest} to {at_most}: two at least, so that one can go"
        yield from _rests(rendered, document, target)
    for target, names in scalers.items():
        if len(names) > 1:
            yield f"Deployment/{target} is scaled by {' and '.join(names)}, which work against each other"
    for document in rendered.of("Deployment"):
        yield from _can_lose_one(rendered, document, _fewest(rendered, document))
        yield from _spread(document)


def most(rendered: Rendered, deployment: str) -> int:
    """Return the largest number of processes of a Deployment, including the additional one of a rollout."""
    document = rendered.find("Deployment", deployment)
    assert document
    surge = int(document["spec"].get("strategy", {}).get("rollingUpdate", {}).get("maxSurge", 1))
    for scaler in rendered.of("HorizontalPodAutoscaler", "ScaledObject"):
        if scaler["spec"]["scaleTargetRef"]["name"] == deployment:
            return _bounds(scaler)[1] + surge
    return int(document["spec"].get("replicas", 1)) + surge


def _rests(rendered: Rendered, scaler: Document, target: str) -> Iterator[str]:
    """Yield a fault if a ScaledObject is paused although its Deployment must have processes, or is not paused although it must
    have none."""
    deployment = rendered.find("Deployment", target)
    if scaler["kind"] != "ScaledObject" or not deployment:
        return
    rests = deployment["spec"].get("replicas") == 0
    paused = scaler["metadata"].get("annotations", {}).get("autoscaling.keda.sh/paused-replicas")
    if rests and paused != "0":
        yield f"ScaledObject/{name_of(scaler)} starts processes of {target}, which is to rest: it is not paused"
    if paused is not None and not rests:
        yield f"ScaledObject/{name_of(scaler)} is paused, and {target} is to run"


def _fewest(rendered: Rendered, document: Document) -> int:
    """Return the smallest number of processes of a Deployment: the number in its autoscaler or, if it has none, in the
    Deployment."""
    for scaler in rendered.of("HorizontalPodAutoscaler", "ScaledObject"):
        if scaler["spec"]["scaleTargetRef"]["name"] == name_of(document):
            return _bounds(scaler)[0]
    return int(document["spec"].get("replicas", 1))


def _bounds(document: Document) -> tuple[int, int]:
    spec: Mapping[str, int] = document["spec"]
    if document["kind"] == "ScaledObject":
        return spec.get("minReplicaCount", 0), spec.get("maxReplicaCount", 100)
    return spec.get("minReplicas", 1), spec["maxReplicas"]


def _spread(document: Document) -> Iterator[str]:
    spreads = document["spec"]["template"]["spec"].get("topologySpreadConstraints", ())
    zones = [constraint for constraint in spreads if constraint["topologyKey"] == "topology.kubernetes.io/zone"]
    if not zones:
        yield f"Deployment/{name_of(document)} may have all its pods in one zone"
    if any(
        constraint["whenUnsatisfiable"] == "DoNotSchedule" and constraint.get("nodeTaintsPolicy") != "Honor"
        for constraint in zones
    ):
        yield f"Deployment/{name_of(document)} starts no pod elsewhere for a zone that is lost"


def _can_lose_one(rendered: Rendered, document: Document, replicas: int) -> Iterator[str]:
    name = f"Deployment/{name_of(document)}"
    labels = document["spec"]["template"]["metadata"]["labels"]
    budgets = [budget for budget in rendered.of("PodDisruptionBudget") if selects(budget["spec"]["selector"], labels)]
    if len(budgets) != 1:
        yield f"{name} has {len(budgets)} disruption budgets; one is meant"
    if replicas == 0:  # The tenant is only prepared: the province's review service still serves its bureau.
        return
    if replicas == 1:
        yield f"{name} runs once: every upgrade and every lost node would stop it"
    for budget in budgets:
        spec = budget["spec"]
        if spec.get("maxUnavailable", 0) == 0 and spec.get("minAvailable", 0) >= replicas:
            yield f"PodDisruptionBudget/{name_of(budget)} lets none of {replicas} go: no node could be emptied"
        if spec.get("maxUnavailable", 0) >= replicas:
            yield f"PodDisruptionBudget/{name_of(budget)} lets all of {replicas} go at once"
    strategy = document["spec"].get("strategy", {})
    if strategy.get("type") != "RollingUpdate" or strategy.get("rollingUpdate", {}).get("maxUnavailable") != 0:
        yield f"{name} stops old processes before new ones are ready"
