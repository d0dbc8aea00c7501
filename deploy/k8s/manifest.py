"""The objects that the generated manifests contain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

#: A Kubernetes object as it is written to a manifest. Kubernetes and the installed Kubernetes operators define the members; no
#: code here reads them.
Resource = Mapping[str, object]


class PatchTarget(TypedDict):
    kind: str
    name: str


class Patch(TypedDict):
    """A patch of an overlay. `patch`: its steps (JSON Patch) as YAML."""

    target: PatchTarget
    patch: str
    options: NotRequired[dict[str, bool]]


class Labels(TypedDict):
    pairs: dict[str, str]
    includeTemplates: bool


class ConfigMap(TypedDict):
    name: str
    behavior: str
    literals: list[str]


class Replicas(TypedDict):
    name: str
    count: int


class Overlay(TypedDict):
    """The `kustomization.yaml` of an overlay."""

    apiVersion: str
    kind: str
    namespace: str
    resources: list[str]
    components: list[str]
    labels: NotRequired[list[Labels]]
    images: NotRequired[list[dict[str, str]]]
    configMapGenerator: NotRequired[list[ConfigMap]]
    patches: list[Patch]
    replicas: NotRequired[list[Replicas]]
