"""The manifests of the province and of a city: what they name is there, and what needs something may reach that and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from services.kernel.settings import SERVICES
from tests.deploy.manifests import Object, built, containers, of_kind, one, pods

OVERLAYS = ("province", "city-4502")
everywhere = pytest.mark.parametrize("overlay", OVERLAYS)


def selects(selector: Object, labels: dict[str, str]) -> bool:
    assert set(selector) <= {"matchLabels"}
    return selector.get("matchLabels", {}).items() <= labels.items()


def policies(objects: list[Object], labels: dict[str, str], way: str) -> Iterator[Object]:
    """The rules of one way, `ingress` or `egress`, that hold for a pod with these labels."""
    for policy in of_kind(objects, "NetworkPolicy"):
        if selects(policy["spec"]["podSelector"], labels):
            yield from policy["spec"].get(way, [])


def labels_of(objects: list[Object], name: str) -> dict[str, str]:
    found: dict[str, str] = one(objects, "Deployment", name)["spec"]["template"]["metadata"]["labels"]
    return found


def ports(rules: Iterator[Object] | list[Object]) -> set[int]:
    return {port["port"] for rule in rules for port in rule["ports"]}


def test_the_province_runs_every_process_and_a_city_its_review() -> None:
    assert {item["metadata"]["name"] for item in of_kind(built("province"), "Deployment")} == {*SERVICES, "identity", "gateway"}
    assert [item["metadata"]["name"] for item in of_kind(built("city-4502"), "Deployment")] == ["review"]
    assert len(list(pods(built("city-4502")))) == 2


@everywhere
def test_every_process_runs_under_the_restricted_profile(overlay: str) -> None:
    for name, template in pods(built(overlay)):
        pod = template["spec"]
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 10001, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False and pod["enableServiceLinks"] is False, name
        for container in containers(template):
            confined = container["securityContext"]
            assert confined["readOnlyRootFilesystem"] and not confined["allowPrivilegeEscalation"], name
            assert confined["capabilities"] == {"drop": ["ALL"]}, name
            assert set(container["resources"]) == {"requests", "limits"}, name
            assert {"name": "scratch", "mountPath": "/tmp"} in container["volumeMounts"], name
    [namespace] = of_kind(built(overlay), "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@everywhere
def test_a_process_begins_after_its_own_database_was_brought_up_and_by_the_same_image(overlay: str) -> None:
    for item in of_kind(built(overlay), "Deployment"):
        pod = item["spec"]["template"]["spec"]
        [waiting], [running] = pod["initContainers"], pod["containers"]
        database = [row["name"] for row in running["env"] if row["name"].startswith("GUICHUANG_DB_")]
        assert [row["name"] for row in waiting["env"]] == database
        assert waiting["args"] == ["migrate", "--wait", database[0].removeprefix("GUICHUANG_DB_").lower()]
        assert running["args"] == ["serve", item["metadata"]["name"]]
    assert len({container["image"] for _, template in pods(built(overlay)) for container in containers(template)}) == 1


@everywhere
def test_whoever_waits_for_a_migration_has_a_job_that_does_it(overlay: str) -> None:
    template = one(built(overlay), "Job", "migrations-")["spec"]["template"]
    [migrating] = [container for container in containers(template) if container["args"][0] == "migrate"]
    waiting = [container for _, pod in pods(built(overlay)) for container in containers(pod) if container["name"] == "migrated"]
    waited = {container["args"][2] for container in waiting}
    assert set(migrating["args"][1:]) == waited


@everywhere
def test_what_scales_disrupts_or_spreads_names_a_process_that_is_there(overlay: str) -> None:
    objects = built(overlay)
    names = {item["metadata"]["name"] for item in of_kind(objects, "Deployment")}
    scaled = [item["spec"]["scaleTargetRef"]["name"] for item in of_kind(objects, "ScaledObject", "HorizontalPodAutoscaler")]
    assert set(scaled) <= names and len(set(scaled)) == len(scaled)
    for item in of_kind(objects, "Deployment"):
        name, labels = item["metadata"]["name"], item["spec"]["template"]["metadata"]["labels"]
        assert selects(item["spec"]["selector"], labels)
        assert selects(one(objects, "PodDisruptionBudget", name)["spec"]["selector"], labels)
        for spread in item["spec"]["template"]["spec"]["topologySpreadConstraints"]:
            assert selects(spread["labelSelector"], labels) and spread["labelSelector"]["matchLabels"]
        # Whose number a scaler keeps has none of its own to be set back to.
        assert ("replicas" in item["spec"]) == (name not in scaled)
        assert item["spec"]["template"]["spec"]["serviceAccountName"] in {
            account["metadata"]["name"] for account in of_kind(objects, "ServiceAccount")
        }


@everywhere
def test_every_process_is_asked_where_it_answers(overlay: str) -> None:
    for item in of_kind(built(overlay), "Deployment"):
        [container] = item["spec"]["template"]["spec"]["containers"]
        [port] = container["ports"]
        given = {row["name"]: row.get("value") for row in container["env"]}
        address = given["GUICHUANG_HTTP" if port["name"] == "http" else "GUICHUANG_PROBES"]
        assert address == f"0.0.0.0:{port['containerPort']}"
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert container[probe]["httpGet"]["port"] == port["name"]
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"


@everywhere
def test_nothing_passes_that_no_policy_lets_pass(overlay: str) -> None:
    deny = one(built(overlay), "NetworkPolicy", "deny-all")["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for policy in of_kind(built(overlay), "NetworkPolicy"):
        spec = policy["spec"]
        assert set(spec["policyTypes"]) == {"Ingress", "Egress"} & {way.capitalize() for way in spec} or spec == deny


@everywhere
def test_what_a_pod_says_it_needs_it_may_reach(overlay: str) -> None:
    wanted = {"broker": 5671, "database": 5432, "store": 443}
    for name, template in pods(built(overlay)):
        labels = template["metadata"]["labels"]
        reachable = ports(rule for rule in policies(built(overlay), labels, "egress") if "ports" in rule)
        for what, port in wanted.items():
            assert (port in reachable) == (f"needs.guichuang/{what}" in labels), (name, what)


def test_only_messages_and_the_issuer_of_logins_are_sought_outside() -> None:
    province = built("province")
    outside = {name for name, template in pods(province) if template["metadata"]["labels"].get("needs.guichuang/outside")}
    assert outside == {"gateway", "notification"}


def test_a_citys_pods_are_let_in_at_the_provinces_broker_and_nowhere_else() -> None:
    province, labels = built("province"), labels_of(built("city-4502"), "review")
    [namespace] = of_kind(built("city-4502"), "Namespace")

    def admitted(rule: Object) -> bool:
        return any(
            "namespaceSelector" in place
            and selects(place["namespaceSelector"], namespace["metadata"]["labels"])
            and selects(place.get("podSelector", {}), labels)
            for place in rule["from"]
        )

    admitting = {
        policy["metadata"]["name"]: ports([rule])
        for policy in of_kind(province, "NetworkPolicy")
        for rule in policy["spec"].get("ingress", [])
        if admitted(rule)
    }
    assert admitting == {"broker": {5671}}


def test_the_public_reaches_the_api_and_neither_probes_nor_metrics() -> None:
    route = one(built("province"), "HTTPRoute", "api")
    [rule] = route["spec"]["rules"]
    paths = {(match["path"]["type"], match["path"]["value"]) for match in rule["matches"]}
    assert paths == {("PathPrefix", "/api"), ("PathPrefix", "/docs"), ("Exact", "/")}
    [backend] = rule["backendRefs"]
    service = one(built("province"), "Service", backend["name"])
    assert backend["port"] in {port["port"] for port in service["spec"]["ports"]}
    assert selects({"matchLabels": service["spec"]["selector"]}, labels_of(built("province"), "gateway"))


def test_no_manifest_carries_a_secret() -> None:
    def texts(thing: Any) -> Iterator[str]:
        if isinstance(thing, dict):
            for value in thing.values():
                yield from texts(value)
        elif isinstance(thing, list):
            for value in thing:
                yield from texts(value)
        elif isinstance(thing, str):
            yield thing

    for overlay in OVERLAYS:
        assert of_kind(built(overlay), "Secret") == []
        assert [
            text for text in texts(built(overlay)) if "://" in text and "@" in text.partition("://")[2].partition("/")[0]
        ] == []
