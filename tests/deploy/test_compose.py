"""Docker Compose: each service gets only its own secrets, and no secret has a default."""

from __future__ import annotations

import re
import stat
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import compose, composition
from deploy.cluster.topology import PROVINCE_ACCOUNT
from deploy.compose.secrets import DATA, PROCESSES, Folder
from deploy.keys.key_folder import KeysFolder
from services.kernel.settings import Settings

HERE = Path(compose.__file__).parent


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compose") / "secrets"
    Folder(folder).make()
    return folder


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((HERE / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def told(secrets: Path, part: str) -> dict[str, str]:
    lines = (secrets / f"{part}.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_secrets_are_for_their_owner_only_and_stay_what_they_are(secrets: Path) -> None:
    files = [path for path in secrets.rglob("*") if path.is_file() and path.suffix != ".pub"]
    assert [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    before = {path: path.read_bytes() for path in files}
    Folder(secrets).make()
    assert {path: path.read_bytes() for path in files} == before


def test_every_password_is_its_own(secrets: Path) -> None:
    passwords = [path.read_text() for path in secrets.glob("*.password")]
    assert len(set(passwords)) == len(passwords) == len(composition.PARTIES) + 4
    assert min(map(len, passwords)) >= 32


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_knows_its_own_database_and_keys_and_everybodys_public_keys(secrets: Path, process: str) -> None:
    party = PROCESSES[process]
    mine = told(secrets, process)
    assert [name for name in mine if name.startswith("GUICHUANG_DB_")] == [f"GUICHUANG_DB_{party.upper()}"]
    assert ("GUICHUANG_S3" in mine) == (process in ("documents", "gateway"))
    assert f"//{PROVINCE_ACCOUNT}:" in mine["GUICHUANG_BUS"]
    keys = {path.name for path in (secrets / "keys" / process).iterdir() if path.suffix != ".pub"}
    console = {"console.vault"} if process == "gateway" else set()
    assert keys == {f"{party}.key"} | ({f"{party}.vault"} if party in composition.VAULTS else set()) | console
    folder = KeysFolder(secrets / "keys" / process)
    statement = folder.signer(party).statement({"a": 1}, seconds=60)
    assert all(KeysFolder(secrets / "keys" / other).verifier().read(statement, party) for other in PROCESSES)


def test_compose_runs_every_process_confined_and_watched(model: dict[str, Any]) -> None:
    services = model["services"]
    assert set(PROCESSES) < set(services)
    for process in PROCESSES:
        service = services[process]
        assert service["command"] == ["serve", process]
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
        assert service["user"].startswith("${GUICHUANG_USER:?")
        assert service["volumes"][0] == f"./secrets/keys/{process}:/keys:ro"
        assert service["env_file"] == [f"secrets/{process}.env"]
    steps = {"databases", "topology", "bucket", "backup"}
    assert [name for name, service in services.items() if "healthcheck" not in service] == sorted(steps, key=list(services).index)
    assert [name for name, service in services.items() if "restart" not in service] == sorted(steps, key=list(services).index)


def test_the_passwords_of_a_trial_can_be_read_and_outlive_the_containers(model: dict[str, Any]) -> None:
    gateway = model["services"]["gateway"]
    mounted = dict(volume.split(":")[1::-1] for volume in gateway["volumes"])
    assert mounted[gateway["environment"]["GUICHUANG_VAR"]].startswith("./data/")


def test_every_folder_that_is_mounted_was_made_for_who_writes_in_it(model: dict[str, Any]) -> None:
    mounted = {volume.split(":")[0] for service in model["services"].values() for volume in service.get("volumes", [])}
    assert {folder for folder in mounted if folder.startswith("./data/")} == {f"./data/{name}" for name in DATA}


def test_whatever_compose_hands_out_was_made_and_nothing_secret_is_written_in_it(model: dict[str, Any], secrets: Path) -> None:
    handed = {file for service in model["services"].values() for file in service.get("env_file", [])}
    assert {file for file in handed if not (secrets.parent / file).exists()} == set()
    words = [str(value) for service in model["services"].values() for value in service.get("environment", {}).values()]
    assert [word for word in words if re.search(r"://[^/]*:[^/]*@", word)] == []
    published = [port for service in model["services"].values() for port in service.get("ports", [])]
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_a_backup_is_told_all_databases_and_the_store_and_runs_only_when_asked(model: dict[str, Any], secrets: Path) -> None:
    backup = model["services"]["backup"]
    known = {name for file in backup["env_file"] for name in told(secrets, Path(file).stem)}
    assert {f"GUICHUANG_DB_{party.upper()}" for party in composition.PARTIES} | {"GUICHUANG_S3", "GUICHUANG_BUS"} <= known
    assert backup["profiles"] == ["tools"]


def test_plain_settings_are_settings(model: dict[str, Any]) -> None:
    known = {field.metadata["env"] for field in fields(Settings)}
    given = {name for service in model["services"].values() for name in service.get("environment", {}) if "GUICHUANG" in name}
    assert given - known == set()
