"""A second check of the manifests and the image: checkov finds nothing except findings that are skipped with a reason."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy import k8s
from deploy.k8s.checks.rendered import render

MANIFESTS = Path(k8s.__file__).parent
ROOT = MANIFESTS.parents[1]
#: It has an environment of its own, because it pins packages that we need in other versions.
CHECKOV = ROOT / ".venv" / "checkov" / "bin" / "checkov"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checked")
    for overlay in ("province", "city-4502"):
        documents = render(MANIFESTS / "overlays" / overlay).documents
        (folder / f"{overlay}.yaml").write_text("\n---\n".join(json.dumps(document) for document in documents))
    (folder / "Dockerfile").write_text((ROOT / "deploy" / "images" / "Dockerfile").read_text())
    return folder


def checked(folder: Path) -> dict[str, Any]:
    """By framework: the checks that passed and those that failed."""
    command = [CHECKOV, "--directory", folder, "--config-file", MANIFESTS / "checkov.yaml", "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {report["check_type"]: report for report in json.loads(done.stdout)}


def test_nothing_is_left_to_mend(folder: Path) -> None:
    reports = checked(folder)
    for framework in ("kubernetes", "dockerfile"):
        failed = [(check["check_id"], check["resource"]) for check in reports[framework]["results"]["failed_checks"]]
        assert failed == []
        assert reports[framework]["summary"]["passed"] > 50


def test_a_container_that_runs_as_root_is_found(folder: Path) -> None:
    # Given the same with a privileged container, When it is checked, Then it is reported
    file = folder / "city-4502.yaml"
    file.write_text(file.read_text().replace('"allowPrivilegeEscalation": false', '"privileged": true'))
    failed = {check["check_id"] for check in checked(folder)["kubernetes"]["results"]["failed_checks"]}
    assert {"CKV_K8S_16", "CKV_K8S_20"} <= failed
