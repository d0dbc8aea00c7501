"""The Secrets for Kubernetes are generated once, match the documented contract, and are consistent with one another."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.k8s.checks.references import secrets as contract
from deploy.k8s.secrets import BROUGHT, Maker
from deploy.k8s.tenants import read
from deploy.keys.key_folder import KeysFolder
from tests.deploy.manifests import HERE
from tests.deploy.test_secrets_contract import general, table

Made = dict[tuple[str, str], dict[str, Any]]


def make(folder: Path) -> Made:
    """Generate the Secrets; return (namespace, name) → manifest."""
    written = Maker(read(HERE / "tenants.toml"), folder, "a certificate").make()
    manifests = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in written]
    return {(one["metadata"]["namespace"], one["metadata"]["name"]): one for one in manifests}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secrets")


@pytest.fixture(scope="module")
def made(folder: Path) -> Made:
    return make(folder)


def test_every_secret_of_the_contract_is_made_or_brought_by_others(made: Made) -> None:
    secrets = {key for key, one in made.items() if one["kind"] == "Secret"}
    for where, namespace in (("province", "guichuang"), ("each city", "guichuang-450200")):
        wanted = {name for name, row in table().items() if where in row["where"] and "own broker" not in row["where"]} - set(
            BROUGHT
        )
        assert {general(name) for space, name in secrets if space == namespace} == wanted


def test_a_secret_has_the_keys_of_the_contract(made: Made) -> None:
    for (_, name), one in made.items():
        if one["kind"] == "Secret":
            of_databases = {"username", "password"} if one["type"] == "kubernetes.io/basic-auth" else set()
            keys = {re.sub(r"45[0-9]{4}", "CODE", key) for key in one["stringData"]}
            assert keys <= table()[general(name)]["keys"] | of_databases, name


def test_accounts_at_the_broker_have_one_password_on_both_sides(made: Made) -> None:
    for namespace, account in (("guichuang", "province"), ("guichuang-450200", "bureau-450200")):
        uri = urlsplit(made[namespace, "guichuang-bus"]["stringData"]["uri"])
        given = made["guichuang", f"guichuang-broker-{account}"]["stringData"]
        assert (uri.username, uri.password) == (given["username"], given["password"])


def test_no_two_secrets_share_a_password(made: Made) -> None:
    words = [one["stringData"]["password"] for one in made.values() if "password" in one.get("stringData", {})]
    assert len(words) == len(set(words)) > 30


def test_a_citys_private_key_is_the_one_whose_public_half_all_have(made: Made, folder: Path) -> None:
    [(file, private)] = made["guichuang-450200", "guichuang-key-review"]["stringData"].items()
    assert file == "review.450200.key"
    public = made["guichuang", "guichuang-public-keys"]["data"]
    assert public == made["guichuang-450200", "guichuang-public-keys"]["data"]
    signer = KeysFolder(folder / "kept/keys").signer("review.450200")
    assert signer.key.public_key() in KeysFolder(folder / "kept/keys").verifier().keys("review.450200")
    assert private == (folder / "kept/keys/review.450200.key").read_text(encoding="utf-8")


def test_making_them_again_changes_nothing_and_none_is_readable_by_others(made: Made, folder: Path) -> None:
    assert make(folder) == made
    assert [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pub" and path.stat().st_mode & 0o077] == []


def test_the_example_for_external_secrets_names_secrets_of_the_contract() -> None:
    documents = list(yaml.safe_load_all((HERE / "external-secrets/example.yaml").read_text(encoding="utf-8")))
    wanted = [one for one in documents if one["kind"] == "ExternalSecret"]
    assert {one["metadata"]["name"] for one in wanted} <= set(contract())
    for one in wanted:
        name = one["metadata"]["name"]
        assert one["spec"]["target"]["name"] == name
        assert one["spec"]["dataFrom"][0]["extract"]["key"] == f"guichuang/{one['metadata']['namespace']}/{name}"
