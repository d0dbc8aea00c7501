"""A version can be released only if the package, the changelog, the upgrade notes and the manifests all name it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from deploy import release
from deploy.k8s import generated, tenants

VERSION = "0.2.0"


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """Return a copy of the files that name versions, ready for the next release."""
    for name in ("pyproject.toml", "CHANGELOG.md", release.UPGRADE_NOTES):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(release.ROOT / name, tmp_path / name)
    shutil.copytree(release.ROOT / "deploy/k8s", tmp_path / "deploy/k8s", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    # The overlays include the monitoring rules and dashboards, which the generator reads from a folder of their own.
    edit(tmp_path / "pyproject.toml", 'version = "0.1.0"', f'version = "{VERSION}"')
    edit(tmp_path / "deploy/k8s/tenants.toml", 'version = "0.1.0"', f'version = "{VERSION}"')
    generated.write(tenants.read(tmp_path / "deploy/k8s/tenants.toml"), tmp_path / "deploy/k8s")
    text = (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8")
    head, _, rest = text.partition("## Unreleased")
    (tmp_path / "CHANGELOG.md").write_text(f"{head}## Unreleased\n\n## {VERSION} (2027-01-15)\n\n- A change.\n{_older(rest)}")
    with (tmp_path / release.UPGRADE_NOTES).open("a", encoding="utf-8") as notes:
        notes.write(f"\n## {VERSION}\n\nNothing.\n")
    return tmp_path


def _older(rest: str) -> str:
    """Return the changelog's sections about earlier versions; an empty text if there are none."""
    found = re.search(r"^## \d", rest, re.MULTILINE)
    return f"\n{rest[found.start() :]}" if found else ""


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_a_version_that_everything_names_is_ready(ready: Path) -> None:
    assert release.problems(ready, VERSION) == []


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("pyproject.toml", f'version = "{VERSION}"', 'version = "0.1.9"', "pyproject.toml names version 0.1.9"),
        ("CHANGELOG.md", f"## {VERSION} (2027-01-15)", "## 0.3.0 (2027-01-15)", "CHANGELOG.md has no section"),
        ("CHANGELOG.md", f"## {VERSION} (2027-01-15)", f"## {VERSION}", "or not of which day it is"),
        ("CHANGELOG.md", "## Unreleased\n", "## Unreleased\n\n- Not yet.\n", "still has changes under Unreleased"),
        ("CHANGELOG.md", f"## {VERSION} (", f"## 0.9.0 (2028-01-01)\n\n- Later.\n\n## {VERSION} (", "as its newest version"),
        (release.UPGRADE_NOTES, f"## {VERSION}\n\nNothing.", f"## {VERSION}", "does not say what an operator does"),
        (
            "deploy/k8s/tenants.toml",
            'namespace = "guichuang-450200", ',
            'namespace = "guichuang-450200", version = "0.1.0", ',
            "450200",
        ),
        ("deploy/k8s/overlays/city-4502/kustomization.yaml", f"newTag: {VERSION}", "newTag: 0.1.0", "make overlays"),
    ],
)
def test_whatever_names_another_version_is_told(ready: Path, file: str, before: str, after: str, told: str) -> None:
    edit(ready / file, before, after)
    assert any(told in line for line in release.problems(ready, VERSION))


@pytest.mark.parametrize("version", ["1", "1.2", "01.2.3", "v1.2.3", "1.2.3+build", "1.2.3-", "latest"])
def test_only_semantic_versions_are_released(version: str) -> None:
    assert release.problems(release.ROOT, version) == [
        f"{version} is no version of the form MAJOR.MINOR.PATCH or MAJOR.MINOR.PATCH-PRERELEASE"
    ]


def test_versions_are_ordered_as_semantic_versioning_says() -> None:
    ordered = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.10.0",
    ]
    mixed = ordered[5:] + ordered[:5]
    assert sorted(mixed, key=release.order) == ordered


def test_the_present_version_has_its_upgrade_note_and_is_that_of_the_manifests() -> None:
    present = version("guichuang")
    assert [
        *release._package(release.ROOT, present),
        *release._notes(release.ROOT, present),
        *release._manifests(release.ROOT, present),
    ] == []


def test_the_command_says_version_and_revision() -> None:
    command = [sys.executable, "-m", "deploy.cli", "version"]
    told = subprocess.run(
        command, env={"GUICHUANG_REVISION": "abc123"}, cwd=release.ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert told == f"guichuang {version('guichuang')} (abc123)\n"
