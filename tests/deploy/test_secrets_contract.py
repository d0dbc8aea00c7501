"""docs/operations/secrets.md lists every Secret that the manifests use, with its keys and its readers, and no other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy import composition
from services.kernel.settings import SERVICES, Settings
from tests.deploy.manifests import built

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "docs/operations/secrets.md"
PROCESSES = (*SERVICES, "identity", "gateway", "console")
#: The code of the city that represents all cities in these tests. In the names of Secrets, the documentation writes CODE in its
#: place.
CITY = "450200"


@pytest.fixture(scope="module")
def objects() -> dict[str, list[dict[str, Any]]]:
    return {"province": built("province"), "each city": built(f"city-{CITY[:4]}")}


def wanted(thing: Any) -> Iterator[tuple[str, str | None]]:
    """Yield (Secret, key) for each field of an object that names a Secret. The key is None if the field uses the whole Secret."""
    if isinstance(thing, list):
        for part in thing:
            yield from wanted(part)
    if not isinstance(thing, dict):
        return
    for name, value in thing.items():
        match name:
            case "secretKeyRef" | "accessKeyId" | "secretAccessKey":
                yield value["name"], value["key"]
            case "secretTargetRef":
                yield from ((row["name"], row["key"]) for row in value)
            case "secret" | "importCredentialsSecret" | "passwordSecret" | "uriSecret":
                yield value["name"], None
            case "secretName":
                yield value, None
            case "certificateRefs":
                yield from ((row["name"], None) for row in value)
            case _:
                yield from wanted(value)


def table() -> dict[str, dict[str, Any]]:
    rows = {}
    for line in CONTRACT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `guichuang-") and len(cells) == 5:
            name, keys, where, readers, _ = cells
            rows[name.strip("`")] = {"keys": set(re.findall(r"`([^`]+)`", keys)), "where": where, "readers": readers.split(", ")}
    return rows


def general(name: str) -> str:
    """Return the Secret's name as the documentation writes it, with CODE in place of a city's code."""
    return re.sub(r"(bureau|link|upstream)-45\d{4}$", r"\1-CODE", name)


def test_the_contract_has_every_secret_that_is_wanted_and_no_other(objects: dict[str, list[dict[str, Any]]]) -> None:
    for where, found in objects.items():
        asked = {general(name) for item in found for name, _ in wanted(item)}
        assert asked == {name for name, row in table().items() if where in row["where"]}, where


def test_the_contract_has_every_key_that_is_wanted(objects: dict[str, list[dict[str, Any]]]) -> None:
    asked = defaultdict(set)
    for found in objects.values():
        for item in found:
            for name, key in wanted(item):
                if key:
                    asked[general(name)].add(key)
    assert {name: keys - table()[name]["keys"] for name, keys in asked.items() if keys - table()[name]["keys"]} == {}


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_is_given_what_the_contract_says_it_reads(objects: dict[str, list[dict[str, Any]]], process: str) -> None:
    [deployment] = [o for o in objects["province"] if o["kind"] == "Deployment" and o["metadata"]["name"] == process]
    given = {name for name, _ in wanted(deployment)}
    asked = {process} if process == "console" else {process, "every process on the bus"}
    readers = {name for name, row in table().items() if asked & set(row["readers"])}
    assert given == readers


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_has_its_own_database_and_key_alone(objects: dict[str, list[dict[str, Any]]], process: str) -> None:
    party = "gateway" if process == "identity" else process
    [deployment] = [o for o in objects["province"] if o["kind"] == "Deployment" and o["metadata"]["name"] == process]
    given = {name for name, _ in wanted(deployment)}
    for other in composition.PARTIES:
        assert (f"guichuang-db-{other}" in given) == (other == party)
        assert (f"guichuang-key-{other}" in given) == (other == party)


def test_every_variable_that_is_set_is_a_setting(objects: dict[str, list[dict[str, Any]]]) -> None:
    known = {field.metadata["env"] for field in Settings.__dataclass_fields__.values()}
    given = set()
    for item in objects["province"] + objects["each city"]:
        if item["kind"] in ("Deployment", "Job"):
            pod = item["spec"]["template"]["spec"]
            for container in [*pod["containers"], *pod.get("initContainers", [])]:
                given |= {row["name"] for row in container.get("env", []) if row["name"].startswith("GUICHUANG_")}
        if item["kind"] == "ConfigMap":
            given |= {name for name in item["data"] if name.startswith("GUICHUANG_")}
    assert given - known == set()
