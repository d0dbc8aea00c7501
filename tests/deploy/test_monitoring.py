"""Rules and dashboards use only metrics that exist, and every alert says what the operator must do."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local_services import install
from tests.architecture.exported import shown
from tests.deploy.promql import read

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "deploy/monitoring"
RULES = sorted((MONITORING / "rules").glob("*.yaml"))
DASHBOARDS = sorted((MONITORING / "dashboards").glob("*.json"))
RUNBOOKS = ROOT / "docs/operations/runbooks"
RULE = [rule for path in RULES for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]
ALERTS = {rule["alert"]: rule for rule in RULE if "alert" in rule}
RECORDED = {rule["record"]: rule for rule in RULE if "record" in rule}
#: Prefixes of metrics that other programs export: the broker, Kubernetes, the Kubernetes operator of the databases, the
#: certificate manager, Prometheus itself, and the Prometheus library in each of our processes.
FOREIGN = ("rabbitmq_", "kube_", "kubelet_", "keda_", "cnpg_", "barman_cloud_", "certmanager_", "probe_", "process_", "up")
#: Labels that Prometheus adds to the series that it scrapes.
READ_FROM = {"namespace", "pod", "job", "instance", "container"}
OWN = {series: frozenset(labels) for metric in shown().values() for series, labels in metric.series.items()}


def strangers(expression: str) -> list[str]:
    """Return the names in a PromQL expression that no process exports: metrics, labels that the expression matches, labels by
    which it groups."""
    asked, wrong, there = read(expression), [], set(READ_FROM)
    for name, labels in asked.metrics:
        if name in RECORDED:
            there |= read(RECORDED[name]["expr"]).grouped
        elif name in OWN:
            there |= OWN[name]
            wrong += [f"{name}{{{label}}}" for label in labels - OWN[name] - READ_FROM]
        elif name.startswith(FOREIGN):
            return wrong
        else:
            wrong.append(name)
    return wrong + sorted(asked.grouped - there)


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ('sum by (bureau) (guichuang_cases_open{stage="decision"}) > 0', []),
        ("sum by (bureau) (guichuang_cases_opened)", ["guichuang_cases_opened", "bureau"]),
        ('guichuang_cases_open{id="1"}', ["guichuang_cases_open{id}"]),
        ("max by (operation) (guichuang_dead_letters offset 1h)", ["operation"]),
        ("rate(guichuang_request_seconds[5m])", ["guichuang_request_seconds"]),
        ("histogram_quantile(0.95, sum by (le) (rate(guichuang_request_seconds_bucket[5m]))) > 14.4 * 0.005", []),
    ],
)
def test_what_nobody_exports_is_noticed(expression: str, wrong: list[str]) -> None:
    assert strangers(expression) == wrong


@pytest.mark.parametrize("rule", RULE, ids=lambda rule: rule.get("alert") or rule["record"])
def test_every_rule_asks_for_what_is_exported(rule: dict[str, Any]) -> None:
    assert read(rule["expr"]).metrics
    assert strangers(rule["expr"]) == []


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_every_alert_says_how_grave_it_is_and_what_it_is_in_both_languages_and_leads_to_its_runbook(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in ("critical", "warning", "info")
    assert "for" in alert
    assert re.search(r"[\u4e00-\u9fff]", alert["annotations"]["summary"])
    assert alert["annotations"]["summary_en"].isascii()
    assert alert["annotations"]["runbook_url"] == f"docs/operations/runbooks/{name}.md"


def test_every_alert_has_its_runbook_and_every_runbook_its_alert() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == set(ALERTS)


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_a_runbook_tells_cause_signs_remedy_and_what_never_to_do(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {name}\n")
    parts = dict(re.findall(r"^## (.+)\n\n((?:[- ].*\n?)+)", text, re.MULTILINE))
    assert list(parts) == ["Cause", "Diagnosis", "Remedy", "Never"]
    # The runbook names only alerts, metrics and pages that exist.
    assert set(re.findall(r"`([A-Z][a-z]+[A-Z]\w+)`", text)) <= {*ALERTS, "OOMKilled"}
    assert {metric for metric in re.findall(r"\b(guichuang_\w+)", text) if metric not in OWN and metric not in shown()} == set()
    assert [page for page in re.findall(r"\b(docs/\S+\.md)", text) if not (ROOT / page).exists()] == []


def promtool(*words: str | Path) -> None:
    done = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_sound_and_fire_when_they_should_and_only_then() -> None:
    install.ensure()
    trials = sorted((MONITORING / "rules/tests").glob("*.yaml"))
    promtool("check", "rules", *RULES)
    promtool("test", "rules", *trials)
    tried = [trial for path in trials for trial in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]]
    alerts = [alert for trial in tried for alert in trial["alert_rule_test"]]
    assert {alert["alertname"] for alert in alerts if alert["exp_alerts"]} == set(ALERTS)


def test_what_dashboards_ask_is_understood(tmp_path: Path) -> None:
    install.ensure()
    asked = [
        target["expr"]
        for path in DASHBOARDS
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]
        for target in panel["targets"]
    ]
    for variable, value in (("$__rate_interval", "5m"), ("$__range", "1d"), ("$namespace", ".*"), ("$bureau", ".*")):
        asked = [expression.replace(variable, value) for expression in asked]
    rules = [{"record": f"asked:{number}", "expr": expression} for number, expression in enumerate(asked)]
    (tmp_path / "asked.yaml").write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": rules}]}), encoding="utf-8")
    promtool("check", "rules", tmp_path / "asked.yaml")


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_is_one_grafana_takes_and_shows_what_is_exported(path: Path) -> None:
    board = json.loads(path.read_text(encoding="utf-8"))
    assert board["uid"] == f"guichuang-{path.stem}"
    assert board["schemaVersion"] >= 36
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    assert ("bureau" in variables) == (path.stem == "bureau")
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    for variable in variables.values():
        if variable["type"] == "query":
            metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"]).groups()  # type: ignore[union-attr]
            assert label in OWN[metric] | READ_FROM
        assert variable["name"] == "datasource" or any(f"${variable['name']}" in expression for expression in asked)
    for panel in board["panels"]:
        assert re.search(r"[\u4e00-\u9fff]", panel["title"])
        assert panel["description"].isascii()
        assert panel["datasource"]["uid"] == "${datasource}"
    assert {expression: strangers(expression) for expression in asked if strangers(expression)} == {}


def test_all_three_dashboards_are_there() -> None:
    assert [path.stem for path in DASHBOARDS] == ["bureau", "bus", "platform"]


def test_examples_of_shipping_logs_name_fields_that_there_are_and_no_password() -> None:
    fields = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/operations/logs.md").read_text(encoding="utf-8"), re.MULTILINE))
    fluent = yaml.safe_load((MONITORING / "logs/kubernetes-fluent-bit.yaml").read_text(encoding="utf-8"))
    [parser] = fluent["parsers"]
    assert (parser["format"], parser["time_key"] in fields) == ("json", True)
    assert parser["name"] in {step.get("parser") for step in fluent["pipeline"]["filters"]}
    [sink] = fluent["pipeline"]["outputs"]
    assert sink["http_passwd"] == "${LOGS_PASSWORD}"
    vector = tomllib.loads((MONITORING / "logs/machine-vector.toml").read_text(encoding="utf-8"))
    assert set(vector["transforms"]["fields"]["inputs"]) == set(vector["sources"])
    assert {value.strip("{} ") for value in vector["sinks"]["loki"]["labels"].values()} <= fields
    assert vector["sinks"]["loki"]["auth"]["password"] == "${LOGS_PASSWORD}"


def test_the_example_of_watching_certificates_is_read_by_the_alert() -> None:
    probe = yaml.safe_load((MONITORING / "certificates.yaml").read_text(encoding="utf-8"))
    job = probe["spec"]["jobName"]
    assert f'job=~"(.+/)?{job}"' in ALERTS["CertificateExpiresSoon"]["expr"]


def test_the_page_of_objectives_names_rules_and_alerts_that_there_are() -> None:
    text = (ROOT / "docs/operations/slo.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\b((?:[A-Z][a-z0-9]+){2,})\b", text)) <= set(ALERTS)
    assert set(re.findall(r"guichuang:\w+:\w+", text)) <= set(RECORDED)
    assert set(re.findall(r"\bguichuang_\w+", text)) <= {*OWN, *shown()}
