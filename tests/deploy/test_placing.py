"""The table of tenants chooses registry, storage class, pod priority, zones, image digest and quota, and every overlay uses these
choices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deploy.k8s.checks import complaints
from deploy.k8s.checks.rendered import render
from deploy.k8s.tenants import BadTable
from tests.deploy.manifests import Object, containers, of_kind, one, pods
from tests.deploy.test_pruning import LIUZHOU, rendered

DIGEST = f"sha256:{'a' * 64}"
QUOTA = 'quota = { cpu = "6", memory = "16Gi", storage = "120Gi", pods = 30 }, '
CHOSEN = (
    (
        'scaling = "keda" ',
        f'digest = "{DIGEST}"\npull_secret = "registry"\nstorage_class = "fast"\npriority_class = "platform"\n'
        'zones = "preferred"\nscaling = "keda" ',
    ),
    (LIUZHOU, LIUZHOU + QUOTA),
)


def templates(objects: list[Object]) -> list[Any]:
    """Return the specs of all pods, including those of CronJobs."""
    jobs = [item["spec"]["jobTemplate"]["spec"]["template"]["spec"] for item in of_kind(objects, "CronJob")]
    return [*(template["spec"] for _, template in pods(objects)), *jobs]


@pytest.mark.parametrize("overlay", ["province", "city-4502"])
def test_what_the_table_says_of_the_cluster_is_in_every_object(tmp_path: Path, overlay: str) -> None:
    objects = rendered(tmp_path / "k8s", overlay, CHOSEN)
    assert {item["imagePullSecrets"][0]["name"] for item in of_kind(objects, "ServiceAccount")} == {"registry"}
    assert one(objects, "Cluster", "guichuang-db")["spec"]["imagePullSecrets"] == [{"name": "registry"}]
    assert {spec["priorityClassName"] for spec in templates(objects)} == {"platform"}
    assert one(objects, "Cluster", "guichuang-db")["spec"]["storage"]["storageClass"] == "fast"
    assert {item["spec"]["storageClassName"] for item in of_kind(objects, "PersistentVolumeClaim")} == {"fast"}
    images = {container["image"] for _, template in pods(objects) for container in containers(template)}
    assert images == {f"guichuang@{DIGEST}"}
    zones = {
        spec["topologySpreadConstraints"][0]["whenUnsatisfiable"]
        for spec in templates(objects)
        if "topologySpreadConstraints" in spec
    }
    assert zones == {"ScheduleAnyway"}
    assert complaints(render(tmp_path / "k8s/overlays" / overlay)) == []


def test_a_quota_that_a_scaler_would_run_into_is_told(tmp_path: Path) -> None:
    rendered(tmp_path / "k8s", "city-4502", ((LIUZHOU, LIUZHOU + QUOTA.replace('cpu = "6"', 'cpu = "1"')),))
    [complaint] = complaints(render(tmp_path / "k8s/overlays/city-4502"))
    assert "ResourceQuota/guichuang allows 1 of requests.cpu; all pods at their most ask for" in complaint


def test_by_default_zones_are_required(tmp_path: Path) -> None:
    objects = rendered(tmp_path / "k8s", "city-4502", ())
    spread = one(objects, "Deployment", "review")["spec"]["template"]["spec"]["topologySpreadConstraints"][0]
    assert (spread["topologyKey"], spread["whenUnsatisfiable"]) == ("topology.kubernetes.io/zone", "DoNotSchedule")
    cluster = one(objects, "Cluster", "guichuang-db")["spec"]["topologySpreadConstraints"][0]
    assert (cluster["whenUnsatisfiable"], cluster["nodeTaintsPolicy"]) == ("DoNotSchedule", "Honor")


@pytest.mark.parametrize("row", ['quota = { cpu = "4" }, ', 'version = "0.2.0", digest = "latest", '])
def test_a_quota_in_part_and_a_digest_that_is_none_are_refused(tmp_path: Path, row: str) -> None:
    with pytest.raises(BadTable, match="450200"):
        rendered(tmp_path / "k8s", "city-4502", ((LIUZHOU, LIUZHOU + row),))


def test_a_city_with_a_version_of_its_own_does_not_run_the_platforms_digest(tmp_path: Path) -> None:
    edits = (*CHOSEN[:1], (LIUZHOU, LIUZHOU + 'version = "0.2.0", '))
    objects = rendered(tmp_path / "k8s", "city-4502", edits)
    images = {container["image"] for _, template in pods(objects) for container in containers(template)}
    assert images == {"guichuang:0.2.0"}
