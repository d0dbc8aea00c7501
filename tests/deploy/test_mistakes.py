"""The checks of the overlays catch common mistakes: each mistake is made in a copy of the manifests, and the checks must report
it."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy import k8s
from deploy.k8s.checks import complaints
from deploy.k8s.checks.rendered import NotBuilt, render

MANIFESTS = Path(k8s.__file__).parent


@dataclass(frozen=True, slots=True)
class Mistake:
    """In `file`, `new` replaces `old`; the checks of `overlay` must report it in these words."""

    what: str
    file: str
    old: str
    new: str
    told: str
    overlay: str


MISTAKES = [Mistake(**row) for row in tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text())["mistake"]]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("manifests") / "k8s"
    shutil.copytree(MANIFESTS, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return folder


@pytest.fixture
def edited(copy: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, Mistake]]:
    mistake: Mistake = request.param
    file = copy / mistake.file
    before = file.read_text(encoding="utf-8")
    assert mistake.old in before, f"{mistake.file} changed: make the mistake again"
    file.write_text(before.replace(mistake.old, mistake.new), encoding="utf-8")
    yield copy, mistake
    file.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("edited", MISTAKES, indirect=True, ids=lambda mistake: mistake.what)
def test_a_mistake_is_told(edited: tuple[Path, Mistake]) -> None:
    folder, mistake = edited
    try:
        told = complaints(render(folder / "overlays" / mistake.overlay))
    except NotBuilt as error:
        told = [str(error)]
    assert any(mistake.told in complaint for complaint in told), told
