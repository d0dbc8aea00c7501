"""The Secrets for Kubernetes are generated once, match the documented contract, and are consistent with one another."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.k8s.checks.references import secrets as contract
from deploy.k8s.generated import write
from deploy.k8s.secrets import BROUGHT, Maker
from deploy.k8s.tenants import Table, read
from deploy.keys.key_folder import KeysFolder
from services.kernel.messaging.signing import Signer
from tests.deploy.manifests import HERE, build
from tests.deploy.test_secrets_contract import general, table, wanted

Made = dict[tuple[str, str], dict[str, Any]]

#: The namespaces of two cities in the table that `apart` returns: the first city has a broker of its own, the second a console of
#: its own.
BROKER, CONSOLE = "guichuang-450200", "guichuang-450300"


def tenants() -> Table:
    return read(HERE / "tenants.toml")


def apart() -> Table:
    """Return the table of tenants, changed so that one city has a broker of its own and another city a console of its own."""
    own: dict[str, dict[str, Any]] = {BROKER: {"own_broker": True}, CONSOLE: {"own_console": True}}
    cities = (replace(city, host=f"{city.code}.example", **own.get(city.namespace, {})) for city in tenants().cities)
    return replace(tenants(), cities=tuple(cities))


def make(folder: Path, table: Table) -> Made:
    """Generate the Secrets for a table of tenants in `folder`; return (namespace, name) → manifest."""
    written = Maker(table, folder, "a certificate").make()
    manifests = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in written]
    return {(one["metadata"]["namespace"], one["metadata"]["name"]): one for one in manifests}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secrets")


@pytest.fixture(scope="module")
def made(folder: Path) -> Made:
    return make(folder, tenants())


@pytest.fixture(scope="module")
def made_apart(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("apart"), apart())


def test_every_secret_of_the_contract_is_made_or_brought_by_others(made: Made) -> None:
    secrets = {key for key, one in made.items() if one["kind"] == "Secret"}
    for where, namespace in (("province", "guichuang"), ("each city", "guichuang-450200")):
        listed = {name for name, row in table().items() if where in row["where"] and "own broker" not in row["where"]}
        assert {general(name) for space, name in secrets if space == namespace} == listed - set(BROUGHT)


def test_a_secret_has_the_keys_of_the_contract(made: Made, made_apart: Made) -> None:
    for (_, name), one in [*made.items(), *made_apart.items()]:
        if one["kind"] == "Secret":
            of_databases = {"username", "password"} if one["type"] == "kubernetes.io/basic-auth" else set()
            keys = {re.sub(r"45[0-9]{4}", "CODE", key) for key in one["stringData"]}
            assert keys <= table()[general(name)]["keys"] | of_databases, name


def test_accounts_at_the_broker_have_one_password_on_both_sides(made: Made) -> None:
    for namespace, account in (("guichuang", "province"), ("guichuang-450200", "bureau-450200")):
        uri = urlsplit(made[namespace, "guichuang-bus"]["stringData"]["uri"])
        given = made["guichuang", f"guichuang-broker-{account}"]["stringData"]
        assert (uri.username, uri.password) == (given["username"], given["password"])


def test_no_two_secrets_share_a_password(made: Made, made_apart: Made) -> None:
    for secrets in (made, made_apart):
        words = [one["stringData"]["password"] for one in secrets.values() if "password" in one.get("stringData", {})]
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
    assert make(folder, tenants()) == made
    assert [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pub" and path.stat().st_mode & 0o077] == []


def test_cities_with_a_broker_or_a_console_of_their_own_get_every_secret_that_their_overlays_use(
    made_apart: Made, tmp_path: Path
) -> None:
    # Given the overlays of a table in which one city has its own broker and another its own console
    shutil.copytree(HERE, tmp_path / "k8s", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    write(apart(), tmp_path / "k8s")
    for tenant in (apart().province, *apart().cities[1:3]):
        # When the overlays of the province and of these two cities are built
        asked: defaultdict[str, set[str | None]] = defaultdict(set)
        for name, key in wanted(build(tmp_path / "k8s", tenant.overlay)):
            asked[name].add(key)
        # Then every Secret that an overlay names is generated, with every key that the overlay reads, except the Secrets in
        # BROUGHT, which operators create themselves; and no other Secret is generated
        given = {
            name: one["stringData"] for (space, name), one in made_apart.items() if space == tenant.namespace and "type" in one
        }
        assert set(given) == set(asked) - set(BROUGHT), tenant.code
        assert {name: missing for name in given if (missing := asked[name] - {None} - set(given[name]))} == {}


def test_two_brokers_log_in_at_one_another_with_the_account_that_exists_there(made_apart: Made) -> None:
    for here, there, account, server in (
        ("guichuang", BROKER, "link-450000", "450200"),
        (BROKER, "guichuang", "link-450200", "450000"),
    ):
        uri = urlsplit(made_apart[here, f"guichuang-upstream-{server}"]["stringData"]["uri"])
        given = made_apart[there, f"guichuang-broker-{account}"]["stringData"]
        assert (uri.username, uri.password, uri.hostname) == (account, given["password"], f"rabbitmq.{there}.svc")
        assert given["username"] == account


def test_a_city_with_a_broker_of_its_own_uses_that_broker_and_is_unknown_at_the_provinces(made_apart: Made) -> None:
    for secret, key, account in (
        ("bus", "uri", "bureau-450200"),
        ("scaler", "uri", "scaler"),
        ("scaler", "management", "scaler"),
    ):
        uri = urlsplit(made_apart[BROKER, f"guichuang-{secret}"]["stringData"][key])
        given = made_apart[BROKER, f"guichuang-broker-{account}"]["stringData"]
        assert (uri.username, uri.password) == (given["username"], given["password"])
        assert uri.hostname == f"rabbitmq.{BROKER}.svc"
    assert ("guichuang", "guichuang-broker-bureau-450200") not in made_apart


def test_a_citys_own_gateway_has_its_own_keys_which_only_that_city_trusts(made_apart: Made) -> None:
    for name in ("gateway", "console"):
        own, provinces = (made_apart[space, f"guichuang-key-{name}"]["stringData"] for space in (BROKER, "guichuang"))
        assert own.keys() == provinces.keys()
        assert not set(own.values()) & set(provinces.values())
    assert made_apart[CONSOLE, "guichuang-key-console"]["stringData"].keys() == {"console.vault"}
    trusted = {space: made_apart[space, "guichuang-public-keys"]["data"] for space in ("guichuang", BROKER, CONSOLE)}
    assert trusted[CONSOLE] == trusted["guichuang"]
    assert {name for name in trusted[BROKER] if trusted[BROKER][name] != trusted["guichuang"][name]} == {"gateway.pub"}
    assert trusted[BROKER].keys() == trusted["guichuang"].keys()
    private = made_apart[BROKER, "guichuang-key-gateway"]["stringData"]["gateway.key"]
    assert trusted[BROKER]["gateway.pub"] == Signer("gateway", private.strip()).public


def test_the_example_for_external_secrets_names_secrets_of_the_contract() -> None:
    documents = list(yaml.safe_load_all((HERE / "external-secrets/example.yaml").read_text(encoding="utf-8")))
    fetched = [one for one in documents if one["kind"] == "ExternalSecret"]
    assert {general(one["metadata"]["name"]) for one in fetched} <= set(contract())
    for one in fetched:
        name = one["metadata"]["name"]
        assert one["spec"]["target"]["name"] == name
        assert one["spec"]["dataFrom"][0]["extract"]["key"] == f"guichuang/{one['metadata']['namespace']}/{name}"
