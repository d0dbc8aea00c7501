"""The layout of the repository: no module without a purpose in its name, no overlong module, the same modules in every service,
and a docstring for each command and query."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from deploy.composition import registry_of
from services.kernel.settings import SERVICES

ROOT = Path(__file__).parents[2]
FILES = [
    ROOT / name
    for name in subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    if name.endswith(".py") and (ROOT / name).exists()
]


def test_no_room_without_a_purpose() -> None:
    assert [path for path in FILES if path.stem in ("utils", "helpers", "misc")] == []


def test_rooms_stay_rooms() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in FILES if "migrations" not in path.parts}
    assert {name: lines for name, lines in long.items() if lines > 450} == {}


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_shape(service: str) -> None:
    folder = ROOT / "services" / service
    names = {path.stem if path.suffix == ".py" else path.name for path in folder.iterdir()}
    assert {"README.md", "domain", "tables", "repository", "commands", "queries", "registry", "migrations"} <= names


@pytest.mark.parametrize("service", SERVICES)
def test_every_command_says_what_it_is_for(service: str) -> None:
    registry = registry_of(service)
    operations = [*registry.commands.values(), *registry.queries.values()]
    assert [operation.name for operation in operations if not operation.run.__doc__] == []
