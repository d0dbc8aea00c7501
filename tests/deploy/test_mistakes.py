"""Our checks of the overlays find the mistakes that people make: a test makes each mistake of mistakes.toml in a copy of the
manifests, and the checks must report it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.k8s.checks import complaints
from deploy.k8s.checks.rendered import NotBuilt, render
from tests.deploy.mistakes import CHECKOV, MISTAKES, Mistake, copy_manifests, made

OURS = [mistake for mistake in MISTAKES if not mistake.told.startswith(CHECKOV)]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_manifests(tmp_path_factory.mktemp("manifests"))


@pytest.mark.parametrize("mistake", OURS, ids=lambda mistake: mistake.what)
def test_a_mistake_is_told(mistake: Mistake, copy: Path) -> None:
    with made(mistake, copy) as overlay:
        try:
            told = complaints(render(overlay))
        except NotBuilt as error:
            told = [str(error)]
    assert any(mistake.told in complaint for complaint in told), told
