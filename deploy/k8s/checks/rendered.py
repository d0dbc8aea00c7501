"""An overlay in the form that Kubernetes gets, with the queries that the checks make."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

#: Kinds of object that create pods → where the pod template is in each.
_TEMPLATES = {
    "Deployment": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}

Document = Mapping[str, Any]


class NotBuilt(Exception):
    """kubectl refused the overlay; the exception has kubectl's message."""


@dataclass(frozen=True, slots=True)
class Pods:
    """The pods that a workload creates: their labels and their spec."""

    kind: str
    name: str
    labels: Mapping[str, str]
    spec: Mapping[str, Any]

    @property
    def containers(self) -> list[Mapping[str, Any]]:
        """Return the init containers and the main containers."""
        return [*self.spec.get("initContainers", ()), *self.spec["containers"]]

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True)
class Rendered:
    """All objects of one overlay."""

    name: str
    documents: tuple[Document, ...]

    def of(self, *kinds: str) -> list[Document]:
        return [document for document in self.documents if document["kind"] in kinds]

    def find(self, kind: str, name: str) -> Document | None:
        return next((document for document in self.of(kind) if name_of(document) == name), None)

    @cached_property
    def workloads(self) -> list[Pods]:
        """Return the pods that the overlay's workloads create."""
        pods_found = []
        for document in self.of(*_TEMPLATES):
            template: Any = document
            for step in _TEMPLATES[document["kind"]]:
                template = template[step]
            labels = template.get("metadata", {}).get("labels", {})
            pods_found.append(Pods(document["kind"], name_of(document), labels, template["spec"]))
        return pods_found

    @cached_property
    def settings(self) -> Mapping[str, str]:
        """Return the plain settings that all processes share: those in the ConfigMap whose keys are settings, wherever it is in
        the sorted output."""
        shared = (config_map["data"] for config_map in self.of("ConfigMap") if name_of(config_map).startswith("guichuang-"))
        return next((data for data in shared if all(key.startswith("GUICHUANG_") for key in data)), {})

    def environment(self, container: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
        """Yield the environment of a container: each name with its value, None for a value from a Secret."""
        for source in container.get("envFrom", ()):
            if config_map := self.find("ConfigMap", source.get("configMapRef", {}).get("name", "")):
                yield from config_map["data"].items()
        for variable in container.get("env", ()):
            yield variable["name"], variable.get("value")


def name_of(document: Document) -> str:
    return str(document["metadata"]["name"])


def render(folder: Path) -> Rendered:
    """Build an overlay with the development environment's kubectl. Raises NotBuilt with kubectl's message if it refuses the
    overlay."""
    kubectl = Path(sys.executable).with_name("kubectl")
    result = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False)
    if result.returncode:
        raise NotBuilt(f"{folder.name}: {result.stderr.strip()}")
    return Rendered(
        folder.name, tuple(document for document in yaml.load_all(result.stdout, Loader=yaml.CSafeLoader) if document)
    )


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Return whether a label selector matches these labels; an empty selector matches all."""
    if any(labels.get(name) != value for name, value in selector.get("matchLabels", {}).items()):
        return False
    for rule in selector.get("matchExpressions", ()):
        value = labels.get(rule["key"])
        is_fulfilled = {
            "In": value in rule.get("values", ()),
            "NotIn": value not in rule.get("values", ()),
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }
        if not is_fulfilled[rule["operator"]]:
            return False
    return True
