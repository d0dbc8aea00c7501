"""The Kubernetes objects of the overlays; each overlay is rendered once per test run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from deploy import k8s

HERE = Path(k8s.__file__).parent
Object = dict[str, Any]


def build(folder: Path, overlay: str) -> list[Object]:
    """Return the objects that `kubectl apply` would apply from a folder of manifests."""
    command = [str(Path(sys.executable).with_name("kubectl")), "kustomize", str(folder / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader))


@cache
def built(overlay: str) -> list[Object]:
    """Return the objects of an overlay of the unchanged manifests. All callers get the same list and must not change it."""
    return build(HERE, overlay)


def one(objects: list[Object], kind: str, name: str) -> Object:
    """Return the only object of this kind whose name begins with `name`."""
    [found] = [item for item in objects if item["kind"] == kind and item["metadata"]["name"].startswith(name)]
    return found


def of_kind(objects: list[Object], *kinds: str) -> list[Object]:
    return [item for item in objects if item["kind"] in kinds]


def pods(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    """Yield (name, pod template) of each workload that runs our code."""
    for item in of_kind(objects, "Deployment", "Job"):
        yield item["metadata"]["name"], item["spec"]["template"]


def containers(template: Object) -> list[Object]:
    return [*template["spec"]["containers"], *template["spec"].get("initContainers", [])]


def vanished(before: list[Object], after: list[Object]) -> set[tuple[str, str]]:
    """Return (kind, name) of each object in `before` that `after` no longer contains: `kubectl apply` would leave these objects
    in the cluster. In the name of a Job or ConfigMap the digest at the end is ignored, because a new one replaces the earlier
    one."""

    def named(objects: list[Object]) -> set[tuple[str, str]]:
        return {(item["kind"], _stem(item["kind"], item["metadata"]["name"])) for item in objects}

    return named(before) - named(after)


def _stem(kind: str, name: str) -> str:
    return name.rpartition("-")[0] if kind in ("Job", "ConfigMap") else name
