"""The Dockerfile passes its linter, and copies everything that the platform needs to run."""

from __future__ import annotations

import fnmatch
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy/images/Dockerfile"


def tracked(*folders: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def test_the_recipe_follows_the_rules_for_recipes() -> None:
    linted = subprocess.run([Path(sys.executable).with_name("hadolint"), DOCKERFILE], capture_output=True, text=True, check=False)
    assert linted.stdout + linted.stderr == ""


def test_every_file_of_the_services_goes_along() -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    read = [name for name in tracked("services", "gateway", "console") if not name.endswith((".py", ".md", ".lock"))]
    assert read
    assert [name for name in read if not any(fnmatch.fnmatch(Path(name).name, pattern) for pattern in patterns)] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "deploy/images/build.lock"])
def test_what_the_image_installs_is_locked_by_hash(lock: str) -> None:
    entries = [entry for entry in (ROOT / lock).read_text().split("\n") if entry and not entry.startswith((" ", "#"))]
    assert entries
    assert [entry for entry in entries if "==" not in entry or not entry.endswith("\\")] == []


def test_the_build_uses_what_the_project_says_it_is_built_with() -> None:
    [wanted] = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert wanted in (ROOT / "deploy/images/build.lock").read_text()


def test_the_process_is_nobody_in_particular() -> None:
    told = [line.split(maxsplit=1) for line in DOCKERFILE.read_text().splitlines() if line and line[0].isupper()]
    final = dict(told[max(place for place, (word, _) in enumerate(told) if word == "FROM") :])
    assert final["USER"] == "10001:10001"
    assert final["ENTRYPOINT"] == '["guichuang"]'
