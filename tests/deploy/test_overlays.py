"""Every overlay, and every combination of the table's options, can be built, is valid and is consistent."""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from deploy import k8s
from deploy.k8s.checks import complaints
from deploy.k8s.checks.rendered import Rendered, render
from deploy.k8s.generated import write
from deploy.k8s.tenants import Outside, Table, read

MANIFESTS = Path(k8s.__file__).parent
OVERLAYS = sorted(path.name for path in (MANIFESTS / "overlays").iterdir())


#: The options of an overlay's table: scaling, databases, broker, private certificate authorities, an independent city,
#: monitoring.
CHOICES = list(
    product(("keda", "hpa"), ("cnpg", "external"), ("cluster", "external"), (True, False), (True, False), (True, False))
)

Choice = tuple[str, str, str, bool, bool, bool]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_holds_together(overlay: str) -> None:
    assert complaints(render(MANIFESTS / "overlays" / overlay)) == []


def test_every_combination_of_parts_holds_together(tmp_path: Path) -> None:
    # Given a table for each combination of options, When the overlays of the province and of a city are written and built
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        built = list(threads.map(lambda numbered: _built(tmp_path / str(numbered[0]), numbered[1]), enumerate(CHOICES)))
    # Then the checks find no fault in any overlay
    told = {
        choice: wrong for choice, overlays in zip(CHOICES, built, strict=True) for each in overlays if (wrong := complaints(each))
    }
    assert told == {}
    # and a Job whose template differs has a different name, because Kubernetes would refuse to change the template
    templates: dict[tuple[str, str], set[str]] = {}
    for each in (overlay for overlays in built for overlay in overlays):
        for job in each.of("Job"):
            where = job["metadata"]["namespace"], job["metadata"]["name"]
            templates.setdefault(where, set()).add(json.dumps(job["spec"], sort_keys=True))
    assert len(templates) > 2
    assert [where for where, different in templates.items() if len(different) > 1] == []


def _built(folder: Path, choice: Choice) -> list[Rendered]:
    scaling, database, broker, authorities, own_review, monitoring = choice
    table = read(MANIFESTS / "tenants.toml")
    city = replace(table.cities[0], own_review=own_review, database=database)
    chosen = replace(
        table,
        scaling=scaling,
        broker=broker,
        authorities=authorities,
        monitoring=monitoring,
        outside=_outside(table),
        province=replace(table.province, database=database),
        cities=(city, *table.cities[1:]),
    )
    shutil.copytree(MANIFESTS, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    write(chosen, folder)
    return [render(folder / "overlays" / overlay) for overlay in (table.province.overlay, city.overlay)]


def _outside(table: Table) -> dict[str, Outside]:
    return {"database": Outside(("192.0.2.20/32",), 5432), "broker": Outside(("192.0.2.30/32",), 5671)} | table.outside
