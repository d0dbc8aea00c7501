"""`kubectl apply` deletes no object. Therefore the documentation lists the objects that a change of the table removes from an
overlay, and objects that contain data are protected against pruning."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.k8s.checks import safety
from deploy.k8s.generated import write
from deploy.k8s.tenants import read
from tests.deploy.manifests import HERE, build, built, vanished

PAGE = Path(HERE).parents[1] / "docs/operations/kubernetes.md"
LIUZHOU = 'namespace = "guichuang-450200", '
SERVED = 'Liuzhou Bureau of Science and Technology", own_review = '
OUTSIDE = (
    "[external]\n",
    '[external]\nbroker = { networks = ["192.0.2.20/32"], port = 5671 }\n'
    'database = { networks = ["192.0.2.30/32"], port = 5432 }\n',
)
BEIHAI, FANGCHENGGANG = (
    f'{name} Bureau of Science and Technology", own_review = true, replicas = [2, 4], database = "'
    for name in ("Beihai", "Fangchenggang")
)
SHARED, SHARED_TOO = ((f'{city}cnpg"', f'{city}shared"') for city in (BEIHAI, FANGCHENGGANG))
HPA = ('scaling = "keda"', 'scaling = "hpa"')

Edits = tuple[tuple[str, str], ...]
#: For each change that the documentation names: the overlay, and the edits of the table before and after the change.
CHANGES: dict[str, tuple[str, Edits, Edits]] = {
    "`own_review = true` → `false`": ("city-4502", (), ((SERVED + "true", SERVED + "false"),)),
    '`own_review = true` → `false`, with `scaling = "hpa"`': ("city-4502", (HPA,), (HPA, (SERVED + "true", SERVED + "false"))),
    '`scaling = "keda"` → `"hpa"`': ("province", (), (HPA,)),
    "`monitoring = true` → `false`": ("province", (), (("monitoring = true", "monitoring = false"),)),
    '`broker = "own"` of a city → none': (
        "city-4502",
        ((LIUZHOU, LIUZHOU + 'broker = "own", host = "liuzhou.guichuang.example", '),),
        (),
    ),
    '`console = "own"` of a city → none': (
        "city-4502",
        ((LIUZHOU, LIUZHOU + 'console = "own", host = "liuzhou.guichuang.example", '),),
        (),
    ),
    '`database = "cnpg"` → `"external"`': ("province", (), (OUTSIDE, ('database = "cnpg"', 'database = "external"'))),
    '`database = "cnpg"` of a city → `"shared"`': ("city-4505", (), (SHARED,)),
    '`database = "shared"` of a city → `"cnpg"`': ("city-4505", (SHARED,), ()),
    '`database = "shared"` of a city → `"cnpg"`, the overlay `databases`': ("databases", (SHARED, SHARED_TOO), (SHARED_TOO,)),
    '`broker = "cluster"` of the province → `"external"`': (
        "province",
        (),
        (OUTSIDE, ('broker = "cluster"', 'broker = "external"')),
    ),
}


def rendered(folder: Path, overlay: str, edits: Edits) -> list[dict[str, Any]]:
    """Return the objects of an overlay that is generated from the table with these edits."""
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    table = folder / "tenants.toml"
    text = table.read_text(encoding="utf-8")
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    table.write_text(text, encoding="utf-8")
    write(read(table), folder)
    return build(folder, overlay)


@pytest.mark.parametrize("change", CHANGES)
def test_the_page_lists_what_a_change_takes_out_of_an_overlay(tmp_path: Path, change: str) -> None:
    overlay, before, after = CHANGES[change]
    gone = vanished(rendered(tmp_path / "before", overlay, before), rendered(tmp_path / "after", overlay, after))
    kinds = ", ".join(f"`{kind}`" for kind in sorted({kind for kind, _ in gone})) or "nothing"
    rows = dict(re.findall(r"^\| (`.+?) \| (nothing|`.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows.get(change) == kinds, f"| {change} | {kinds} |"


@pytest.mark.parametrize("overlay", ["province", "city-4502"])
def test_argo_cd_prunes_nothing_that_holds_data(overlay: str) -> None:
    keeping = [item for item in built(overlay) if item["kind"] in safety.KEEPS_DATA]
    assert {item["kind"] for item in keeping} >= {"Namespace", "Cluster", "PersistentVolumeClaim"}
    assert [item["kind"] for item in keeping if not safety.is_kept(item)] == []


def test_kubectl_knows_the_options_that_the_page_names() -> None:
    command = [Path(sys.executable).with_name("kubectl"), "apply", "--help"]
    surroundings = os.environ | {"KUBECTL_APPLYSET": "true"}
    told = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"KUBECTL_APPLYSET=true kubectl (apply .+)", PAGE.read_text(encoding="utf-8"))
    words = set(re.findall(r"--[a-z-]+", " ".join(commands)))
    assert {"--prune", "--applyset", "--dry-run"} <= words
    assert {word for word in words if f"{word}=" not in told} == set()
