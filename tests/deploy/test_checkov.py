"""checkov examines the rendered overlays and the Dockerfile. It reports no fault in them, apart from the checks that checkov.yaml
skips with a reason, and it reports each mistake in mistakes.toml that our own checks leave to it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.k8s.checks.rendered import render
from tests.deploy.mistakes import CHECKOV, MANIFESTS, MISTAKES, Mistake, copy_manifests, made

ROOT = MANIFESTS.parents[1]
#: checkov requires other versions of packages that we use too, so it is installed in a separate environment.
PROGRAM = ROOT / ".venv" / "checkov" / "bin" / "checkov"
OVERLAYS = ("province", "city-4502")
ITS_OWN = [mistake for mistake in MISTAKES if mistake.told.startswith(CHECKOV)]


def write(file: Path, overlay: Path) -> None:
    file.write_text("\n---\n".join(json.dumps(document) for document in render(overlay).documents))


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return checkov's reports by framework (Dockerfile, Kubernetes). It examined the Dockerfile, every overlay, and for each
    mistake a copy of the overlay that contains the mistake."""
    folder, copy = tmp_path_factory.mktemp("checked"), copy_manifests(tmp_path_factory.mktemp("manifests"))
    for overlay in OVERLAYS:
        write(folder / f"{overlay}.yaml", MANIFESTS / "overlays" / overlay)
    for number, mistake in enumerate(ITS_OWN):
        with made(mistake, copy) as overlay_folder:
            write(folder / f"mistake-{number}.yaml", overlay_folder)
    (folder / "Dockerfile").write_text((ROOT / "deploy" / "images" / "Dockerfile").read_text())
    command = [PROGRAM, "--directory", folder, "--config-file", MANIFESTS / "checkov.yaml", "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {report["check_type"]: report for report in json.loads(done.stdout)}


def failed_in(report: dict[str, Any], file: str) -> set[str]:
    """Return the ids of checkov's checks that failed in a file."""
    return {check["check_id"] for check in report["results"]["failed_checks"] if check["file_path"] == f"/{file}"}


def test_nothing_is_left_to_mend(reports: dict[str, Any]) -> None:
    for framework, files in (("kubernetes", [f"{overlay}.yaml" for overlay in OVERLAYS]), ("dockerfile", ["Dockerfile"])):
        assert {file: failed_in(reports[framework], file) for file in files} == {file: set() for file in files}
        assert reports[framework]["summary"]["passed"] > 50


@pytest.mark.parametrize(("number", "mistake"), list(enumerate(ITS_OWN)), ids=[mistake.what for mistake in ITS_OWN])
def test_a_mistake_that_our_checks_leave_to_checkov_is_found(reports: dict[str, Any], number: int, mistake: Mistake) -> None:
    assert mistake.told in failed_in(reports["kubernetes"], f"mistake-{number}.yaml")
