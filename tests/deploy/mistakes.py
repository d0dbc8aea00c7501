"""The mistakes listed in mistakes.toml, and a copy of the manifests in which a test makes them."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy import k8s

MANIFESTS = Path(k8s.__file__).parent
#: The prefix of the ids of checkov's checks.
CHECKOV = "CKV_"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in the manifests: in `file`, `new` replaces `old`. When `overlay` is then built, our checks must report the
    mistake in the words of `told`; if `told` is the id of one of checkov's checks, that check must fail."""

    what: str
    file: str
    old: str
    new: str
    told: str
    overlay: str


MISTAKES = [Mistake(**row) for row in tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text())["mistake"]]


def copy_manifests(folder: Path) -> Path:
    """Copy the manifests below `folder` and return the copy's folder."""
    shutil.copytree(MANIFESTS, folder / "k8s", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return folder / "k8s"


@contextmanager
def made(mistake: Mistake, copy: Path) -> Iterator[Path]:
    """Make a mistake in a copy of the manifests, yield the folder of the overlay that contains the mistake, and undo it at the
    end."""
    file = copy / mistake.file
    before = file.read_text(encoding="utf-8")
    assert mistake.old in before, f"{mistake.file} changed: make the mistake again"
    file.write_text(before.replace(mistake.old, mistake.new), encoding="utf-8")
    yield copy / "overlays" / mistake.overlay
    file.write_text(before, encoding="utf-8")
