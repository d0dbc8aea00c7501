"""Properties that no single overlay shows: the order of starts, and the network access between overlays. (deploy/k8s/checks has
the rules within one overlay.)"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from deploy.k8s.checks.rendered import selects
from deploy.local_services import install
from tests.deploy.manifests import Object, built, containers, of_kind, one, pods
from tests.deploy.test_monitoring import promtool, strangers

everywhere = pytest.mark.parametrize("overlay", ("province", "city-4502"))


def labels_of(objects: list[Object], name: str) -> dict[str, str]:
    found: dict[str, str] = one(objects, "Deployment", name)["spec"]["template"]["metadata"]["labels"]
    return found


@everywhere
def test_a_process_begins_after_its_own_database_was_brought_up_and_by_the_same_image(overlay: str) -> None:
    for item in of_kind(built(overlay), "Deployment"):
        pod = item["spec"]["template"]["spec"]
        if item["metadata"]["name"] == "console":
            assert "initContainers" not in pod, "it has no database"
            continue
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
        policy["metadata"]["name"]: {port["port"] for port in rule["ports"]}
        for policy in of_kind(province, "NetworkPolicy")
        for rule in policy["spec"].get("ingress", [])
        if admitted(rule)
    }
    assert admitting == {"broker": {5671}}


@pytest.mark.parametrize(("name", "behind", "paths"), [("api", "gateway", {"/api", "/docs"}), ("console", "console", {"/"})])
def test_the_public_reaches_api_and_console_and_neither_probes_nor_metrics(name: str, behind: str, paths: set[str]) -> None:
    route = one(built("province"), "HTTPRoute", name)
    [rule] = route["spec"]["rules"]
    assert {(match["path"]["type"], match["path"]["value"]) for match in rule["matches"]} == {
        ("PathPrefix", path) for path in paths
    }
    [backend] = rule["backendRefs"]
    service = one(built("province"), "Service", backend["name"])
    assert backend["port"] in {port["port"] for port in service["spec"]["ports"]}
    assert selects({"matchLabels": service["spec"]["selector"]}, labels_of(built("province"), behind))
    # Probes and metrics have a separate port, which no Service exposes.
    assert {port["targetPort"] for port in service["spec"]["ports"]} == {"http"}


def test_a_console_knows_no_database_no_broker_and_its_own_key_alone() -> None:
    pod = one(built("province"), "Deployment", "console")["spec"]["template"]["spec"]
    [running] = pod["containers"]
    assert {row["name"] for row in running["env"]} == {
        *("GUICHUANG_HTTP", "GUICHUANG_PROBES", "GUICHUANG_WORKERS"),
        "SSL_CERT_FILE",
    }
    [keys] = [volume["projected"]["sources"] for volume in pod["volumes"] if volume["name"] == "keys"]
    assert [source["secret"]["name"] for source in keys if "secret" in source] == ["guichuang-key-console"]


def test_where_consoles_run_apart_the_gateway_is_told_so_and_serves_the_api_alone() -> None:
    [settings] = [item["data"] for item in of_kind(built("province"), "ConfigMap") if "GUICHUANG_PROXIES" in item["data"]]
    assert settings["GUICHUANG_CONSOLE_API"] == "http://gateway"
    assert one(built("province"), "Service", "gateway")
    # The console and the gateway each trust one reverse proxy. A request reaches the console through the ingress, and the gateway
    # through either the ingress or the console.
    assert settings["GUICHUANG_PROXIES"] == "1"


@everywhere
def test_scaling_asks_for_metrics_that_are_exported(overlay: str) -> None:
    triggers = [trigger for item in of_kind(built(overlay), "ScaledObject") for trigger in item["spec"]["triggers"]]
    asked = [trigger["metadata"]["query"] for trigger in triggers if trigger["type"] == "prometheus"]
    assert asked
    assert [wrong for query in asked for wrong in strangers(query)] == []


def test_scaling_by_unpublished_events_waits_for_the_broker(tmp_path: Path) -> None:
    # Given the metrics query of an autoscaler, an outbox whose oldest event grows older, and a broker that was down until ten
    # minutes ago
    install.ensure()
    scaler = one(built("province"), "ScaledObject", "application")
    [query] = [
        trigger["metadata"]["query"]
        for trigger in scaler["spec"]["triggers"]
        if "guichuang_outbox_age_seconds" in trigger["metadata"].get("query", "")
    ]
    labels = '{namespace="guichuang", service="application", pod="a"}'
    series = [
        {"series": f"guichuang_outbox_age_seconds{labels}", "values": "0+60x40"},
        {"series": f"guichuang_bus_connected{labels}", "values": "1x9 0x9 1x30"},
    ]
    # Then the query returns the event's age while the broker is up, and zero while the broker is down and for three minutes
    # afterwards
    counted = {5: 300, 15: 0, 21: 0, 30: 1800}
    asked = [
        {"expr": query, "eval_time": f"{minute}m", "exp_samples": [{"labels": "{}", "value": age}]}
        for minute, age in counted.items()
    ]
    trial = {"evaluation_interval": "1m", "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": asked}]}
    (tmp_path / "trial.yaml").write_text(yaml.safe_dump(trial), encoding="utf-8")
    promtool("test", "rules", tmp_path / "trial.yaml")
