"""`make release VERSION=…`: check that every file that names the platform's version names this version, and print the steps of
the release."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from deploy.k8s import generated, tenants

ROOT = Path(__file__).parents[1]
#: Semantic Versioning 2.0.0, without build metadata, which an image tag cannot contain.
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:[0-9A-Za-z-]+)(?:\.[0-9A-Za-z-]+)*))?")
#: The heading of a release in the changelog and in the upgrade notes.
SECTION = re.compile(r"^## (\S+)(?: \((\d{4}-\d\d-\d\d)\))?$", re.MULTILINE)
UPGRADE_NOTES = "docs/operations/upgrade-notes.md"
UNRELEASED = "Unreleased"

STEPS = """Everything names {version}. To cut it:
  git tag --sign v{version} --message "Guichuang {version}"
  docker buildx build --platform linux/amd64,linux/arm64 --file deploy/images/Dockerfile --build-arg VERSION={version} \\
    --build-arg REVISION="$(git rev-parse HEAD)" --sbom=true --provenance=mode=max --tag REPOSITORY/guichuang:{version} --push .
  cosign sign REPOSITORY/guichuang@sha256:…
docs/operations/releases.md has the rest."""


def problems(root: Path, version: str) -> list[str]:
    """Return the problems that prevent the release of this version. The state of the repository is not checked."""
    if not SEMVER.fullmatch(version):
        return [f"{version} is no version of the form MAJOR.MINOR.PATCH or MAJOR.MINOR.PATCH-PRERELEASE"]
    return [*_package(root, version), *_changelog(root, version), *_notes(root, version), *_manifests(root, version)]


def order(version: str) -> tuple[tuple[int, ...], bool, tuple[tuple[int, int, str], ...]]:
    """Return the key by which versions are compared: a prerelease comes before its release, and its numbers before its words."""
    found = SEMVER.fullmatch(version)
    if not found:
        raise ValueError(version)
    *numbers, prerelease = found.groups()
    words = tuple((0, int(word), "") if word.isdecimal() else (1, 0, word) for word in (prerelease or "").split(".") if word)
    return tuple(map(int, numbers)), prerelease is None, words


def _package(root: Path, version: str) -> Iterator[str]:
    named = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if named != version:
        yield f"pyproject.toml names version {named}"


def _sections(path: Path) -> dict[str, tuple[str | None, str]]:
    """Return the sections of a file in its order: name → date and text."""
    text = path.read_text(encoding="utf-8")
    found = list(SECTION.finditer(text))
    ends = [one.start() for one in found[1:]] + [len(text)]
    return {one[1]: (one[2], text[one.end() : end].strip()) for one, end in zip(found, ends, strict=True)}


def _changelog(root: Path, version: str) -> Iterator[str]:
    sections = _sections(root / "CHANGELOG.md")
    released = [name for name in sections if name != UNRELEASED]
    if sections.get(UNRELEASED, (None, ""))[1]:
        yield f"CHANGELOG.md still has changes under {UNRELEASED}: put them under {version}"
    if version not in released:
        yield f'CHANGELOG.md has no section "## {version} (YYYY-MM-DD)"'
        return
    date, text = sections[version]
    if not date or not text:
        yield f"CHANGELOG.md says nothing of {version}, or not of which day it is"
    if strange := [name for name in released if not SEMVER.fullmatch(name)]:
        yield f"CHANGELOG.md has sections of no version: {', '.join(strange)}"
    elif released != sorted(released, key=order, reverse=True) or released[0] != version:
        yield f"CHANGELOG.md does not have {version} as its newest version"


def _notes(root: Path, version: str) -> Iterator[str]:
    sections = _sections(root / UPGRADE_NOTES)
    if not sections.get(version, (None, ""))[1]:
        yield f"{UPGRADE_NOTES} does not say what an operator does for {version}"


def _manifests(root: Path, version: str) -> Iterator[str]:
    folder = root / "deploy/k8s"
    table = tenants.read(folder / "tenants.toml")
    for tenant in (table.province, *table.cities):
        if tenant.version != version:
            yield f"deploy/k8s/tenants.toml has {tenant.code} at version {tenant.version}"
    if differing := generated.drift(table, folder):
        yield f"the overlays are not what tenants.toml says ({differing[0]} …): make overlays"


def _contract() -> Iterator[str]:
    from deploy.contract import RELEASED, REVIEWED_BREAKS, documents

    for name, document in (documents() | {REVIEWED_BREAKS: {}}).items():
        if json.loads((RELEASED / name).read_text(encoding="utf-8")) != document:
            yield f"docs/api/{name} is not this code's: make contract"


def _repository(version: str) -> Iterator[str]:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    if git("status", "--porcelain"):
        yield "there are changes that are not committed"
    if git("tag", "--list", f"v{version}"):
        yield f"the tag v{version} is there already"


def main() -> int:
    """Return exit status 1 if a problem prevents the release."""
    if len(sys.argv) != 2 or not sys.argv[1]:
        print("make release VERSION=1.2.3", file=sys.stderr)
        return 2
    version = sys.argv[1]
    wrong = problems(ROOT, version)
    if SEMVER.fullmatch(version):
        wrong += [*_contract(), *_repository(version)]
    for line in wrong:
        print(line, file=sys.stderr)
    if not wrong:
        print(STEPS.format(version=version))
    return min(len(wrong), 1)


if __name__ == "__main__":
    sys.exit(main())
