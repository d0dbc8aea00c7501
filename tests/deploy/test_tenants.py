"""The table of tenants: the overlays are generated from it alone, and it agrees with the list of bureaus."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy import composition
from deploy.cluster.topology import bureau_permissions
from deploy.k8s.checks import complaints
from deploy.k8s.checks.rendered import render, selects
from deploy.k8s.generated import drift, files, write
from deploy.k8s.tenants import BadTable, Table, read
from services.kernel.settings import Settings
from services.policy.bureaus import BUREAUS
from tests.deploy.manifests import HERE, build, built, containers, of_kind, one, pods

CITIES = {code for code, bureau in BUREAUS.items() if bureau.tier == "city"}

#: A part of a city's row in the table of tenants: as it is when the city has its own review service, and when the province's
#: deployment serves the city.
OWN = '"Guilin Bureau of Science and Technology", own_review = true'
PREPARED = OWN.replace("true", "false")

Edited = Callable[..., Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """Return a function that copies the manifests, edits the table of tenants in the copy, generates the copy's overlays again,
    and returns its folder."""

    def edit(*changes: tuple[str, str], generate: bool = True) -> Path:
        folder = tmp_path / "k8s"
        shutil.copytree(HERE, folder)
        table = folder / "tenants.toml"
        text = table.read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        table.write_text(text, encoding="utf-8")
        if generate:
            write(read(table), folder)
        return folder

    return edit


def table_of(folder: Path) -> Table:
    return read(folder / "tenants.toml")


def test_the_overlays_are_what_the_table_says() -> None:
    assert drift(table_of(HERE), HERE) == [], "run `make overlays`"


def test_every_city_has_its_row_and_its_own_overlay() -> None:
    table = table_of(HERE)
    assert {city.code for city in table.cities} == CITIES
    assert {f"overlays/city-{code[:4]}/kustomization.yaml" for code in CITIES} < set(files(table))


def test_an_overlay_changed_by_hand_or_left_behind_is_drift(edited: Edited) -> None:
    folder = edited()
    touched = folder / "overlays/city-4502/kustomization.yaml"
    touched.write_text(touched.read_text(encoding="utf-8") + "namePrefix: x\n", encoding="utf-8")
    left = folder / "overlays/city-4599/kustomization.yaml"
    left.parent.mkdir()
    left.write_text("{}")
    found = drift(table_of(folder), folder)
    assert found == ["overlays/city-4502/kustomization.yaml", "overlays/city-4599/kustomization.yaml"]
    assert write(table_of(folder), folder) == found
    assert drift(table_of(folder), folder) == []
    assert not left.exists()


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("柳州市科学技术局", "柳州市科技局", "450200"),
        ('"guichuang-450200"', '"guichuang-450300"', "namespace"),
        ("450200 = {", "450299 = {", "450299"),
        ('scaling = "keda"', 'scaling = "magic"', "scaling"),
        ('broker = "cluster"', 'broker = "external"', "broker"),
        ("GUICHUANG_MAIL_FROM", "GUICHUANG_DB_REVIEW", "GUICHUANG_DB_REVIEW"),
        ("GUICHUANG_MAIL_FROM", "GUICHUANG_MAIL_FORM", "GUICHUANG_MAIL_FORM"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused(edited: Edited, before: str, after: str, complaint: str) -> None:
    folder = edited((before, after), generate=False)
    with pytest.raises(BadTable, match=complaint):
        table_of(folder)


def test_province_and_cities_share_the_bureaus_without_gap_or_overlap(edited: Edited) -> None:
    folder = edited((OWN, PREPARED))
    table = table_of(folder)
    served = [*composition.jurisdictions(Settings(jurisdictions=table.jurisdictions))]
    assert sorted(served) == sorted(table.pooled)
    assert "450300" in served
    assert sorted([*served, *(city.code for city in table.cities if city.own_review)]) == sorted(BUREAUS)


def test_a_city_that_is_served_by_the_province_is_prepared_and_runs_nothing(edited: Edited) -> None:
    folder = edited((OWN, PREPARED))
    city = build(folder, "city-4503")
    assert one(city, "Deployment", "review")["spec"]["replicas"] == 0
    resting = one(city, "ScaledObject", "review")["metadata"]["annotations"]
    assert resting["autoscaling.keda.sh/paused-replicas"] == "0"
    assert one(city, "Job", "migrations")
    trigger = one(build(folder, "province"), "ScaledObject", "review")["spec"]["triggers"][0]
    assert "|450300" in trigger["metadata"]["queueName"]


def test_one_city_is_upgraded_while_the_others_stay(edited: Edited) -> None:
    row = 'namespace = "guichuang-450200", '
    folder = edited((row, row + 'version = "0.2.0", '))
    assert one(build(folder, "city-4502"), "Job", "migrations-0-2-0")
    images = {container["image"] for _, template in pods(build(folder, "city-4503")) for container in containers(template)}
    assert {image.rpartition(":")[2] for image in images} == {"0.1.0"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('image = "guichuang" ', 'image = "registry.example/guichuang" '),
        ('version = "0.1.0"', 'version = "0.2.0"'),
        ("authorities = true", "authorities = false"),
    ],
)
def test_a_change_of_the_migrations_job_gives_it_another_name(edited: Edited, before: str, after: str) -> None:
    changed = build(edited((before, after)), "province")
    old, new = (one(objects, "Job", "migrations-")["metadata"]["name"] for objects in (built("province"), changed))
    assert old != new
    assert new.startswith("migrations-0-2-0-" if "version" in after else "migrations-0-1-0-")


def test_without_keda_operators_and_authorities_of_ones_own_it_builds_too(edited: Edited) -> None:
    folder = edited(
        ('scaling = "keda"', 'scaling = "hpa"'),
        ("authorities = true", "authorities = false"),
        ('broker = "cluster"', 'broker = "external"'),
        ('database = "cnpg"', 'database = "external"'),
        (
            "[external]\n",
            '[external]\nbroker = { networks = ["192.0.2.20/32"], port = 5671 }\n'
            'database = { networks = ["192.0.2.30/32", "192.0.2.31/32"], port = 6432 }\n',
        ),
    )
    for overlay in ("province", "city-4502"):
        objects = build(folder, overlay)
        assert {item["apiVersion"].partition("/")[0] for item in objects} & {
            "keda.sh",
            "rabbitmq.com",
            "postgresql.cnpg.io",
        } == set()
        [rule] = one(objects, "NetworkPolicy", "to-database")["spec"]["egress"]
        assert [place["ipBlock"]["cidr"] for place in rule["to"]] == ["192.0.2.30/32", "192.0.2.31/32"]
        assert rule["ports"] == [{"protocol": "TCP", "port": 6432}]
        assert one(objects, "HorizontalPodAutoscaler", "review")


def test_a_bureaus_account_may_on_the_broker_what_the_topology_says() -> None:
    province = built("province")
    for code in CITIES:
        permission = one(province, "Permission", f"bureau-{code}")["spec"]
        expected = bureau_permissions(code)
        assert permission["permissions"] == {
            "configure": expected.configure,
            "write": expected.write,
            "read": expected.read,
        }
        assert permission["userReference"]["name"] == one(province, "User", f"bureau-{code}")["metadata"]["name"]


def test_a_city_with_a_broker_of_its_own_has_its_own_gateway_and_queues_and_no_account_at_the_provinces(edited: Edited) -> None:
    row = 'namespace = "guichuang-450200", '
    folder = edited((row, row + 'broker = "own", host = "liuzhou.guichuang.example", '))
    city, province = build(folder, "city-4502"), build(folder, "province")
    assert {item["metadata"]["name"] for item in of_kind(city, "Deployment")} == {"review", "identity", "gateway", "console"}
    job = one(city, "Job", "migrations-")["spec"]["template"]
    assert [container["args"] for container in containers(job)] == [
        ["broker", "declare", "review", "gateway"],
        ["migrate", "review", "gateway"],
    ]
    assert {"name": "GUICHUANG_JURISDICTIONS", "value": "450200"} in containers(job)[0]["env"]
    assert one(city, "RabbitmqCluster", "rabbitmq") and one(city, "Database", "gateway")
    assert one(city, "Gateway", "public")["spec"]["listeners"][0]["hostname"] == "liuzhou.guichuang.example"
    door = one(city, "Deployment", "gateway")["spec"]["template"]
    assert "GUICHUANG_S3" not in {row["name"] for row in containers(door)[0]["env"]}
    way = one(city, "NetworkPolicy", "to-broker")["spec"]["egress"][0]["to"][0]["namespaceSelector"]
    assert way == {"matchLabels": {"kubernetes.io/metadata.name": "guichuang-450200"}}
    assert "bureau-450200" not in {item["metadata"]["name"] for item in of_kind(province, "User")}
    [settings] = [item["data"] for item in of_kind(city, "ConfigMap") if "GUICHUANG_JURISDICTIONS" in item["data"]]
    assert (
        settings["GUICHUANG_PROVINCE_URL"] == f"https://{one(province, 'Gateway', 'public')['spec']['listeners'][0]['hostname']}"
    )
    pages = one(city, "Deployment", "console")["spec"]["template"]["metadata"]["labels"]
    assert pages["needs.guichuang/outside"] == "yes"
    assert {"GUICHUANG_FEDERATED": "450200"}.items() <= {
        row for item in of_kind(province, "ConfigMap") for row in item["data"].items()
    }


def test_a_city_with_a_console_of_its_own_reaches_the_provinces_gateway_and_nothing_more(edited: Edited) -> None:
    row = 'namespace = "guichuang-450200", '
    folder = edited((row, row + 'console = "own", host = "liuzhou.guichuang.example", '))
    city, province = build(folder, "city-4502"), build(folder, "province")
    assert {item["metadata"]["name"] for item in of_kind(city, "Deployment")} == {"review", "console"}
    [settings] = [item["data"] for item in of_kind(city, "ConfigMap") if "GUICHUANG_JURISDICTIONS" in item["data"]]
    assert settings["GUICHUANG_CONSOLE_API"] == "http://gateway.guichuang.svc"
    assert {item["metadata"]["name"] for item in of_kind(city, "HTTPRoute")} == {"console", "to-https"}
    assert one(city, "Gateway", "public")["spec"]["listeners"][0]["hostname"] == "liuzhou.guichuang.example"
    template = one(city, "Deployment", "console")["spec"]["template"]
    [let_in] = one(province, "NetworkPolicy", "api")["spec"]["ingress"][0]["from"]
    [namespace] = of_kind(city, "Namespace")
    assert selects(let_in["namespaceSelector"], namespace["metadata"]["labels"])
    assert selects(let_in["podSelector"], template["metadata"]["labels"])
    assert [wrong for name in ("province", "city-4502") for wrong in complaints(render(folder / "overlays" / name))] == []


def test_a_console_of_its_own_needs_a_host(edited: Edited) -> None:
    folder = edited(('namespace = "guichuang-450200", ', 'namespace = "guichuang-450200", console = "own", '), generate=False)
    with pytest.raises(BadTable, match="then it has a host"):
        read(folder / "tenants.toml")


def test_events_cross_between_the_brokers_of_the_province_and_of_a_city_apart(edited: Edited) -> None:
    row = 'namespace = "guichuang-450200", '
    folder = edited((row, row + 'broker = "own", host = "liuzhou.guichuang.example", '))
    city, province = build(folder, "city-4502"), build(folder, "province")
    for here, there in ((province, "450200"), (city, "450000")):
        fetching = one(here, "Federation", f"from-{there}")["spec"]
        assert fetching["uriSecret"] == {"name": f"guichuang-upstream-{there}"}
        assert one(here, "Policy", f"from-{there}")["spec"]["definition"] == {"federation-upstream": there}
        assert one(here, "User", f"link-{there}") and one(here, "Permission", f"link-{there}")
    assert "cluster_name = guichuang-450200\n" in one(city, "RabbitmqCluster", "rabbitmq")["spec"]["rabbitmq"]["additionalConfig"]
    assert {item["spec"]["permissions"]["exchange"] for item in of_kind(province, "TopicPermission")} == {
        "application",
        "evaluation",
    }
    declaring = containers(one(province, "Job", "migrations-")["spec"]["template"])[0]
    assert {"name": "GUICHUANG_FEDERATED", "value": "450200"} in declaring["env"]
    assert [wrong for name in ("province", "city-4502") for wrong in complaints(render(folder / "overlays" / name))] == []
