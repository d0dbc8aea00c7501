"""The example for Argo CD deploys every overlay, has permission only for the kinds of object that overlays contain, and keeps the
order of an upgrade."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from deploy.k8s.checks import safety, validity
from deploy.k8s.checks.rendered import Rendered, render
from tests.deploy.manifests import HERE, Object, built, one

OVERLAYS = sorted(path.name for path in (HERE / "overlays").iterdir())
#: The kinds of Kubernetes objects in the overlays that belong to no namespace.
CLUSTER_WIDE = {"Namespace"}
WAVE = "argocd.argoproj.io/sync-wave"


@pytest.fixture(scope="module")
def example() -> list[Object]:
    return [dict(document) for document in render(Path(HERE) / "gitops").documents]


def test_the_example_builds_and_is_of_known_kinds() -> None:
    assert list(validity.check(render(Path(HERE) / "gitops"))) == []


def test_every_overlay_becomes_an_application(example: list[Object]) -> None:
    [generator] = one(example, "ApplicationSet", "guichuang")["spec"]["generators"]
    [taken] = generator["git"]["directories"]
    root = Path(HERE).parents[1]
    paths = [(Path(HERE) / "overlays" / name).relative_to(root).as_posix() for name in OVERLAYS]
    assert [path for path in paths if not fnmatch(path, taken["path"])] == []
    assert one(example, "ApplicationSet", "guichuang")["spec"]["template"]["spec"]["source"]["path"] == "{{ .path.path }}"


@pytest.mark.parametrize("overlay", ["province", "city-4502"])
def test_the_project_allows_what_overlays_have(example: list[Object], overlay: str) -> None:
    project = one(example, "AppProject", "guichuang")["spec"]
    objects = built(overlay)
    spaces = {item["metadata"]["namespace"] for item in objects if item["kind"] not in CLUSTER_WIDE}
    allowed = [place["namespace"] for place in project["destinations"]]
    assert [space for space in spaces if not any(fnmatch(space, pattern) for pattern in allowed)] == []
    assert {row["kind"] for row in project["clusterResourceWhitelist"]} == CLUSTER_WIDE
    assert not {row["kind"] for row in project["namespaceResourceBlacklist"]} & {item["kind"] for item in objects}


def test_a_repository_is_the_same_in_project_generator_and_source(example: list[Object]) -> None:
    spec = one(example, "ApplicationSet", "guichuang")["spec"]
    [repository] = one(example, "AppProject", "guichuang")["spec"]["sourceRepos"]
    assert spec["generators"][0]["git"]["repoURL"] == spec["template"]["spec"]["source"]["repoURL"] == repository


@pytest.mark.parametrize("overlay", ["province", "city-4502"])
def test_waves_follow_the_order_of_an_upgrade(overlay: str) -> None:
    waves: dict[str, set[int]] = {}
    for item in built(overlay):
        name = "gateway" if (item["kind"], item["metadata"]["name"]) == ("Deployment", "gateway") else item["kind"]
        waves.setdefault(name, set()).add(int(item["metadata"].get("annotations", {}).get(WAVE, 0)))
    order = ["Namespace", "Cluster", "Job", "Deployment", "gateway", "ScaledObject"]
    there = [kind for kind in order if kind in waves]
    assert all(len(waves[kind]) == 1 for kind in there)
    placed = [min(waves[kind]) for kind in there]
    assert placed == sorted(placed)
    assert max(waves["Cluster"]) < min(waves["Job"]) < min(waves["Deployment"]) < min(waves["ScaledObject"])
    assert waves.get("HorizontalPodAutoscaler", {4}) == {4}


def test_the_example_of_copies_at_another_place_is_valid_and_safe() -> None:
    [document] = yaml.safe_load_all((HERE / "offsite/example.yaml").read_text(encoding="utf-8"))
    example = Rendered("offsite", (document,))
    assert [*validity.check(example), *safety.check(example)] == []
