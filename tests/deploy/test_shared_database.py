"""Small cities that share one PostgreSQL (`database = "shared"`): each city can connect to its own database only, and cannot use
up the connections of another city."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.k8s.checks import complaints, safety
from deploy.k8s.checks.connections import needed_connections
from deploy.k8s.checks.rendered import Rendered, render, selects
from deploy.k8s.generated import drift, files, write
from deploy.k8s.secrets import Maker
from deploy.k8s.tenants import RESERVED, RESERVED_BY_CITY, SHARED_CONNECTIONS, SHARED_NAMESPACE, BadTable, Table, read
from tests.deploy.manifests import HERE, Object, of_kind, one
from tests.deploy.test_secrets_contract import general, table, wanted

#: The codes of two cities that share a database server → the overlay of each.
SHARING = {"450500": "city-4505", "450600": "city-4506"}


def edited(folder: Path, *codes: str, also: tuple[tuple[str, str], ...] = ()) -> Path:
    """Write a copy of the manifests in which the table of tenants lets these cities share a database server; return its
    folder."""
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "tenants.toml"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    shared = [line.replace('"cnpg"', '"shared"') if line.startswith(codes) else line for line in lines]
    text = "".join(shared)
    for before, after in also:
        assert before in text
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")
    return folder


def table_of(folder: Path) -> Table:
    return read(folder / "tenants.toml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = edited(tmp_path_factory.mktemp("shared") / "k8s", *SHARING)
    write(table_of(folder), folder)
    return folder


@pytest.fixture(scope="module")
def overlays(folder: Path) -> dict[str, Rendered]:
    return {name: render(folder / "overlays" / name) for name in ("databases", "province", *SHARING.values())}


def objects(rendered: Rendered) -> list[Object]:
    return [dict(document) for document in rendered.documents]


def test_all_overlays_hold_together(folder: Path, overlays: dict[str, Rendered]) -> None:
    assert [wrong for rendered in overlays.values() for wrong in complaints(rendered)] == []
    assert drift(table_of(folder), folder) == []


def test_without_a_city_that_shares_there_is_no_shared_database() -> None:
    assert not any("databases" in name for name in files(table_of(HERE)))


def test_each_city_has_a_database_and_a_role_of_the_same_name(overlays: dict[str, Rendered]) -> None:
    found = objects(overlays["databases"])
    names = {f"review_{code}" for code in SHARING}
    assert {(item["spec"]["name"], item["spec"]["owner"]) for item in of_kind(found, "Database")} == {
        (name, name) for name in names
    }
    cluster = one(found, "Cluster", "guichuang-db")["spec"]
    assert {role["name"] for role in cluster["managed"]["roles"]} == names
    # Each role can connect only to the database that has the role's name.
    assert [line for line in cluster["postgresql"]["pg_hba"] if "reject" not in line] == [
        "hostssl sameuser all all scram-sha-256"
    ]
    assert not any("superuser" in role or "inRoles" in role for role in cluster["managed"]["roles"])


def test_nothing_that_holds_data_is_pruned(overlays: dict[str, Rendered]) -> None:
    keeping = [item for item in objects(overlays["databases"]) if item["kind"] in safety.KEEPS_DATA]
    assert {item["kind"] for item in keeping} == {"Namespace", "Cluster", "Database"}
    assert [item["kind"] for item in keeping if not safety.is_kept(item)] == []


def test_a_city_that_shares_has_no_server_of_its_own_and_its_own_nightly_archive(overlays: dict[str, Rendered]) -> None:
    for overlay in SHARING.values():
        found = objects(overlays[overlay])
        assert not of_kind(found, "Cluster", "ObjectStore", "ScheduledBackup", "Database")
        assert {item["metadata"]["name"] for item in of_kind(found, "CronJob")} == {"backup", "restore-drill"}
    archive = one(objects(overlays["databases"]), "ObjectStore", "guichuang-db")["spec"]["configuration"]
    assert archive["destinationPath"] == "s3://guichuang-backups/databases"


def test_the_cities_processes_and_the_provinces_operator_reach_it_and_no_one_else(overlays: dict[str, Rendered]) -> None:
    database = objects(overlays["databases"])
    [home] = of_kind(database, "Namespace")
    into = one(database, "NetworkPolicy", "database")["spec"]["ingress"]
    to_server = [peer for rule in into if {"protocol": "TCP", "port": 5432} in rule["ports"] for peer in rule["from"]]

    def allowed(namespace: Object, labels: dict[str, str]) -> bool:
        return any(
            selects(peer.get("namespaceSelector", {"matchLabels": {"none": "none"}}), namespace["metadata"]["labels"])
            and selects(peer.get("podSelector", {}), labels)
            for peer in to_server
        )

    # Kubernetes labels every namespace with its name.
    def named(rendered: Rendered) -> Object:
        [space] = of_kind(objects(rendered), "Namespace")
        labels = {**space["metadata"]["labels"], "kubernetes.io/metadata.name": space["metadata"]["name"]}
        return {**space, "metadata": {**space["metadata"], "labels": labels}}

    ours = {"needs.guichuang/database": "yes"}
    other = render(HERE / "overlays" / "city-4507")
    assert all(allowed(named(overlays[overlay]), ours) for overlay in SHARING.values())
    assert not allowed(named(other), ours)
    assert not allowed(named(overlays["province"]), ours)
    assert allowed(named(overlays["province"]), {"app.kubernetes.io/name": "operator"})
    # and the network policy lets a city's processes connect to the database server's port, and to nothing else in its namespace
    way = one(objects(overlays["city-4505"]), "NetworkPolicy", "to-database")["spec"]["egress"]
    [to] = way[0]["to"]
    assert to["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": home["metadata"]["name"]}
    assert to["podSelector"]["matchLabels"] == {"cnpg.io/cluster": "guichuang-db"}
    assert [port["port"] for rule in way for port in rule["ports"]] == [5432]


def test_a_role_may_hold_what_its_citys_processes_hold_at_their_most(overlays: dict[str, Rendered]) -> None:
    cluster = one(objects(overlays["databases"]), "Cluster", "guichuang-db")["spec"]
    limits = {role["name"]: role["connectionLimit"] for role in cluster["managed"]["roles"]}
    for code, overlay in SHARING.items():
        assert limits[f"review_{code}"] == needed_connections(overlays[overlay]) - RESERVED + RESERVED_BY_CITY
    allowed = int(cluster["postgresql"]["parameters"]["max_connections"])
    assert RESERVED + sum(limits.values()) <= allowed == SHARED_CONNECTIONS


def test_more_cities_than_the_connections_suffice_for_are_refused(tmp_path: Path) -> None:
    codes = [f"45{number:02}00" for number in range(1, 15)]
    with pytest.raises(BadTable, match="GUICHUANG_POOL"):
        table_of(edited(tmp_path / "many", *codes))
    # With smaller connection pools and fewer processes, all connections fit.
    smaller = (
        ("[platform.settings]\n", '[platform.settings]\nGUICHUANG_POOL = "3"\n'),
        ("replicas = [2, 4]", "replicas = [2, 2]"),
    )
    assert len(table_of(edited(tmp_path / "small", *codes, also=smaller)).sharing) == len(codes)


def test_a_limit_above_what_the_server_allows_is_a_fault(overlays: dict[str, Rendered]) -> None:
    copy = json.loads(json.dumps(objects(overlays["databases"])))
    one(copy, "Cluster", "guichuang-db")["spec"]["postgresql"]["parameters"]["max_connections"] = "100"
    assert [wrong for wrong in complaints(Rendered("databases", tuple(copy))) if "connections" in wrong]


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('broker = "cluster"', 'broker = "cluster"\nversion = "0.1.0"', "450000"),
        (
            'namespace = "guichuang-450500", ',
            'namespace = "guichuang-450500", broker = "own", host = "beihai.guichuang.example", ',
            "450500",
        ),
        ('namespace = "guichuang-450700"', 'namespace = "guichuang-databases"', "namespace"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    province = (('database = "cnpg"\nbroker', 'database = "shared"\nbroker'),) if complaint == "450000" else ()
    with pytest.raises(BadTable, match=complaint):
        table_of(edited(tmp_path / "k8s", *SHARING, also=(*province, (before, after))))


def test_both_sides_have_one_password_and_the_city_finds_the_server(folder: Path, tmp_path: Path) -> None:
    written = Maker(table_of(folder), tmp_path, "a certificate").make()
    made: dict[tuple[str, str], Any] = {}
    for path in written:
        manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
        made[manifest["metadata"]["namespace"], manifest["metadata"]["name"]] = manifest
    for code in SHARING:
        given = made[f"guichuang-{code}", "guichuang-db-review"]["stringData"]
        role = made[SHARED_NAMESPACE, f"guichuang-db-bureau-{code}"]["stringData"]
        url = urlsplit(given["url"])
        assert (url.username, url.password) == (role["username"], role["password"]) == (given["username"], given["password"])
        assert (url.hostname, url.path) == (f"guichuang-db-rw.{SHARED_NAMESPACE}.svc", f"/review_{code}")
    assert {name for namespace, name in made if namespace == SHARED_NAMESPACE} == {
        f"guichuang-db-bureau-{code}" for code in SHARING
    }


def test_its_secrets_are_in_the_contract(overlays: dict[str, Rendered]) -> None:
    asked = {general(name) for item in objects(overlays["databases"]) for name, _ in wanted(item)}
    assert asked == {name for name, row in table().items() if "shared database" in row["where"]}
